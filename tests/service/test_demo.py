"""The demo: loaded once through the services, reproducible, and its chain figures agree with a dense solve."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from exchange import demo
from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.demo.result import DemoResult
from exchange.demo.story.model import YEARS, Bill, Input
from exchange.demo.story.products import DEFLATOR
from exchange.demo.story.requests import CHAINS
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level
from exchange.domain.periods import year as year_period
from exchange.services.api_clients import actor_of_token, issue_token
from exchange.services.bills import list_bills
from exchange.services.calculation_views import (
    CalculationView,
    get_calculation,
    list_calculations,
    open_figure,
)
from exchange.services.calculations import calculate_site
from exchange.services.chain_cells import ChainCell, chain_cells
from exchange.services.chains import list_chains
from exchange.services.context import Context
from exchange.services.initiatives import list_initiatives
from exchange.services.own_development import own_development
from exchange.services.publish import get_publication
from exchange.services.reading import find_dataset_for, read_dataset
from exchange.services.requests import page_requests
from exchange.services.rollup.run_figures import run_figure_of
from exchange.services.sessions import sign_in
from exchange.services.sites import list_sites
from exchange.services.targets import list_targets
from exchange.store import migrate
from exchange.store.rollups import find_network
from tests.service.published_story import Document, published_products
from tests.service.story_solve import INDICATORS, PRODUCT, SITE, dense_footprint, uses

TODAY = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
CUT_OFF = Decimal("0.01")  # EN 15804: 1 % of the input mass


@dataclass(frozen=True)
class Loaded:
    """The demo in an exchange of its own."""

    exchange: Exchange
    result: DemoResult
    folder: Path

    def sign_in(self, relation: str) -> Context:
        """A Context acting as one of the demo's people, with the password they were given."""
        login = next(one for one in self.result.logins if one.relation == relation)
        ctx = self.exchange.context()
        return ctx.acting_as(sign_in(ctx, login.email, login.password, "127.0.0.1").actor)

    def product_id(self, number: str) -> str:
        """The id of a product by its maker's number."""
        with closing(sqlite3.connect(self.folder / "exchange.db")) as database:
            found = database.execute("SELECT id FROM product WHERE supplier_product_id = ?", [number])
            return str(found.fetchone()[0])

    def run_figure(self, number: str, year: int) -> tuple[float, float]:
        """CO2e of a product per unit in the run in force of a year, and by the reading that does not count."""
        with self.exchange.store.read() as session:
            network = find_network(session, date(year, 1, 1), date(year + 1, 1, 1), "linked")
            assert network is not None
            found = run_figure_of(session, str(network.current_run_id), self.product_id(number), "co2e")
        assert found is not None
        return found.footprint, found.other_reading or 0


def _load(folder: Path) -> Loaded:
    settings = Settings(data_dir=folder, database_url="")
    migrate.upgrade(settings.database)
    exchange = open_exchange(settings, "worker", clock=SteppingClock(TODAY))
    return Loaded(exchange, demo.load(exchange), folder)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    one = _load(tmp_path_factory.mktemp("demo"))
    yield one
    one.exchange.store.close()


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    one = _load(tmp_path_factory.mktemp("again"))
    yield one
    one.exchange.store.close()


def _dump(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "exchange.db")) as database:
        return list(database.iterdump())


def _cells(loaded: Loaded, relation: str, chain_id: str) -> dict[tuple[Indicator, int], ChainCell]:
    cells = chain_cells(loaded.sign_in(relation), chain_id).cells
    return {(cell.indicator, cell.period.start.year): cell for cell in cells}


def test_file_for_newcomers_holds_everything_and_is_the_owners_alone(loaded: Loaded) -> None:
    path = loaded.folder / "demo.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(document) == {"url", "logins", "clients", "chain"}
    assert set(document["clients"]) == {"supplier", "customer", "facilitator"}
    assert all(
        set(one) == {"organisation", "client_id", "client_secret"} for one in document["clients"].values()
    )
    assert document["chain"] == loaded.result.chain_id
    assert loaded.result.created


