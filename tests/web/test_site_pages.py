"""Sites, production, sub-meters, keys, years, factors and the template: what each page takes and refuses."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import pytest

from connectors.account import read_account
from exchange.bootstrap import Exchange
from exchange.domain.calculation.account import KeyMethod, SharingRule
from exchange.domain.periods import Period, year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.services import (
    company_years,
    deflators,
    flows,
    outputs,
    own_factors,
    readings,
    site_products,
    sites,
    spreading_keys,
)
from exchange.services.sites import NewSite, Site
from exchange.web.reader import reader_of
from exchange.web.typed import Typed, parse_number, show_number
from tests.web.conftest import Browser, Page, SignIn, World
from tests.web.test_bill_pages import JANUARY, POWER, error_at, plain
from workers.tasks import HANDLERS

ALL_YEAR = {"first": "2025-01-01", "last": "2025-12-31"}
FRAME = {"number": "R-1", "name": "Ramme", "mass": "5", "amount": "1000", "unit": "H87", **ALL_YEAR}
SHAFT = {"number": "A-1", "name": "Aksel", "mass": "2", "amount": "2500", "unit": "H87", **ALL_YEAR}


@pytest.fixture
def site(world: World) -> Site:
    """The supplier's one site."""
    return sites.create_site(world.supplier.ctx, NewSite("Skive"))


def produce(browser: Browser, site: Site, **form: str) -> Page:
    """Enter production."""
    return browser.post(f"/sites/{site.id}/enter-production", **form)


def test_a_site_is_added_changed_and_told_apart(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier, "da")
    assert "Intet produktionssted endnu" in browser.get("/sites").text
    form = {
        "name": "Fabrikken",
        "p_number": "1000 000 001",
        "postal_code": "7800",
        "city": "Skive",
        "country": "dk",
    }
    page = browser.post("/sites/new", **form, is_water_stressed="yes")
    assert page.status == 303
    (site,) = sites.list_sites(world.supplier.ctx)
    assert (site.p_number, site.country, site.is_water_stressed) == ("1000000001", "DK", True)
    assert "P-nummer 1000000001 · 7800 Skive" in browser.get("/sites").text
    assert "checked" in browser.get(f"/sites/{site.id}/change").html
    twice = browser.post("/sites/new", **form)
    assert twice.status == 422 and "I har allerede et produktionssted" in error_at(twice, "name")
    wrong = browser.post("/sites/new", name="B", country="DK", p_number="12")
    assert "Et P-nummer har ti cifre" in error_at(wrong, "p_number")
    changed = browser.post(f"/sites/{site.id}/change", name="Værket", country="DK")
    assert changed.status == 303
    assert sites.get_site(world.supplier.ctx, site.id) == sites.list_sites(world.supplier.ctx)[0]
    assert not sites.get_site(world.supplier.ctx, site.id).is_water_stressed
    assert "Værket" not in visit(world.stranger).get("/sites").text


def test_every_page_shows_the_way_and_where_one_is(visit: SignIn, world: World, site: Site) -> None:
    browser = visit(world.supplier, "da")
    for path, current in (("", "1 Regninger"), ("/production", "2 Produktion"), ("/keys", "3 Fordeling")):
        page = browser.get(f"/sites/{site.id}{path}?year=2025")
        assert "1 Regninger 2 Produktion 3 Fordeling 4 Tal 5 " in page.text
        found = re.search(r'aria-current="step">([^<]+)<', page.html)
        assert found and found.group(1) == current
    assert "Regninger og tal" in browser.get("/").text


def test_the_step_of_figures_leads_to_the_calculation_of_the_same_days(
    visit: SignIn, world: World, site: Site
) -> None:
    browser = visit(world.supplier)
    browser.post(f"/sites/{site.id}/enter/electricity", **POWER)
    produce(browser, site, **FRAME)
    page = browser.get(f"/sites/{site.id}?year=2025")
    assert "4 Figures" in page.text and "/calculations/" not in page.html
    hidden = dict(re.findall(r'<input type="hidden" name="(from|to)" value="([^"]+)">', page.html))
    assert hidden == {"from": "2025-01-01", "to": "2025-12-31"}
    done = browser.post(f"/sites/{site.id}/calculate", **hidden)
    assert done.status == 303
    link = done.location.partition("?")[0]
    assert f'<a href="{link}">4 Figures</a>' in browser.get(f"/sites/{site.id}?year=2025").html
    assert "/calculations/" not in browser.get(f"/sites/{site.id}?year=2024").html


