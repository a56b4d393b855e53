"""The roll-up: figures by hand, runs that stand, failures that leave the old figures, gaps and consent."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlmodel import select

from exchange.domain.errors import ExchangeError
from exchange.domain.groups import DatasetKind
from exchange.domain.indicators import Indicator
from exchange.domain.linking import KnownProduct, Prefer
from exchange.domain.periods import year
from exchange.domain.quantities import UnitCode
from exchange.services.context import Context
from exchange.services.organisations import set_rollup_consent
from exchange.services.rollup import network_documents, solving
from exchange.services.rollup.run_figures import RunFigure, run_figure_of
from exchange.services.rollup.running import run_rollup
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.rollup import NetworkRow, ReleaseRow, RunRow
from tests.datasets import product, product_subject, quantity
from tests.service.rollup_story import Maker, Story, commercial, delivery_subject, effects, maker_subject

D = Decimal


@pytest.fixture
def story(ctx: Context) -> Story:
    return Story.new(ctx)


def rows(story: Story, table: Any) -> list[Any]:
    with story.ctx.store.read() as session:
        return list(session.exec(select(table)).all())


def figure(story: Story, run_id: str, column: str) -> RunFigure:
    """The chair's figure in a run."""
    with story.ctx.store.read() as session:
        found = run_figure_of(session, run_id, story.chair.id, column)
    assert found is not None
    return found


def test_a_chains_figures_are_those_worked_out_by_hand(story: Story) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    # 10 chairs x (1 + 4 kg x 2) = 90; of it 10 x 1 own; measured 10 + half the amount of 80 = 50
    co2e = story.cell(chain)
    assert (co2e.status, co2e.value, co2e.own, co2e.upstream) == ("released", D(90), D(10), D(80))
    assert (co2e.per_unit, co2e.per_unit_of, co2e.unit) == (D(9), "H87", "KGM")
    assert (co2e.measured, co2e.allocated) == (D("0.555556"), D("0.444444"))
    assert (co2e.secondary, co2e.unknown) == (0, 0)
    assert (co2e.coverage_mass, co2e.is_at_least, co2e.missing) == (1, False, ())
    # value added 10 x 20 + 40 x 3 = 320 DKK over 90 kg
    assert co2e.productivity == D("3.55555556")
    assert (co2e.productivity_coverage, co2e.price_basis) == (1, "constant")
    # resources: 5 - 4 explained by the steel, + 4 x 1: 5 per chair and not 9
    resources = story.cell(chain, Indicator.RESOURCES)
    assert (resources.value, resources.own) == (D(50), D(10))


def test_every_column_of_every_product_is_stored_with_the_run_and_its_checks(story: Story) -> None:
    story.publish_all()
    story.create_chain()
    run_id = story.roll_up().run_id
    (run,) = rows(story, RunRow)
    assert (run.id, run.state, len(run.inputs)) == (run_id, "done", 3)
    assert {check["name"] for check in run.checks} == {"activity", "conservation", "parts"}
    assert figure(story, run_id, "co2e").footprint == pytest.approx(9)
    assert figure(story, run_id, "resources").own == pytest.approx(1)
    assert figure(story, run_id, "value_added").footprint == pytest.approx(32)


def test_publishing_marks_the_network_stale_and_asks_once(story: Story) -> None:
    story.create_chain()
    story.publish_all()
    (network,) = rows(story, NetworkRow)
    assert network.stale_since is not None
    jobs = [job for job in rows(story, JobRow) if job.kind == "rollup"]
    assert [(job.state, job.payload) for job in jobs] == [
        ("queued", {"start": "2025-01-01", "end": "2026-01-01"})
    ]


def test_a_settled_network_is_no_longer_stale_unless_more_waits(story: Story) -> None:
    story.create_chain()
    story.publish_all()
    story.roll_up()
    (network,) = rows(story, NetworkRow)
    assert network.stale_since is not None  # the job of the publishing still waits
    with story.ctx.store.write() as session:
        for job in session.exec(select(JobRow).where(JobRow.kind == "rollup")).all():
            job.state = "done"
            session.add(job)
    story.roll_up()
    (network,) = rows(story, NetworkRow)
    assert network.stale_since is None
    assert network.last_error == ""


def test_the_first_committed_run_of_the_same_inputs_stands(story: Story) -> None:
    story.publish_all()
    story.create_chain()
    first = story.roll_up()
    second = story.roll_up()
    assert (first.is_new, first.released) == (True, 5)
    assert (second.is_new, second.released) == (False, 0)
    assert second.run_id == first.run_id
    assert second.identity == first.identity
    assert len(rows(story, RunRow)) == 1