def test_second_run_changes_nothing_at_all(loaded: Loaded) -> None:
    before, file = _dump(loaded.folder), (loaded.folder / "demo.json").stat()
    second = demo.load(loaded.exchange)
    assert second == replace(loaded.result, created=False)
    assert _dump(loaded.folder) == before
    assert (loaded.folder / "demo.json").stat().st_mtime_ns == file.st_mtime_ns


def test_two_installations_hold_the_same_demo_but_for_their_custody_keys(
    loaded: Loaded, again: Loaded
) -> None:
    assert replace(again.result, url=loaded.result.url) == loaded.result

    def own_key_digests(folder: Path) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(folder / "exchange.db")) as database:
            rows = database.execute("SELECT id, digest FROM dataset WHERE NOT custody ORDER BY id").fetchall()
        return [(str(one), str(two)) for one, two in rows]

    assert own_key_digests(loaded.folder) == own_key_digests(again.folder) != []


def test_lost_file_of_a_loaded_demo_is_told_and_nothing_is_loaded_twice(again: Loaded) -> None:
    (again.folder / "demo.json").rename(again.folder / "elsewhere.json")
    with pytest.raises(ConflictError) as refused:
        demo.load(again.exchange)
    assert refused.value.error_code == "demo.partial"
    (again.folder / "elsewhere.json").rename(again.folder / "demo.json")


def test_process_without_custody_keys_cannot_load_the_demo(exchange: Exchange) -> None:
    with pytest.raises(UnavailableError) as refused:
        demo.load(exchange)
    assert refused.value.error_code == "custody.closed"


def test_api_clients_get_tokens_for_their_organisation(loaded: Loaded) -> None:
    ctx = loaded.exchange.context()
    for client in loaded.result.clients.values():
        token = issue_token(ctx, client.client_id, client.client_secret)
        assert actor_of_token(ctx, token.token).organisation_id == client.organisation


def test_supplier_has_one_request_open_one_answered_and_one_declined(loaded: Loaded) -> None:
    inbox = page_requests(loaded.sign_in("supplier"), "inbox").items
    assert [request.state.value for request in inbox] == ["requested", "declined", "fulfilled"]
    assert {request.requester.name for request in inbox} == {"Vindelbo Ventilation (demo)"}


def test_customer_reads_what_was_granted_and_nothing_beside_it(loaded: Loaded) -> None:
    customer, shaft = loaded.sign_in("customer"), loaded.product_id("LM-4410")
    dataset = find_dataset_for(customer, shaft, year_period(2024), Purpose.CSRD_REPORTING)
    assert dataset is not None
    granted = read_dataset(customer, dataset, Purpose.CSRD_REPORTING)
    assert set(granted.groups) == {FieldGroup.IDENTITY, FieldGroup.INDICATORS, FieldGroup.QUALITY}
    assert "commercial" not in granted.subject
    assert find_dataset_for(customer, shaft, year_period(2025), Purpose.CSRD_REPORTING) is None


@pytest.mark.parametrize("relation", ["supplier", "customer"])
def test_chain_is_confidential_without_grants_to_every_contribution(loaded: Loaded, relation: str) -> None:
    cells = _cells(loaded, relation, loaded.result.chain_id)
    assert {cell.status for cell in cells.values()} == {"confidential"}
    assert all(cell.value is None for cell in cells.values())


@pytest.mark.parametrize("year", YEARS)
def test_released_totals_agree_with_a_dense_solve_of_the_story(loaded: Loaded, year: int) -> None:
    cells = _cells(loaded, "facilitator", loaded.result.chain_id)
    expected = dense_footprint("ventilation-unit", year) * float(CHAINS[0].amounts[year])
    for column, indicator in enumerate(INDICATORS):
        cell = cells[indicator, year]
        assert cell.status == "released"
        assert float(cell.value or 0) == pytest.approx(expected[column], rel=5e-9), indicator
        assert not cell.is_at_least