def test_production_registers_a_new_product_and_says_what_one_weighs(
    visit: SignIn, world: World, site: Site
) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    page = produce(browser, site, **FRAME)
    assert (page.status, page.location) == (303, f"/sites/{site.id}/production?done=output&year=2025")
    (made,) = site_products.list_site_products(ctx, site.id)
    assert (made.number, made.name, made.mass, made.category) == ("R-1", "Ramme", Decimal(5), "ramme")
    assert "Ramme 2025 1,000 pcs" in plain(browser.get(page.location))
    again = produce(browser, site, product=made.product_id, amount="1000", unit="H87", **ALL_YEAR)
    assert "This very amount is entered for these days already." in again.text
    more = produce(browser, site, product=made.product_id, amount="9", unit="H87", **JANUARY)
    assert more.status == 422 and "covers some of these days" in error_at(more, "first")
    weight = produce(browser, site, product=made.product_id, amount="9", unit="KGM", first="2024-01-01",
                     last="2024-12-31")  # fmt: skip
    assert weight.status == 422 and error_at(weight, "unit")
    assert len(outputs.list_outputs(ctx, site.id, year(2025))) == 1


def test_production_without_a_number_or_name_is_told_at_the_field(
    visit: SignIn, world: World, site: Site
) -> None:
    page = produce(visit(world.supplier), site, amount="x", unit="H87", **ALL_YEAR)
    assert "Fill in: Product number." in error_at(page, "number")
    assert "Fill in: Name of the product." in error_at(page, "name")
    assert "This is not a number." in error_at(page, "amount")
    assert site_products.list_site_products(world.supplier.ctx, site.id) == ()


def test_a_production_record_is_withdrawn(visit: SignIn, world: World, site: Site) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    produce(browser, site, **FRAME)
    (record,) = outputs.list_outputs(ctx, site.id, year(2025))
    path = f"/sites/{site.id}/production/{record.id}/withdraw"
    assert visit(world.stranger).post(path).status == 404
    assert browser.post(path).status == 303
    assert outputs.list_outputs(ctx, site.id, year(2025)) == ()
    assert "Nothing entered in these days for: Ramme" in browser.get(f"/sites/{site.id}/production").text


def test_a_by_product_names_its_process_and_its_rule(visit: SignIn, world: World, site: Site) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    produce(browser, site, **FRAME)
    (frame,) = site_products.list_site_products(ctx, site.id)
    turnings = {"number": "S-1", "name": "Spåner", "amount": "300", "unit": "KGM", **ALL_YEAR}
    path = f"/sites/{site.id}/enter-by-product"
    without = browser.post(path, **turnings, rule="physical", terms="sells")
    assert "Fill in: Comes out of the making of." in error_at(without, "process")
    stated = turnings | {"process": frame.product_id, "rule": "subdivision", "terms": "sells"}
    assert error_at(browser.post(path, **stated), "share")
    assert browser.post(path, **stated, share="8", code="12 01 01").status == 303
    by_number = {one.number: one for one in site_products.list_site_products(ctx, site.id)}
    relation = by_number["S-1"].by_product
    assert relation is not None
    assert (relation.process_id, relation.rule, relation.share, relation.waste_code) == (
        frame.product_id, SharingRule.SUBDIVISION, Decimal("0.08"), "120101"
    )  # fmt: skip
    mine = f"/sites/{site.id}/products/{by_number['S-1'].product_id}"
    assert 'value="8"' in browser.get(mine).html
    assert browser.post(mine, process=frame.product_id, rule="physical", terms="gives").status == 303
    changed = site_products.list_site_products(ctx, site.id)
    assert [one.by_product.terms for one in changed if one.by_product] == ["gives"]
    assert visit(world.stranger).client.get(mine).status_code == 404