def test_a_new_version_gives_a_new_run_and_only_changed_cells_a_new_release(story: Story) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    story.publish_steel(co2e="1.5")
    again = story.roll_up()
    assert again.is_new
    assert story.cell(chain).value == D(70)  # 10 x (1 + 4 x 1.5)
    values = [row.value for row in rows(story, ReleaseRow) if row.indicator == "co2e"]
    assert sorted(values) == [D(70), D(90)]  # the old release is still there


def test_a_chain_made_later_gets_figures_from_the_same_run(story: Story) -> None:
    story.publish_all()
    story.create_chain()
    first = story.roll_up()
    story.create_chain(steel="3")
    second = story.roll_up()
    assert (second.run_id, second.is_new, second.released) == (first.run_id, False, 5)


def test_a_target_inside_another_is_not_counted_twice(story: Story) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain(chair="10", steel="50")
    story.roll_up()
    # 40 of the 50 kg steel go into the chairs: 90 + 10 x 2
    assert story.cell(chain).value == D(110)


def test_deliveries_above_output_are_a_gap_that_names_its_reason_and_stops_nobody(story: Story) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    story.publish_steel(produced="300")
    run_id = story.roll_up().run_id
    cell = story.cell(chain)
    # 10 x 1 own; the 40 kg steel are not known, 4 of 5 kg input
    assert (cell.value, cell.is_at_least, cell.coverage_mass) == (D(10), True, D("0.2"))
    assert [one.reason for one in cell.missing] == ["data_refused"]
    (run,) = rows(story, RunRow)
    (refused,) = [check for check in run.checks if check["name"] == "refused"]
    assert (run.id, run.state) == (run_id, "done")
    assert (refused["product"], refused["code"]) == (story.steel.id, "linking.balance")
    assert refused["detail"].startswith("More of Steel wire was delivered (400 KGM)")
    assert "stock" in refused["advice"]


def test_a_delivery_declared_in_another_kind_of_unit_keeps_its_amount_and_loses_its_figures(
    story: Story,
) -> None:
    document = delivery_subject(story.steel_maker, story.chair_maker, story.steel, "400", year(2025))
    document |= {"indicators": {"co2e": {"own": quantity("0.5", "KGM")}}}
    document["identity"]["declared_unit"] = quantity("1", "MTR")
    about = KnownProduct(story.steel.id, "Steel wire", "maker", "steel-wire", UnitCode.KILOGRAM)
    refusal = network_documents.delivery_refusal(document, about)
    assert refusal is not None
    assert (refusal.error_code, refusal.product) == ("linking.unit", story.steel.id)
    (read,) = network_documents.read_deliveries("one", document, about)
    assert (read.amount, read.unit, read.is_measured) == (400, UnitCode.KILOGRAM, False)


def test_material_no_recipe_claims_is_not_counted_twice(story: Story) -> None:
    story.publish_steel()
    story.publish_chair(process={"inputs": []})
    story.publish_delivery()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    # 400 kg to 100 chairs are 4 of their 5 kg: 10 x (1 + 4 x 1) and not 10 x (5 + 4)
    resources = story.cell(chain, Indicator.RESOURCES)
    assert (resources.value, resources.own, resources.is_at_least) == (D(50), D(10), False)
    co2e = story.cell(chain)
    assert (co2e.value, co2e.coverage_mass, co2e.is_at_least) == (D(90), D(1), False)
    assert co2e.measured == D("0.111111")  # 10 of 90: what arrives was spread


def test_resources_outside_the_recipe_make_the_total_at_least(story: Story) -> None:
    story.publish_steel()
    story.publish_chair(breakdown={"resources": {"virgin": quantity("5", "KGM")}})
    story.publish_delivery()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    cell = story.cell(chain)
    # 10 chairs take 50 kg, 10 of them without a word; the 40 kg steel take 40 kg scrap: 80 of 90 kg
    assert (cell.value, cell.is_at_least, cell.coverage_mass) == (D(90), True, D("0.888889"))
    assert [one.reason for one in cell.missing] == ["inputs_unstated"]
    assert not story.cell(chain, Indicator.RESOURCES).is_at_least


