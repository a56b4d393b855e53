"""What the signing scripts say is what the pages say: units, words, and a sentence for every refusal."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import schemas
from exchange.services.browser_scripts import FOLDER, script_digests
from exchange.web import formats
from exchange.web.datapoint_words import DATAPOINTS
from exchange.web.formats import Language
from exchange.web.reader import TRANSLATIONS, reader_of
from exchange.web.words import FIELD_GROUPS, INDICATORS, SLICES

SENTENCES = TRANSLATIONS.parent / "templates" / "vcx" / "keys" / "sentences.html"
SAME: dict[str, str] = {
    **INDICATORS,
    **SLICES,
    "figures": "The five indicators",
    "number": "Product number",
    "organisation": "Organisation",
    "key": "Signing key",
    "period": "Period",
}


def script(name: str) -> str:
    """The text of a script."""
    return (FOLDER / name).read_text("utf-8")


def words_of(language: str, table: str = "WORDS") -> dict[str, str]:
    """The words one language has in a table of facts.js."""
    written = script("facts.js").split(f"export const {table} = ")[1].split("\n};")[0]
    block = written.split(f"\n  {language}: {{")[1].split("\n  },")[0]
    return dict(re.findall(r'(\w+): "([^"]+)"', block))


def test_units_are_printed_as_on_every_page() -> None:
    written = script("figures.js").split("export const UNITS = ")[1].split(";\n")[0]
    units: dict[str, Any] = json.loads(written)
    assert units == formats.SYMBOLS | formats.WORDS


@pytest.mark.parametrize("language", ["da", "en"])
def test_words_are_those_of_the_pages(language: Language) -> None:
    said, reader = words_of(language), reader_of(language)
    assert set(said) == set(words_of("en"))
    known = {name: text for name, text in SAME.items() if reader.say(text) != text or language == "en"}
    assert {name: said[name] for name in known} == {name: reader.say(text) for name, text in known.items()}


@pytest.mark.parametrize("language", ["da", "en"])
def test_groups_of_data_are_called_what_every_page_calls_them(language: Language) -> None:
    reader = reader_of(language)
    assert words_of(language, "GROUPS") == {name: reader.say(text) for name, text in FIELD_GROUPS.items()}


@pytest.mark.parametrize("language", ["da", "en"])
def test_main_datapoints_are_those_of_the_schema_and_called_what_the_page_calls_them(
    language: Language,
) -> None:
    reader, said = reader_of(language), words_of(language, "DATAPOINTS")
    schema = json.loads(schemas.schema_bytes(schemas.latest("organisation")))
    assert set(said) == set(schema["properties"]["indicators"]["properties"])
    assert said == {name: reader.say(DATAPOINTS[name]) for name in said}


def test_every_refusal_has_its_sentence_and_no_sentence_is_idle() -> None:
    texts = [script(name) for name in script_digests()]
    asked = {code for text in texts for code in re.findall(r'new Refusal\("([a-z-]+)"\)', text)}
    asked |= set(re.findall(r'^  +require\(.*, "([a-z-]+)"\);$', script("signing_input.js"), re.MULTILINE))
    there = re.findall(r'data-sentence="([a-z-]+)"', SENTENCES.read_text("utf-8"))
    assert sorted(there) == sorted(asked | {"failed"})