def test_two_dial_readings_become_an_amount_and_a_backward_meter_is_refused(
    visit: SignIn, world: World, site: Site
) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    path = f"/sites/{site.id}/readings"
    assert "Enter a bill and what was made first" in browser.get(path).text
    browser.post(f"/sites/{site.id}/enter/electricity", **POWER)
    produce(browser, site, **FRAME)
    (flow,), (frame,) = flows.list_flows(ctx, site.id), site_products.list_site_products(ctx, site.id)
    form = {"flow": flow.id, "product": frame.product_id, "unit": "KWH", **JANUARY}
    back = browser.post(path, **form, start="2000", end="1500")
    assert back.status == 422 and "runs backwards" in error_at(back, "end")
    assert error_at(browser.post(path, **form), "amount")
    assert error_at(browser.post(path, **form, start="1"), "end")
    assert error_at(browser.post(path, **form, start="1", end="3", amount="5"), "amount")
    assert browser.post(path, **form, start="1500.5", end="2000").status == 303
    (reading,) = readings.list_readings(ctx, site.id, year(2025))
    assert reading.amount == Quantity(Decimal("499.5"), UnitCode.KILOWATT_HOUR)  # 2 000 less 1 500.5
    assert "Ramme January 2025 499.5 kWh" in plain(browser.get(f"{path}?year=2025"))
    assert visit(world.stranger).client.get(path).status_code == 404
    assert browser.post(f"{path}/{reading.id}/withdraw").status == 303
    assert readings.list_readings(ctx, site.id, year(2025)) == ()


def test_each_flow_gets_its_key_and_each_key_its_sentence(visit: SignIn, world: World, site: Site) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    browser.post(f"/sites/{site.id}/enter/electricity", **POWER)
    text = browser.get(f"/sites/{site.id}/keys").text
    assert "A product of twice the weight bears twice as much." in text
    (flow,) = flows.list_flows(ctx, site.id)
    by_hours = next(
        one for one in spreading_keys.list_keys(ctx, site.id) if one.method is KeyMethod.MACHINE_HOURS
    )
    page = browser.post(f"/sites/{site.id}/keys/flows", **{f"key-{flow.id}": by_hours.id})
    assert page.status == 303
    assert flows.list_flows(ctx, site.id)[0].key_id == by_hours.id
    foreign = sites.create_site(world.stranger.ctx, NewSite("Andet"))
    theirs = spreading_keys.list_keys(world.stranger.ctx, foreign.id)[0].id
    assert browser.post(f"/sites/{site.id}/keys/flows", **{f"key-{flow.id}": theirs}).status == 404
    assert visit(world.stranger).post(f"/sites/{site.id}/keys/flows").status == 404


def test_a_key_of_stated_shares_is_refused_above_the_whole(visit: SignIn, world: World, site: Site) -> None:
    browser, ctx = visit(world.supplier, "da"), world.supplier.ctx
    produce(browser, site, **FRAME)
    produce(browser, site, **SHAFT)
    shaft, frame = site_products.list_site_products(ctx, site.id)
    path, base = f"/sites/{site.id}/keys", {"name": "Lakeri", "method": "shares", "basis": "subdivision"}
    shares = {f"share-{frame.product_id}": "60", f"share-{shaft.product_id}": "1000"}
    above = browser.post(path, **base, **shares)
    assert above.status == 422 and "mere end 100 %" in error_at(above, "method")
    assert browser.post(path, **base, **shares | {f"share-{shaft.product_id}": "37,5"}).status == 303
    (key,) = [one for one in spreading_keys.list_keys(ctx, site.id) if one.name == "Lakeri"]
    assert dict(key.shares) == {frame.product_id: Decimal("0.6"), shaft.product_id: Decimal("0.375")}
    assert "Lakeri Angivne andele: Aksel 37,5 %, Ramme 60 %" in browser.get(path).text
    assert error_at(browser.post(path, **base, **{f"share-{frame.product_id}": "1"}), "name")


