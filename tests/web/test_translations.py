"""The Danish catalogue says everything the pages say, and what is served is what was translated."""

from __future__ import annotations

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from exchange.web.reader import LANGUAGES, reader_of
from tests.web import catalogue

FILES = list(catalogue.po_files())
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def test_every_language_but_the_source_has_a_catalogue() -> None:
    assert {path.parents[1].name for path in FILES} == {
        language for language in LANGUAGES if language != "en"
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parents[1].name)
def test_a_catalogue_says_exactly_what_the_pages_say(path: Path) -> None:
    said = {message.id for message in catalogue.extract() if message.id}
    translated = {message.id for message in catalogue.read(path) if message.id}
    assert said - translated == set(), "run `python -m tests.web.catalogue` and translate"
    assert translated - said == set(), "run `python -m tests.web.catalogue`"


def test_no_sentence_hides_from_the_catalogue() -> None:
    """Inside an f-string the extractor finds no sentence, so that nobody would ever translate it."""
    found = {
        text
        for message in catalogue.extract()
        if message.id
        for text in ([message.id] if isinstance(message.id, str) else message.id)
    }
    written = {text: path.name for path in catalogue.WEB.rglob("*.py") for text in _said_in(path)}
    assert {text: name for text, name in written.items() if text not in found} == {}


def _said_in(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in catalogue.KEYWORDS and isinstance(node.args[0].value, str):
                yield node.args[0].value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parents[1].name)
def test_no_sentence_is_missing_or_fuzzy(path: Path) -> None:
    messages = [message for message in catalogue.read(path) if message.id]
    assert [message.id for message in messages if message.fuzzy] == []
    assert [message.id for message in messages if not catalogue.is_translated(message.string)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parents[1].name)
def test_a_translation_keeps_its_placeholders(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        wanted = set(PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
        for text in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(text)) <= wanted, entry.msgid
            assert set(PLACEHOLDER.findall(text)) >= wanted - {"count", "num"}, entry.msgid


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parents[1].name)
def test_the_compiled_catalogue_is_the_translated_one(path: Path) -> None:
    with path.with_suffix(".mo").open("rb") as file:
        served = gettext.GNUTranslations(file)
    for entry in polib.pofile(str(path)):
        if entry.msgid_plural:
            assert served.ngettext(entry.msgid, entry.msgid_plural, 1) == entry.msgstr_plural[0]
            assert served.ngettext(entry.msgid, entry.msgid_plural, 2) == entry.msgstr_plural[1]
        else:
            assert served.gettext(entry.msgid) == entry.msgstr


@pytest.mark.parametrize(
    ("english", "danish"),
    [
        ("Resource use", "Ressourceforbrug"),
        ("Water use", "Vandforbrug"),
        ("CO2 emissions", "CO2-udledning"),
        ("Energy use", "Energiforbrug"),
        ("Waste generation", "Affaldsgenerering"),
        ("measured", "målt"),
        ("allocated", "fordelt"),
        ("secondary", "sekundær"),
        ("unknown", "ukendt"),
    ],
)
def test_the_fields_own_words_are_used(english: str, danish: str) -> None:
    assert reader_of("da").say(english) == danish
    assert reader_of("en").say(english) == english


def test_a_number_decides_between_one_and_many() -> None:
    one, many = "%(count)s request waits for your answer", "%(count)s requests wait for your answer"
    assert reader_of("da").say_many(one, many, 1) == "1 anmodning venter på dit svar"
    assert reader_of("da").say_many(one, many, 3) == "3 anmodninger venter på dit svar"
    assert reader_of("en").say_many(one, many, 0) == "0 requests wait for your answer"


def test_a_list_ends_with_and() -> None:
    assert reader_of("da").list_of([]) == ""
    assert reader_of("da").list_of(["vand"]) == "vand"
    assert reader_of("da").list_of(["vand", "energi", "affald"]) == "vand, energi og affald"
