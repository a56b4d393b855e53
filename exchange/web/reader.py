"""Who reads the page: the language its sentences, numbers and dates are written in."""

from __future__ import annotations

import gettext
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from exchange.web.formats import Language

DOMAIN = "vcx"
TRANSLATIONS = Path(__file__).parent / "translations"
LANGUAGES: tuple[Language, ...] = ("da", "en")
NAMES: dict[Language, str] = {"da": "Dansk", "en": "English"}


def mark(message: str) -> str:
    """Mark a sentence for translation where no reader is known yet; `Reader.say` translates it later."""
    return message


@dataclass(frozen=True)
class Reader:
    """A language with its catalogue. The source sentences are English."""

    language: Language
    catalogue: gettext.NullTranslations

    def say(self, message: str, **values: object) -> str:
        """The sentence in the reader's language, `%(name)s` filled from `values`."""
        text = self.catalogue.gettext(message)
        return text % values if values else text

    def say_many(self, singular: str, plural: str, count: int, **values: object) -> str:
        """The sentence for one or for many; `%(count)s` is the number."""
        return self.catalogue.ngettext(singular, plural, count) % {"count": count, **values}

    def list_of(self, items: Sequence[str]) -> str:
        """`a, b and c`."""
        if len(items) < 2:
            return "".join(items)
        return self.say("%(first)s and %(last)s", first=", ".join(items[:-1]), last=items[-1])


@cache
def reader_of(language: Language) -> Reader:
    """The reader of one language; English is the source and needs no catalogue."""
    if language == "en":
        return Reader(language, gettext.NullTranslations())
    return Reader(language, gettext.translation(DOMAIN, TRANSLATIONS, [language]))