def test_a_loop_that_needs_all_it_gives_is_refused_naming_the_products(story: Story) -> None:
    line = {
        "line": "1",
        "product": f"urn:uuid:{story.steel.id}",
        "name": "Own steel",
        "amount": quantity("1", "KGM"),
        "measured_share": "1",
    }
    story.publish_steel(process={"inputs": [line]})
    chain = story.create_chain(steel="1")
    story.roll_up()
    (run,) = rows(story, RunRow)
    (refused,) = [check for check in run.checks if check["name"] == "refused"]
    assert (refused["product"], refused["code"]) == (story.steel.id, "linking.loop_gain")
    assert "Steel wire" in refused["detail"]
    story.grant_all()
    assert [one.reason for one in story.cell(chain).missing] == ["data_refused"]


def test_a_loop_of_strangers_leaves_everybody_elses_figures_alone(story: Story) -> None:
    story.publish_all()
    chain = story.create_chain()
    story.grant_all()
    story.roll_up()
    before = story.cell(chain)
    stranger = Maker.new(story.ctx, "Fremmed Stål")
    own = product(stranger.party, "Perpetuum mobile")
    line = {"line": "1", "product": f"urn:uuid:{own.id}", "name": "Itself", "amount": quantity("1", "KGM"),
            "measured_share": "1"}  # fmt: skip
    subject = maker_subject(stranger, own, 2025, effects(co2e="1"), process={"inputs": [line]})
    stranger.publish(DatasetKind.PRODUCT, subject)
    story.roll_up()
    assert replace(story.cell(chain), released_at=before.released_at) == before


