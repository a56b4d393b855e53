"""Words that people write in tables for codes, in Danish and English: units, yes and no, for every reader of tables."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from exchange.domain.quantities import UnitCode

Language: TypeAlias = Literal["da", "en"]
_PUNCTUATION = re.compile(r"[\s_\-./()]+")


def plain(text: str) -> str:
    """A name without what people write differently: case, punctuation, spaces."""
    return _PUNCTUATION.sub(" ", unicodedata.normalize("NFC", text).casefold()).strip()


@dataclass(frozen=True)
class Word:
    """A code, its name in each language, and other names it is known by."""

    code: str
    da: str
    en: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The words of a column, in the order of its drop-down."""

    words: tuple[Word, ...]
    _codes: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, *rows: tuple[str, ...]) -> Vocabulary:
        """Rows of a code, its Danish and its English name, and the other names it is known by."""
        return cls(tuple(Word(row[0], row[1], row[2], row[3:]) for row in rows))

    def __post_init__(self) -> None:
        for word in self.words:
            for name in (word.code, word.da, word.en, *word.also):
                self._codes[plain(name)] = word.code

    def find(self, text: str) -> str | None:
        """The code of a word in either language, None where nobody knows it."""
        return self._codes.get(plain(text))

    def label(self, code: str, language: Language) -> str:
        """What the code is called in a language."""
        return next(word.da if language == "da" else word.en for word in self.words if word.code == code)

    def labels(self, language: Language) -> list[str]:
        """What the drop-down offers."""
        return [word.da if language == "da" else word.en for word in self.words]


FLAGS = Vocabulary.of(
    ("yes", "ja", "yes", "true", "1", "x", "sand"), ("no", "nej", "no", "false", "0", "falsk")
)
# GJ is gigajoule here, as the template's drop-down says. Recommendation 20 calls that GV, and the gram per millilitre,
# which it calls GJ, is no unit of any bill; a reader of tables that may hold codes of the list refuses GJ. Case tells
# nothing apart, since nobody is billed in millijoules; only Mg and mg are both in use, a tonne and a milligram, so
# neither is known.
UNITS = Vocabulary.of(
    (UnitCode.KILOWATT_HOUR, "kWh", "kWh"), (UnitCode.MEGAWATT_HOUR, "MWh", "MWh"), (UnitCode.GIGAJOULE, "GJ", "GJ"),
    (UnitCode.MEGAJOULE, "MJ", "MJ"),
    (UnitCode.CUBIC_METRE, "m3", "m3", "Nm3", "Nm³", "m³", "kubikmeter", "cubic metre", "cubic metres", "kbm"),
    (UnitCode.LITRE, "l", "l", "liter", "litre", "litres", "ltr"),
    (UnitCode.KILOGRAM, "kg", "kg", "kilo", "kilogram", "kgs"),
    (UnitCode.TONNE, "t", "t", "ton", "tons", "tonne", "tonnes"),
    (UnitCode.PIECE, "stk.", "pcs", "styk", "stykker", "pc", "piece", "pieces"),
    (UnitCode.PAIR, "par", "pair", "pairs"),
    (UnitCode.SET, "sæt", "set", "sets"),
    (UnitCode.METRE, "m", "m", "meter", "metre", "metres", "lbm", "løbende meter", "lm"),
    (UnitCode.SQUARE_METRE, "m2", "m2", "m²", "kvm", "kvadratmeter"), (UnitCode.GRAM, "g", "g", "gram"),
    (UnitCode.MILLIGRAM, "milligram", "milligram"), (UnitCode.GIGAWATT_HOUR, "GWh", "GWh"),
    (UnitCode.TERAJOULE, "TJ", "TJ"),
    (UnitCode.KILOJOULE, "kJ", "kJ"), (UnitCode.JOULE, "J", "J"), (UnitCode.ONE, "enhed", "one"),
    (UnitCode.HECTOLITRE, "hl", "hl"), (UnitCode.MILLILITRE, "ml", "ml"), (UnitCode.KILOMETRE, "km", "km"),
    (UnitCode.CENTIMETRE, "cm", "cm"), (UnitCode.MILLIMETRE, "mm", "mm"),
    (UnitCode.SQUARE_KILOMETRE, "km2", "km2", "km²"),
    (UnitCode.HECTARE, "ha", "ha"), (UnitCode.HOUR, "time", "hour", "timer", "hours", "h"),
    (UnitCode.DAY, "dag", "day"),
    (UnitCode.MINUTE, "minut", "minute"), (UnitCode.SECOND, "sekund", "second"),
    (UnitCode.TONNE_KILOMETRE, "tkm", "tkm"),
)  # fmt: skip
