"""What the page says of a total's parts, of causes of its change, and of two readings of a product."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange.domain.change_causes import ChainCause
from exchange.domain.indicators import Indicator
from exchange.domain.periods import year
from exchange.services.chain_cells import ChainCell, Change
from exchange.services.chain_parts_view import CauseView, OriginView, ReadingView
from exchange.services.rollup.wanted import ChainKind
from exchange.web.chain_amounts import Sum, scales_of
from exchange.web.chain_origin import CAUSES, OTHERS, TITLES, cause_table, origin_tables, readings_view
from exchange.web.formats import NO_BREAK, choose_scale
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


SCALES = scales_of([CELL])


def plain(text: str) -> str:
    return text.replace(NO_BREAK, " ")


def test_parts_are_said_in_the_unit_of_the_tile_and_as_finely_as_the_finest() -> None:
    (table,) = origin_tables(ENGLISH, [CELL], SCALES)
    assert (table.name, plain(table.total)) == ("CO2 emissions", "1.09 t CO₂e")
    said = [
        (group.name, [(row.name, plain(row.amount), row.share) for row in group.rows])
        for group in table.groups
    ]
    assert said == [
        (
            "By distance",
            [("The end products", "0.01 t CO₂e", "1%"), ("Tier 4 and further back", "1.08 t CO₂e", "99%")],
        ),
        ("By product", [("Steel wire", "1.00 t CO₂e", "92%"), ("3 more", "0.09 t CO₂e", "8%")]),
    ]
    assert [row.is_declared for row in table.groups[1].rows] == [True, False]


def test_causes_stand_beside_each_other_with_their_sign_and_sum() -> None:
    water = replace(CELL, indicator=Indicator.WATER, unit="MTQ", previous=replace(CELL.previous, causes=()))
    table = cause_table(ENGLISH, [water, CELL], SCALES)
    assert table is not None
    assert (table.reference, table.indicators, table.note) == ("2024", ("CO2 emissions",), "")
    assert [(name, [plain(one) for one in amounts]) for name, amounts in table.rows] == [
        ("Larger or smaller amounts", ["+0.016 t CO₂e"]),
        ("Own effect per unit", ["−0.022 t CO₂e"]),
    ]
    assert [plain(one) for one in table.sums] == ["−0.006 t CO₂e"]
    assert cause_table(ENGLISH, [water], SCALES) is None
    assert {*CAUSES, ChainCause.MEMBERSHIP} == set(ChainCause)
    assert set(TITLES) == set(Indicator)


def test_the_owner_of_an_initiative_reads_what_its_line_means() -> None:
    assert CELL.previous is not None
    seen = replace(CELL.previous, causes=(CauseView("intensity_where", D(-22)),))
    unseen = replace(CELL.previous, initiative_unseen=True)
    for change, said in ((seen, "it is not its effect alone"), (unseen, "cannot be seen until")):
        table = cause_table(ENGLISH, [replace(CELL, previous=change)], SCALES)
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


def test_energy_is_told_in_the_tiles_megawatt_hours_down_the_page() -> None:
    energy = replace(
        CELL, indicator=Indicator.ENERGY, unit="3B", value=D("7239600"),
        origin=(part("product", "Paper", "7200000"), part("product", "Ink", "39600")),
    )  # fmt: skip
    (table,) = origin_tables(ENGLISH, [energy], scales_of([energy]))
    # 7 239 600 / 3 600 = 2 011, 2 000 and 11 MWh
    assert [plain(row.amount) for row in table.groups[0].rows] == ["2,000 MWh", "11 MWh"]
    assert (plain(table.total), table.title) == ("2,011 MWh", "Where energy use comes from")


def test_a_cause_that_changed_nothing_in_one_indicator_is_a_zero_there() -> None:
    assert CELL.previous is not None
    water = replace(
        CELL, indicator=Indicator.WATER, unit="MTQ", value=D(40),
        previous=replace(CELL.previous, causes=(CauseView("volume", D(2)),)),
    )  # fmt: skip
    table = cause_table(ENGLISH, [water, CELL], scales_of([water, CELL]))
    assert table is not None
    assert [(name, [plain(one) for one in amounts]) for name, amounts in table.rows] == [
        ("Larger or smaller amounts", ["+2 m³", "+0.016 t CO₂e"]),
        ("Own effect per unit", ["0", "−0.022 t CO₂e"]),
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [("product", "Other end products"), ("group", "Other members"), ("place", "Other members")],
)
def test_who_or_what_is_another_is_said_by_the_kind_of_chain(kind: str, said: str) -> None:
    assert CELL.previous is not None
    cell = replace(CELL, previous=replace(CELL.previous, causes=(CauseView("membership", D(16)),)))
    table = cause_table(ENGLISH, [cell], SCALES, kind)
    assert table is not None and [name for name, _ in table.rows] == [said]
    assert set(OTHERS) == {one.value for one in ChainKind}


@given(
    st.lists(st.decimals(-(10**9), 10**9, places=3), min_size=1, max_size=12),
    st.sampled_from(["resources", "water", "co2e", "energy"]),
)
def test_parts_as_shown_add_up_to_the_total_as_shown(parts: list[Decimal], indicator: str) -> None:
    total = sum(parts, D(0))
    shown = Sum.of(choose_scale(indicator, [total]), parts, total, max(map(abs, [*parts, total])))
    assert sum(shown.parts, D(0)) == shown.total
    assert all(one == round(one, shown.decimals) for one in (*shown.parts, shown.total))