def test_a_year_of_the_company_is_set_and_corrected(visit: SignIn, world: World) -> None:
    browser, ctx = visit(world.supplier, "da"), world.supplier.ctx
    form = {"year": "2025", "value_added": "4.200.000", "is_proxy": "yes", "employees": "12,5"}
    assert browser.post("/company-years", **form).status == 303
    assert "4.200.000 bruttofortjeneste" in browser.get("/company-years").text
    assert 'value="12,5"' in browser.get("/company-years?change=2025").html
    assert browser.post("/company-years", year="2025", value_added="-5", turnover="100").status == 303
    (found,) = company_years.list_company_years(ctx)
    assert (found.value_added, found.is_proxy, found.turnover, found.employees) == (-5, False, 100, None)
    wrong = browser.post("/company-years", year="25", turnover="-1")
    assert error_at(wrong, "year")
    assert error_at(browser.post("/company-years", year="2025", turnover="-1"), "turnover")


def test_a_factor_of_ones_own_has_a_source_and_goes_first(visit: SignIn, world: World) -> None:
    browser, ctx = visit(world.supplier), world.supplier.ctx
    text = plain(browser.get("/factors"))
    assert "CO2e of energy: Electricity from the grid 0.135 kg/kWh" in text
    form = {"kind": "co2e_market", "carrier": "electricity_grid", "value": "0.0", "result": "KGM", "activity": "KWH",
            "source": "Wind", "year": "2025", "geography": "DK", "basis": "life_cycle", "gwp_set": "AR6",
            "first": "2025-01-01", "last": "2025-12-31"}  # fmt: skip
    assert "at least 10" in error_at(browser.post("/factors", **form), "source")
    good = form | {"source": "Contract with the wind farm of 3 January 2025"}
    assert browser.post("/factors", **good).status == 303
    own = [one for one in own_factors.list_factors(ctx) if one.id]
    assert [(one.factor.key, one.factor.valid_to) for one in own] == [
        ("co2e_market.electricity_grid", date(2026, 1, 1))
    ]
    assert error_at(browser.post("/factors", **good), "first")  # two would hold on the same day
    steel = good | {"kind": "co2e.material", "carrier": "", "material": "steel-sheet", "activity": "KGM",
                    "basis": "supply_chain", "value": "2.5"}  # fmt: skip
    assert browser.post("/factors", **steel).status == 303
    assert "CO2e behind a material: steel sheet 2.5 kg/kg" in plain(browser.get("/factors"))
    stranger = visit(world.stranger)
    assert "steel sheet" not in stranger.get("/factors").text
    assert stranger.post(f"/factors/{own[0].id}/withdraw").status == 404
    assert browser.post(f"/factors/{own[0].id}/withdraw").status == 303


def test_a_price_index_needs_a_source_and_is_100_in_its_base_year(visit: SignIn, world: World) -> None:
    browser = visit(world.supplier, "da")
    form = {"branch": "CH", "year": "2025", "index": "108,4", "base_year": "2025", "edition": "2026-06",
            "source": "Nationalregnskabet, NABP36, læst 1. juli 2026"}  # fmt: skip
    assert "100 i basisåret" in error_at(browser.post("/price-indices", **form), "index")
    assert browser.post("/price-indices", **form | {"base_year": "2020"}).status == 303
    assert "CH 2025 108,4 2020" in browser.get("/price-indices").text
    assert deflators.deflator_book(world.supplier.ctx).own[0].index == Decimal("108.4")


def test_the_template_is_read_back_and_holds_the_products_and_the_year(
    visit: SignIn, world: World, site: Site
) -> None:
    browser = visit(world.supplier)
    produce(browser, site, **FRAME)
    for language, name in (("da", "regnskab-2025"), ("en", "account-2025")):
        got = browser.client.get(f"/sites/{site.id}/template/{language}.xlsx?year=2025")
        assert got.headers["Content-Disposition"] == f"attachment; filename={name}.xlsx"
        table = read_account(got.get_data())
        assert table.bills == () and all(
            one.place.split(",")[0] in {"Produktion", "Production"} for one in table.issues
        )
        plain_csv = browser.client.get(f"/sites/{site.id}/template/{language}.csv?year=2025")
        assert plain_csv.status_code == 200 and plain_csv.get_data().startswith(b"\xef\xbb\xbf")
    for wrong in ("de.xlsx", "da.pdf"):
        assert browser.client.get(f"/sites/{site.id}/template/{wrong}").status_code == 404
    assert visit(world.stranger).client.get(f"/sites/{site.id}/template/da.xlsx").status_code == 404


