"""What there is to translate, read from sources and templates; run as a module, it updates the catalogue.

`python -m tests.web.catalogue` adds new sentences to every .po file (untranslated), drops those no longer
said, and compiles the .mo files beside them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir

from exchange.web.reader import DOMAIN, TRANSLATIONS

WEB = TRANSLATIONS.parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
HEADER = r"""msgid ""
msgstr ""
"Project-Id-Version: vcx\n"
"Language: {language}\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "say_many": (1, 2)}


def extract() -> Catalog:
    """Every sentence of the pages, with the places it is said at."""
    catalogue = Catalog(project="vcx", charset="utf-8", fuzzy=False)
    found = extract_from_dir(WEB, METHODS, {"**.html": {"extensions": "jinja2.ext.i18n"}}, KEYWORDS)
    for path, _line, message, comments, context in found:
        catalogue.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalogue


def po_files() -> Iterator[Path]:
    """The catalogues of all languages but the source's."""
    return iter(sorted(TRANSLATIONS.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


def read(path: Path) -> Catalog:
    """A .po file as it lies there."""
    with path.open("rb") as file:
        return pofile.read_po(file, locale=path.parents[1].name)


def update(path: Path) -> int:
    """Bring a .po file up to date and compile it; returns how many sentences wait for a translation."""
    catalogue = read(path)
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        file.write(HEADER.format(language=path.parents[1].name).encode())
        pofile.write_po(file, catalogue, sort_output=True, include_lineno=False, omit_header=True, width=100)
    polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))
    return sum(not is_translated(message.string) for message in catalogue if message.id)


def is_translated(text: str | list[str] | tuple[str, ...] | None) -> bool:
    """Whether every form of a message has words."""
    forms = [text] if isinstance(text, str) else list(text or [""])
    return all(forms)


if __name__ == "__main__":
    for found in po_files():
        waiting = update(found)
        sys.stdout.write(f"{found}: {waiting} to translate\n")