def test_coating_of_the_unit_worked_out_by_hand(loaded: Loaded) -> None:
    # 10 950 kg of coating for 28 520 m2 and 10 112 m2 painted: 10 950 x 28 520 / 38 632 / 4 600 units
    # = 1.75735 kg per unit. A kilogram: 0.740299 kWh at 0.135, 0.6 kg of resin at 4.0 and 0.428358 kg of
    # pigment at 2.1 kg CO2e: 3.39949. The recipe counts; the declared 3.55 stands beside it.
    coating = next(use for use in uses("ventilation-unit", 2025) if use.bill.category == "powder-coating")
    assert coating.amount == 1.75735
    without = dense_footprint("ventilation-unit", 2025, leave_out="powder-coating")[2]
    whole = float(_cells(loaded, "facilitator", loaded.result.chain_id)[Indicator.CO2E, 2025].per_unit or 0)
    of_one = 0.740299 * 0.135 + 0.6 * 4.0 + 0.428358 * 2.1
    assert whole - without == pytest.approx(coating.amount * of_one, rel=1e-6)
    assert loaded.run_figure("KL-7016", 2025) == pytest.approx((of_one, 3.55), rel=1e-9)


def test_motor_bears_its_copper_magnets_electronics_and_plastic(loaded: Loaded) -> None:
    # 50 000 motors of 2025. Own: 296 000 kWh = 5.92 kWh each at 0.135. Bought and declared: 0.9 kg of copper
    # wire at 4.0, 0.08 kg of magnets at 28, 0.2 kg of electronics at 25, 0.5 kg of plastic at 2.9 kg CO2e.
    bought = 3.6 + 2.24 + 5.0 + 1.45
    sheet, casting, heat = (loaded.run_figure(number, 2025)[0] for number in ("KS-100", "BS-21", "EF-1"))
    linked = 2.3 * sheet + 0.62 * casting + 2.64 * heat
    assert loaded.run_figure("SM-370", 2025)[0] == pytest.approx(5.92 * 0.135 + bought + linked, rel=1e-9)


def test_development_of_the_documented_chain_shows_all_three_ways(loaded: Loaded) -> None:
    cells = _cells(loaded, "facilitator", loaded.result.chain_id)
    changes = {indicator: cells[indicator, 2025].base for indicator in INDICATORS}
    assert {one.value: change.decoupling for one, change in changes.items() if change} == {
        "resources": "relative",
        "water": "none",
        "co2e": None,
        "energy": "relative",
        "waste": "absolute",
    }
    # Nearly half of the CO2e comes with imported materials, declared as a whole: too little is covered for a class.
    assert changes[Indicator.CO2E].hindrance == "coverage_below_80"  # type: ignore[union-attr]
    co2e = changes[Indicator.CO2E]
    first, last = cells[Indicator.CO2E, 2023].value, cells[Indicator.CO2E, 2025].value
    assert co2e is not None and co2e.effect_index is not None and first and last
    assert float(co2e.effect_index) == pytest.approx(float(last / first * 100), rel=1e-8)


def test_measured_allocated_and_secondary_parts_stand_side_by_side(loaded: Loaded) -> None:
    for cell in _cells(loaded, "facilitator", loaded.result.chain_id).values():
        parts = [cell.measured, cell.allocated, cell.secondary, cell.unknown]
        assert sum(part for part in parts if part is not None) == 1
        assert cell.measured and cell.allocated and cell.secondary


def test_gap_makes_the_other_chain_at_least_and_names_who_is_missing(loaded: Loaded) -> None:
    facilitator = loaded.sign_in("facilitator")
    other = next(chain.id for chain in list_chains(facilitator) if chain.id != loaded.result.chain_id)
    cells = _cells(loaded, "facilitator", other)
    assert all(cell.is_at_least for cell in cells.values())
    names = {
        indicator: {part.name for part in cells[indicator, 2025].missing}
        for indicator in (Indicator.CO2E, Indicator.WATER)
    }
    # The stone wool is declared with CO2e only: there it is known, for the others it is missing too.
    assert names[Indicator.CO2E] == {"Frekvensomformer 5 kW"}
    assert names[Indicator.WATER] == {"Frekvensomformer 5 kW", "Stenuldsplade 60 mm"}
    assert (cells[Indicator.CO2E, 2025].coverage_mass or 0) > (
        cells[Indicator.WATER, 2025].coverage_mass or 0
    )


