"""What the customer asks its suppliers for, how they answered, and the chains the facilitator follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from exchange.demo.story.model import Yearly, yearly


@dataclass(frozen=True)
class Field:
    """One requested field: path, purpose, and what the purpose rests on."""

    path: str
    purpose: str = "CSRD_REPORTING"
    basis: str | None = None
    mandatory: bool = True


@dataclass(frozen=True)
class Line:
    """A product and a year to be documented."""

    product: str
    year: int
    fields: tuple[Field, ...]
    note: str = ""


@dataclass(frozen=True)
class StoryRequest:
    """A request of the customer's to one supplier, and what the supplier did."""

    supplier: str
    lines: tuple[Line, ...]
    outcome: Literal["open", "granted", "declined"]
    decline_reason: str = ""
    decline_text: str = ""


@dataclass(frozen=True)
class Chain:
    """A product chain: one target product with the amount sold each year."""

    name: str
    target: str
    amounts: Yearly


_FIGURES = (
    Field("indicators/co2e"),
    Field("indicators/energy"),
    Field("quality/co2e", mandatory=False),
)

REQUESTS = (
    StoryRequest(
        "lyngvase",
        (Line("machined-shaft", 2024, _FIGURES), Line("bearing-housing", 2024, _FIGURES)),
        "granted",
    ),
    StoryRequest(
        "lyngvase",
        (
            Line(
                "machined-shaft",
                2025,
                (
                    Field(
                        "commercial/value_added",
                        "CONTRACT_SPECIFICATION",
                        "Supply contract, annex 4 (fictional)",
                        False,
                    ),
                ),
            ),
        ),
        "declined",
        "confidential",
        "Værditilvækst pr. styk er forretningshemmelig; den indgår kun i kædens samlede tal.",
    ),
    StoryRequest(
        "lyngvase",
        (
            Line(
                "machined-shaft",
                2025,
                (
                    *_FIGURES,
                    Field("indicators/water"),
                    Field("indicators/waste"),
                    Field(
                        "composition/materials",
                        "PRODUCT_LAW_ESPR_DPP",
                        "Regulation (EU) 2024/1781, Article 9",
                    ),
                ),
                "Til bæredygtighedsrapporten for 2025.",
            ),
            Line(
                "bearing-housing",
                2025,
                (
                    *_FIGURES,
                    Field(
                        "process/inputs",
                        "CONTRACT_SPECIFICATION",
                        "Supply contract, annex 2 (fictional)",
                        False,
                    ),
                ),
            ),
        ),
        "open",
    ),
    StoryRequest(
        "tvaerbaek",
        (Line("frequency-converter", 2025, _FIGURES, "Mangler i tagaggregatets kæde."),),
        "open",
    ),
)

# The first chain is documented throughout; in the second one supplier has published nothing yet and another
# has CO2e only, so its totals say "at least".
CHAINS = (
    Chain("Ventilationsaggregat VA-400 (demo)", "ventilation-unit", yearly("4000", "4300", "4600")),
    Chain("Tagaggregat TA-900 (demo)", "roof-unit", yearly("600", "620", "640")),
)