def test_a_run_that_fails_a_check_is_stored_with_its_reason_and_the_old_figures_stay(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    before = story.cell(chain)
    story.publish_steel(process={"inputs": []}, **effects(co2e="3"))
    with monkeypatch.context() as patch:
        patch.setattr(solving, "LARGEST_ERROR", -1.0)
        with pytest.raises(ExchangeError) as refusal:
            story.roll_up()
    assert refusal.value.error_code == "rollup.imprecise"
    (failed,) = [run for run in rows(story, RunRow) if run.state == "failed"]
    assert failed.reason.split(":")[0] == "rollup.imprecise"
    (network,) = rows(story, NetworkRow)
    assert network.last_error == failed.reason
    assert network.stale_since is not None
    assert story.cell(chain) == before


def test_one_networks_refusal_does_not_keep_the_other_from_being_tried(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.publish_all()
    story.create_chain()
    story.create_chain(prefer=Prefer.DECLARED)
    monkeypatch.setattr(solving, "LARGEST_ERROR", -1.0)
    with pytest.raises(ExchangeError):
        run_rollup(story.ctx, year(2025).start, year(2025).end)
    assert [run.state for run in rows(story, RunRow)] == ["failed", "failed"]


def test_a_missing_supplier_makes_the_total_at_least(story: Story) -> None:
    story.publish_chair()
    story.publish_delivery()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    cell = story.cell(chain)
    assert (cell.value, cell.is_at_least, cell.coverage_mass) == (D(10), True, D("0.2"))
    assert [one.reason for one in cell.missing] == ["no_dataset"]


def test_without_consent_a_product_is_a_gap_for_everybody(story: Story) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    with_consent = story.roll_up()
    set_rollup_consent(story.steel_maker.party.ctx, False)
    without = story.roll_up()
    assert without.identity != with_consent.identity
    cell = story.cell(chain)
    assert (cell.value, cell.is_at_least) == (D(10), True)
    assert [one.reason for one in cell.missing] == ["no_consent"]


def test_a_declared_co2_value_leaves_resources_to_the_recipe(story: Story) -> None:
    story.publish_steel()
    story.publish_delivery()
    figures = effects(resources="5")
    figures["indicators"]["co2e"] = {"total": quantity("12", "KGM")}
    story.publish_chair(**figures)
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).value == D(120)
    assert story.cell(chain).own is None
    assert story.cell(chain, Indicator.RESOURCES).value == D(50)


def test_the_policy_decides_where_a_product_declares_and_shows_its_recipe(story: Story) -> None:
    figures = effects(resources="5")
    figures["indicators"]["co2e"] = {"own": quantity("1", "KGM"), "total": quantity("12", "KGM")}
    story.publish_steel()
    story.publish_delivery()
    story.publish_chair(**figures)
    story.grant_all()
    linked, declared = story.create_chain(), story.create_chain(prefer=Prefer.DECLARED)
    results = run_rollup(story.ctx, year(2025).start, year(2025).end)
    assert len({result.identity for result in results}) == 2
    assert story.cell(linked).value == D(90)
    assert story.cell(declared).value == D(120)
    other = [figure(story, result.run_id, "co2e").other_reading for result in results]
    assert sorted(value or 0 for value in other) == pytest.approx([9, 12])


def test_a_measured_delivery_is_read_beside_the_average(story: Story) -> None:
    story.publish_steel()
    story.publish_chair()
    story.publish_delivery(
        indicators={"co2e": {"own": quantity("0.5", "KGM")}},
        quality={"co2e": {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}},
    )
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    # the chair reads its own delivery, 10 x (1 + 4 x 0.5), and nobody granted the facilitator that one
    assert story.cell(chain).status == "confidential"
    (release,) = [row for row in rows(story, ReleaseRow) if row.indicator == "co2e"]
    assert release.value == D(30)


def test_development_is_told_on_a_matched_panel(story: Story) -> None:
    for number in (2024, 2025):
        story.publish_steel(in_year=number)
        story.publish_delivery(in_year=number)
    story.publish_chair(in_year=2024)
    story.publish_chair(in_year=2025, co2e="0.1", value="25")
    story.grant_all()
    chain = story.create_chain(2024, 2025)
    story.roll_up(2025)
    story.roll_up(2024)  # the base year comes last: the later year's cells are released again
    assert story.cell(chain, at=2024).base is None
    base = story.cell(chain).base
    # effect 81 against 90; productivity (250 + 120) / 81 against 320 / 90
    assert base is not None
    assert base.effect_index == D(90)
    assert base.productivity_index == pytest.approx(D("128.4722"), abs=D("0.0001"))
    assert base.decoupling == "absolute"
    previous = story.cell(chain).previous
    assert previous is not None
    assert replace(previous, causes=()) == base


def test_a_change_of_linking_is_not_told_as_development(story: Story) -> None:
    story.publish_all(in_year=2024)
    story.publish_all(in_year=2025)
    other = delivery_subject(story.steel_maker, story.chair_maker, story.steel, "400", year(2025))
    line = {
        "line": "1",
        "product": f"urn:uuid:{story.chair.id}",
        "name": "Broken chairs",
        "amount": quantity("0.01", "H87"),
        "measured_share": "1",
    }
    story.steel_maker.publish(DatasetKind.DELIVERY, other)
    story.publish_steel(in_year=2025, process={"inputs": [line]})
    story.grant_all()
    chain = story.create_chain(2024, 2025)
    story.roll_up(2024)
    story.roll_up(2025)
    base = story.cell(chain).base
    assert base is not None
    assert (base.effect_index, base.decoupling, base.hindrance) == (None, None, "panel_changed")
    assert base.changes == ("linking",)


def test_current_prices_have_no_productivity_index_and_no_class(story: Story) -> None:
    for number in (2024, 2025):
        current = commercial("20", "100", "H87")
        current["value_added"]["price_basis"] = "current"
        steel = commercial("3", "1000", "KGM")
        steel["value_added"]["price_basis"] = "current"
        story.publish_steel(in_year=number, commercial=steel)
        story.publish_chair(in_year=number, commercial=current)
        story.publish_delivery(in_year=number)
    story.grant_all()
    chain = story.create_chain(2024, 2025)
    story.roll_up(2024)
    story.roll_up(2025)
    cell = story.cell(chain)
    assert (cell.productivity, cell.price_basis) == (D("3.55555556"), "current")
    assert cell.base is not None
    assert (cell.base.effect_index, cell.base.productivity_index, cell.base.decoupling) == (
        D(100),
        None,
        None,
    )
    assert cell.base.hindrance == "current_prices"


def test_a_period_nobody_asks_about_is_not_rolled_up(story: Story) -> None:
    story.publish_all()
    assert run_rollup(story.ctx, year(2025).start, year(2025).end) == ()


def test_when_everybody_withdraws_the_cells_say_that_there_is_no_data(story: Story) -> None:
    story.publish_all()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).status == "released"
    for maker in (story.steel_maker, story.chair_maker):
        set_rollup_consent(maker.party.ctx, False)
    story.roll_up()
    assert (story.cell(chain).status, story.cell(chain).value) == ("no_data", None)


def test_what_a_line_explains_of_market_based_scope_2_is_read_beside_the_indicators(story: Story) -> None:
    line = {
        "line": "1", "name": "Heat", "category": "district-heat", "amount": quantity("4", "KWH"),
        "measured_share": "0", "explains": {"co2e": quantity("0.3", "KGM")},
        "explains_scope2_market": quantity("0.2", "KGM"),
    }  # fmt: skip
    document = product_subject(story.chair_maker.party, story.chair, process={"inputs": [line]})
    read = network_documents.read_product("one", document)
    assert read.recipe is not None
    assert read.recipe[0].explains == {"co2e": Fraction("0.3"), "scope2_market": Fraction("0.2")}