def test_value_added_per_effect_of_the_chain_is_in_constant_prices(loaded: Loaded) -> None:
    cells = _cells(loaded, "facilitator", loaded.result.chain_id)
    assert {cell.price_basis for cell in cells.values()} == {"constant"}
    water = cells[Indicator.WATER, 2025]
    unit = float(PRODUCT["ventilation-unit"].value_added[2025]) * 100 / float(DEFLATOR[2025])  # type: ignore[index]
    # The unit's own value added is part of the chain's, so productivity is above that part alone.
    assert float(water.productivity or 0) * float(water.value or 0) > unit * 4600


def calculations_of(ctx: Context) -> list[CalculationView]:
    """The organisation's calculations in order of period."""
    found = [get_calculation(ctx, one.id) for one in list_calculations(ctx).items]
    return sorted(found, key=lambda one: one.header.period.start)


def test_supplier_finds_its_site_its_bills_and_every_figure_of_three_years(loaded: Loaded) -> None:
    supplier = loaded.sign_in("supplier")
    [site] = list_sites(supplier)
    assert (site.name, site.address, site.city) == ("Lyngvase Maskinfabrik", "Demovej 12", "Lyngvase")
    assert len(list_bills(supplier, site.id, year_period(2025))) == 9
    calculations = calculations_of(supplier)
    assert [one.header.period for one in calculations] == [year_period(year) for year in YEARS]
    for calculation in calculations:
        assert not calculation.rests
        for product in calculation.products:
            opened = [open_figure(supplier, calculation.header.id, product.id, one) for one in INDICATORS]
            assert all(figure.steps and not figure.figure.gaps for figure in opened)
            assert get_publication(supplier, product.publication_id or "").state == "published"


def test_what_was_published_is_what_the_supplier_sees_calculated(loaded: Loaded) -> None:
    supplier = loaded.sign_in("supplier")
    documents = published_products(loaded.folder)
    newest = calculations_of(supplier)[-1]
    housing = next(one for one in newest.products if one.id == loaded.product_id("LM-5102"))
    own = {one.indicator.value: one.own for one in housing.figures}
    published = documents["LM-5102", 2025]["indicators"]
    assert {name: Decimal(one["own"]["amount"]) for name, one in published.items()} == own
    # 5.22963 kWh of electricity x 0.135 and 2.08963 kWh of heat x 0.0878; tests/unit/demo has it step by step
    assert own["co2e"] == Decimal("0.70600005") + Decimal("0.183469514")
    steps = documents["LM-5102", 2025]["breakdown"]["calculation"]["lines"]
    assert [one["flow"] for one in steps if one["kind"] == "energy"] == ["El", "Fjernvarme"]


def test_calculating_again_gives_the_calculation_that_is_there(again: Loaded) -> None:
    supplier = again.sign_in("supplier")
    [site] = list_sites(supplier)
    before = list_calculations(supplier).items
    for header in before:
        assert calculate_site(supplier, site.id, header.period).header == header
    assert list_calculations(supplier).items == before


def test_supplier_sees_three_years_in_constant_prices_a_target_and_an_initiative(loaded: Loaded) -> None:
    supplier = loaded.sign_in("supplier")
    development = own_development(supplier)
    assert (development.base_year, development.in_current_prices) == (2023, ())
    [water] = [
        row.productivity.value
        for row in development.rows
        if row.productivity
        and (row.subject.level, row.indicator, row.year) == (Level.ORGANISATION, Indicator.WATER, 2025)
    ]
    # 23 425 540 DKK of 2025 x 100 / 121.4, for 772 m3
    assert float(water or 0) == pytest.approx(23425540 / 1.214 / 772)
    [target], [initiative] = list_targets(supplier), list_initiatives(supplier)
    assert (target.target.indicator, target.progress.obstacle) == (Indicator.CO2E, None)
    assert initiative.request_id == page_requests(supplier, "inbox").items[0].id