CSV = (
    "Ark;Energibærer;Mængde;Enhed;Første dag;Sidste dag;EAK-kode;Behandling\n"
    "Energi;El fra nettet;1250;kWh;2025-01-01;2025-01-31;;\n"
    "Affald;;800;kg;2025-01-01;2025-12-31;{code};Genanvendelse\n"
)


def hand_in(browser: Browser, worker: Exchange, site: Site, text: str) -> str:
    """Hand a file in, see it wait, let the worker read it; returns the address of the result."""
    sent = {"file": (io.BytesIO(text.encode("utf-8-sig")), "regninger.csv")}
    page = Page(browser.client.post(f"/sites/{site.id}/upload?year=2025", data=sent))
    assert page.status == 303, page.text
    assert 'http-equiv="refresh"' in browser.get(page.location).html
    import_id = page.location.rpartition("/")[2].partition("?")[0]
    HANDLERS["import_account"](worker.context(), {"import_id": import_id})
    return page.location


def test_a_filled_in_template_is_taken_whole_and_what_is_there_is_left_out(
    visit: SignIn, world: World, worker: Exchange, site: Site
) -> None:
    browser = visit(world.supplier)
    first = hand_in(browser, worker, site, CSV.format(code="120101"))
    assert "2 rows were entered. 0 rows were there already" in browser.get(first).text
    again = hand_in(browser, worker, site, CSV.format(code="120101"))
    assert "0 rows were entered. 2 rows were there already and were left out." in browser.get(again).text
    account = plain(browser.get(f"/sites/{site.id}?year=2025"))
    assert "El fra nettet January 2025 1,250 kWh" in account
    assert visit(world.stranger).client.get(first).status_code == 404
    other = sites.create_site(world.supplier.ctx, NewSite("Nummer to"))
    assert browser.client.get(first.replace(site.id, other.id)).status_code == 404


def test_a_refused_file_names_every_row_and_column(
    visit: SignIn, world: World, worker: Exchange, site: Site
) -> None:
    browser = visit(world.supplier, "da")
    text = CSV.format(code="999999").replace("1250", "tolv")
    page = browser.get(hand_in(browser, worker, site, text))
    assert "Intet blev indtastet." in page.text
    assert "række 2 Mængde Det er ikke et tal." in page.text
    assert "række 3 EAK-kode Det er ikke en EAK-kode." in page.text
    assert flows.list_flows(world.supplier.ctx, site.id) == ()
    empty = Page(browser.client.post(f"/sites/{site.id}/upload", data={}))
    assert empty.status == 422 and "ikke er tom" in error_at(empty, "file")


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1250", "1250"), ("12,5", "12.5"), ("12.5", "12.5"), ("1.234,5", "1234.5"), ("1,234.5", "1234.5"),
     ("1 234 567", "1234567"), ("4.200.000", "4200000"), ("0,125", "0.125"), ("1,2340", "1.2340"), ("−5", "-5"),
     ("12,34567", "12.34567")],
)  # fmt: skip
def test_a_number_is_read_the_danish_and_the_english_way(typed: str, value: str) -> None:
    assert parse_number(typed) == Decimal(value)


@pytest.mark.parametrize(
    "typed",
    ["1.234", "1,234", "12.345", "1.2.3", "1,2,3", "abc", "1e5", "", "1.234.5", "5-", "٣", "NaN", "9" * 40],
)
def test_what_is_no_number_or_two_numbers_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="This"):
        parse_number(typed)


@pytest.mark.parametrize("value", ["1.234", "0.125", "12.5", "1250", "999.999", "1234.567", "-1.5"])
def test_a_number_shown_in_a_form_is_read_as_the_same_again(value: str) -> None:
    for language in ("da", "en"):
        assert parse_number(show_number(Decimal(value), reader_of(language))) == Decimal(value)


def test_a_period_includes_its_last_day() -> None:
    typed = Typed(reader_of("en"), {"first": "2025-02-01", "last": "2025-02-28"}, {})
    assert typed.period() == Period(date(2025, 2, 1), date(2025, 3, 1))
    wrong = Typed(reader_of("en"), {"first": "2025-02-02", "last": "2025-02-01"}, {})
    assert wrong.period() is None and [one.field for one in wrong.errors] == ["last"]
