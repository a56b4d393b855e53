"""What the page says of a total's parts, of causes of its change, and of two readings of a product."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from exchange.domain.change_causes import ChainCause
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year
from exchange.services.chain_cells import ChainCell, Change
from exchange.services.chain_parts_view import CauseView, OriginView, ReadingView
from exchange.web.chain_origin import CAUSES, cause_table, origin_tables, readings_view
from exchange.web.formats import NO_BREAK
from exchange.web.reader import reader_of

ENGLISH = reader_of("en")
D = Decimal


def part(kind: str, name: str, value: str, **facts: object) -> OriginView:
    one = OriginView(kind, name, D(value), None, None, None, is_declared=False, many=1)
    return replace(one, **facts)  # type: ignore[arg-type]


CELL = ChainCell(
    Indicator.CO2E,
    year(2025),
    "released",
    "KGM",
    value=D("1090"),
    origin=(
        part("tier", "", "10", tier=0),
        part("tier", "", "1080"),
        part("product", "Steel wire", "1000", is_declared=True),
        part("product", "", "90", many=3),
    ),
    previous=Change(
        year(2024), None, None, None, None, (), (CauseView("volume", D(16)), CauseView("intensity", D(-22)))
    ),
)


def plain(text: str) -> str:
    return text.replace(NO_BREAK, " ")


def test_parts_are_said_in_the_indicators_unit_and_all_their_digits() -> None:
    (table,) = origin_tables(ENGLISH, [CELL])
    assert (table.name, plain(table.total)) == ("CO2 emissions", "1,090 kg")
    said = [
        (group.name, [(row.name, plain(row.amount), row.share) for row in group.rows])
        for group in table.groups
    ]
    assert said == [
        (
            "By distance",
            [("The products asked for", "10 kg", "1%"), ("Everything behind that", "1,080 kg", "99%")],
        ),
        ("By product", [("Steel wire", "1,000 kg", "92%"), ("3 more", "90 kg", "8%")]),
    ]
    assert [row.is_declared for row in table.groups[1].rows] == [True, False]


def test_causes_stand_beside_each_other_with_their_sign_and_sum() -> None:
    water = replace(CELL, indicator=Indicator.WATER, unit="MTQ", previous=replace(CELL.previous, causes=()))
    table = cause_table(ENGLISH, [water, CELL])
    assert table is not None
    assert (table.reference, table.indicators, table.note) == ("2024", ("CO2 emissions",), "")
    assert [(name, [plain(one) for one in amounts]) for name, amounts in table.rows] == [
        ("More or less was asked for or made", ["+16 kg"]),
        ("Own effect per unit", ["−22 kg"]),
    ]
    assert [plain(one) for one in table.sums] == ["−6 kg"]
    assert cause_table(ENGLISH, [water]) is None
    assert set(CAUSES) == set(ChainCause)


def test_the_owner_of_an_initiative_reads_what_its_line_means() -> None:
    assert CELL.previous is not None
    seen = replace(CELL.previous, causes=(CauseView("intensity_where", D(-22)),))
    unseen = replace(CELL.previous, initiative_unseen=True)
    for change, said in ((seen, "it is not its effect alone"), (unseen, "cannot be seen until")):
        table = cause_table(ENGLISH, [replace(CELL, previous=change)])
        assert table is not None and said in table.note


def test_readings_that_agree_as_shown_are_counted_and_not_listed() -> None:
    readings = (
        ReadingView("1", "Steel", "KGM", D("1.5"), D(2), "linked"),
        ReadingView("2", "Bolt", "H87", D("2.0001"), D(2), "declared"),
    )
    view = readings_view(ENGLISH, [replace(CELL, readings=readings)])
    (row,) = view.rows
    assert (row.product, plain(row.declared), plain(row.rolled_up)) == (
        "Steel",
        "1.50 kg CO₂e per kg",
        "2.00 kg CO₂e per kg",
    )
    assert (row.counts, view.agreeing) == ("the recipe counts", "One declared figure agrees with its recipe.")