def test_every_dataset_has_a_status_entry_in_a_list_that_is_signed(loaded: Loaded) -> None:
    with closing(sqlite3.connect(loaded.folder / "exchange.db")) as database:
        datasets, entries, issues = (
            database.execute(query).fetchone()[0]
            for query in (
                "SELECT COUNT(*) FROM dataset",
                "SELECT COUNT(*) FROM dataset JOIN status_entry ON credential_digest = digest",
                "SELECT COUNT(*) FROM status_list",
            )
        )
    assert (entries, issues) == (datasets, 1)


@pytest.mark.parametrize("year", YEARS)
def test_recipe_and_recovered_scrap_explain_all_but_one_percent_of_the_input_mass(
    loaded: Loaded, year: int
) -> None:
    documents = published_products(loaded.folder)
    for key, site in SITE.items():
        document = documents[PRODUCT[key].number, year]
        if not site.bills:
            assert {"total"} == {part for one in document["indicators"].values() for part in one}
            continue
        own = Decimal(document["indicators"]["resources"]["own"]["amount"])
        left = own - _sum([one["explains"].get("resources") for one in document["process"]["inputs"]])
        recovered = _sum([document["breakdown"]["resources"].get("secondary_post_consumer")])
        assert left - recovered <= CUT_OFF * own, key
        # Stricter, since a linked line may itself be of recovered material: what no line asks for is raw scrap.
        scrap = sum(use.effect(Indicator.RESOURCES, year) for use in uses(key, year) if _is_scrap(use.bill))
        assert float(left) - scrap <= float(CUT_OFF * own), key


def test_factor_bases_are_named_and_their_parts_kept_apart(loaded: Loaded) -> None:
    scopes = published_products(loaded.folder)["KS-200", 2025]
    co2e = scopes["breakdown"]["co2e"]
    assert co2e["basis"] == ["combustion", "life_cycle"]
    own = Decimal(scopes["indicators"]["co2e"]["own"]["amount"])
    assert Decimal(co2e["scope1"]["amount"]) + Decimal(co2e["scope2_location"]["amount"]) == own


def test_coating_declares_its_whole_beside_the_calculated_own_figure(loaded: Loaded) -> None:
    coating = published_products(loaded.folder)["KL-7016", 2025]
    # 496 000 kWh for 670 000 kg: 0.740299 kWh at 0.135
    assert coating["indicators"]["co2e"]["own"]["amount"] == "0.099940365"
    assert coating["indicators"]["co2e"]["total"]["amount"] == "3.55"
    assert coating["identity"]["boundary"] == "cradle_to_gate"


def test_every_release_of_the_demo_is_covered_by_one_signed_statement_in_the_log(loaded: Loaded) -> None:
    with closing(sqlite3.connect(loaded.folder / "exchange.db")) as database:
        releases = database.execute("SELECT id FROM release ORDER BY id").fetchall()
        covered = database.execute("SELECT release_id FROM release_statement_cell ORDER BY 1").fetchall()
        digests = database.execute("SELECT digest FROM release_statement ORDER BY 1").fetchall()
        entries = database.execute(
            "SELECT digest FROM log_entry WHERE event = 'rollup' ORDER BY 1"
        ).fetchall()
    assert covered == releases != []
    assert entries == digests != []


def _sum(amounts: list[Document | None]) -> Decimal:
    return sum((Decimal(one["amount"]) for one in amounts if one), Decimal(0))


def _is_scrap(bill: Bill) -> bool:
    is_asked_for = bill.category or bill.product
    return isinstance(bill.what, Input) and bill.what.kind == "secondary_post_consumer" and not is_asked_for
