"""The organisation's dataset from its sites' calculations, by hand, as far as the signed dataset."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import schemas
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.calculation.account import Energy, Material, Waste, Water
from exchange.domain.checks import run_checks
from exchange.domain.errors import InvalidError, NotPermittedError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Subject
from exchange.domain.periods import Period, year
from exchange.domain.targets import Measure, Target
from exchange.domain.voluntary_standard import LackKind
from exchange.services import publish
from exchange.services.bills import list_bills
from exchange.services.company_years import CompanyYear, set_company_year
from exchange.services.context import Context
from exchange.services.evidence import attach_evidence
from exchange.services.organisation_drafts import REMARKS, draft_organisation, publish_organisation
from exchange.services.sites import NewSite, create_site
from exchange.services.targets import add_target
from tests.datasets import contents
from tests.factories import acting, party
from tests.service.plant import GAS, GRID, Plant, plant
from workers.run_job import run_job

D = Decimal
Y2025 = year(2025)


def mwh(amount: str) -> dict[str, str]:
    return {"amount": amount, "unit": "MWH"}


def tonnes(amount: str) -> dict[str, str]:
    return {"amount": amount, "unit": "TNE"}


@pytest.fixture
def firm(ctx: Context) -> Plant:
    """One site in 2025 with everything booked: wind power of its own, green grid power, gas, wood, district heat."""
    firm = plant(ctx)
    firm.make(firm.arm, "100", Y2025)
    for name, detail, amount, unit in (
        ("Electricity", Energy("electricity_grid", "renewable"), "10000", "KWH"),
        ("Wind turbine", Energy("electricity_self"), "2000", "KWH"),
        ("Gas", GAS, "15000", "KWH"),
        ("Wood", Energy("wood"), "5", "MWH"),
        ("District heat", Energy("district_heat"), "4", "MWH"),
        ("Water", Water(), "220.5", "MTQ"),
        ("Steel sheet", Material(), "3.3", "TNE"),
        ("Film", Material(level="transport"), "40", "KGM"),
        ("Turnings", Waste("120101", "recycling"), "300", "KGM"),
        ("Oil", Waste("130205", "incineration_energy"), "50", "KGM"),
        ("Mixed waste", Waste("200301", "landfill"), "20", "KGM"),
        ("Paint", Waste("080111", "unknown"), "5", "KGM"),
    ):
        firm.bill(name, detail, amount, unit, Y2025)
    firm.calculate(2025)
    return firm


def checked(firm: Plant, number: int = 2025) -> dict[str, Any]:
    """The draft's content, which the schema and every check of publishing accept."""
    content = draft_organisation(firm.ctx, number).content
    assert schemas.problems(content, schemas.latest("organisation")) == []
    assert run_checks("organisation", content, publishing=True) == []
    return content


def lacking(firm: Plant, number: int = 2025) -> dict[LackKind, list[str]]:
    found: dict[LackKind, list[str]] = {}
    for one in draft_organisation(firm.ctx, number).lacks:
        found.setdefault(one.kind, []).append(one.datapoint)
    return found


def test_every_datapoint_of_one_site(firm: Plant) -> None:
    content = checked(firm)
    # Scope 1: gas 15 000 x 0.0036 x 56.1 = 3 029.4 kg, wood 5 000 x 0.0036 x 1.9 = 34.2 kg
    # Scope 2: 10 000 x 0.135 + 4 000 x 0.0878 = 1 701.2 kg
    assert content["indicators"] == {
        "TotalEnergyConsumption": mwh("36"),  # 10 + 2 + 15 + 5 + 4
        "GrossScope1GreenhouseGasEmissions": tonnes("3.0636"),
        "GrossLocationBasedScope2GreenhouseGasEmissions": tonnes("1.7012"),
        "TotalGrossLocationBasedScope1AndScope2GHGEmissions": tonnes("4.7648"),
        "TotalAmountOfWaterWithdrawnFromAllSites": {"amount": "220.5", "unit": "MTQ"},
        "TotalWasteGeneratedMass": tonnes("0.375"),
        "TotalMassOfMaterialUsed": tonnes("3.34"),
    }
    assert content["breakdown"] == {
        "EnergyConsumptionFromElectricity": {
            "RenewableEnergy": mwh("10"), "NonRenewableEnergy": mwh("0"), "Total": mwh("10"),
        },
        "EnergyConsumptionFromSelfGeneratedElectricity": {
            "RenewableEnergy": mwh("2"), "NonRenewableEnergy": mwh("0"), "Total": mwh("2"),
        },
        "EnergyConsumptionFromFuels": {
            "RenewableEnergy": mwh("5"), "NonRenewableEnergy": mwh("15"), "Total": mwh("20"),
        },
        "TotalHazardousWasteGeneratedMass": tonnes("0.055"),
        "TotalNonHazardousWasteGeneratedMass": tonnes("0.32"),
        "WasteDivertedToRecycleOrReuseMass": tonnes("0.3"),
        "WasteDirectedToDisposalMass": tonnes("0.02"),
        "TotalWasteRecycledReusedAndDirectedToDisposalMass": tonnes("0.32"),
        "waste": [
            {"code": "080111", "hazardous": True},
            {"code": "120101", "hazardous": False, "WasteDivertedToRecycleOrReuseMass": tonnes("0.3")},
            {"code": "130205", "hazardous": True},
            {"code": "200301", "hazardous": False, "WasteDirectedToDisposalMass": tonnes("0.02")},
        ],
    }  # fmt: skip
    assert content["composition"]["materials"] == [
        {"NameOfMaterialUsed": "Film", "WeightOfMaterialUsed": tonnes("0.04")},
        {"NameOfMaterialUsed": "Steel sheet", "WeightOfMaterialUsed": tonnes("3.3")},
    ]
    measured = {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}
    whole = measured | {"measurement_basis": "measured_direct"}
    assert content["quality"] == {indicator.value: whole for indicator in Indicator}
    assert content["site"] == {
        "sites": [{"CityOfSite": "Skive", "PostalCodeOfSite": "7800", "CountryOfSite": "DK"}]
    }
    assert content["identity"]["period"] == {"start": "2025-01-01", "end": "2026-01-01"}


def test_what_stands_in_no_column_is_said_in_code_and_in_words(firm: Plant) -> None:
    assert lacking(firm) == {
        LackKind.YEAR_MISSING: ["commercial"],
        LackKind.HEAT_IN_TOTAL_ONLY: ["indicators/TotalEnergyConsumption"],
        LackKind.MARKET_FACTOR_MISSING: ["breakdown/GrossMarketBasedScope2GreenhouseGasEmissions"],
        LackKind.TREATMENT_UNKNOWN: ["breakdown/TotalWasteRecycledReusedAndDirectedToDisposalMass"],
        LackKind.OTHER_TREATMENT: ["breakdown/TotalWasteRecycledReusedAndDirectedToDisposalMass"],
    }
    words = checked(firm)["process"][REMARKS]
    assert "TotalEnergyConsumption includes bought heat, steam and cooling" in words
    assert "Waste of unknown treatment counts neither as recycled nor as disposed of: Paint." in words


def test_the_company_year_fills_the_commercial_group_and_the_intensity(firm: Plant) -> None:
    set_company_year(firm.ctx, CompanyYear(2025, D(-2_000), True, D(4_764_800), D("12.5")))
    content = checked(firm)
    assert content["commercial"] == {
        "Turnover": {"amount": "4764800", "currency": "DKK"},
        "NumberOfEmployees": "12.5",
        "EmployeeCountingMethodology": "full_time_equivalent",
        "value_added": {"amount": "-2000", "currency": "DKK", "price_basis": "current", "basis": "proxy"},
    }
    intensity = content["breakdown"]["Scope1AndScope2GreenhouseGasEmissionsIntensityValueLocationBased"]
    assert intensity == {"amount": "0.000001", "unit": "TNE", "per": "DKK"}  # 4.7648 t / 4 764 800 DKK


def test_the_nearest_target_with_the_amounts_of_its_base_year(firm: Plant) -> None:
    whole = Subject(Level.ORGANISATION, firm.party.id)
    for base, end, share in ((2025, 2035, "0.9"), (2025, 2030, "0.5"), (2020, 2024, "0.1")):
        add_target(firm.ctx, Target(Indicator.CO2E, Measure.ABSOLUTE, base, end, D(share), whole))
    breakdown = checked(firm)["breakdown"]
    assert breakdown["GreenhouseGasEmissionReductionTargetBaseYear"] == "2025"
    assert breakdown["GreenhouseGasEmissionReductionTargetYear"] == "2030"
    both = "TotalGrossLocationBasedScope1AndScope2GHGEmissions"
    assert breakdown["baseline"] == {both: tonnes("4.7648")}
    assert breakdown["target"] == {both: tonnes("2.3824")}


def test_a_target_without_a_base_figure_keeps_its_years(firm: Plant) -> None:
    whole = Subject(Level.ORGANISATION, firm.party.id)
    add_target(firm.ctx, Target(Indicator.CO2E, Measure.ABSOLUTE, 2020, 2030, D("0.5"), whole))
    breakdown = checked(firm)["breakdown"]
    assert breakdown["GreenhouseGasEmissionReductionTargetBaseYear"] == "2020"
    assert "baseline" not in breakdown
    assert lacking(firm)[LackKind.BASE_MISSING] == ["breakdown/baseline"]


def test_two_sites_add_up_and_scarce_water_stands_apart(firm: Plant) -> None:
    yard = create_site(firm.ctx, NewSite("Yard", is_water_stressed=True)).id
    firm.bill("Power", GRID, "1000", "KWH", Y2025, site_id=yard)
    firm.bill("Water", Water(), "9.5", "MTQ", Y2025, site_id=yard)
    firm.calculate(2025, yard)
    content = checked(firm)
    assert content["indicators"]["TotalEnergyConsumption"] == mwh("37")
    # the yard's origin of power is not known: the row has its total alone
    assert content["breakdown"]["EnergyConsumptionFromElectricity"] == {"Total": mwh("11")}
    # 1 701.2 + 1 000 x 0.135
    scope2 = content["indicators"]["GrossLocationBasedScope2GreenhouseGasEmissions"]
    assert scope2 == tonnes("1.8362")
    water = content["indicators"]["TotalAmountOfWaterWithdrawnFromAllSites"]
    assert water == {"amount": "230", "unit": "MTQ"}
    stressed = content["breakdown"]["AmountOfWaterWithdrawnAtSitesLocatedInAreasOfHighWaterStress"]
    assert stressed == {"amount": "9.5", "unit": "MTQ"}
    # the yard books neither waste nor materials: no total of the organisation, and no list that lacks a site
    assert "TotalWasteGeneratedMass" not in content["indicators"]
    assert "TotalMassOfMaterialUsed" not in content["indicators"]
    assert "composition" not in content
    assert lacking(firm)[LackKind.NOTHING_BOOKED] == [
        "indicators/TotalWasteGeneratedMass",
        "indicators/TotalMassOfMaterialUsed",
    ]
    assert len(content["evidence"]["items"]) == 2


def test_a_site_without_a_calculation_is_named_and_has_to_be_confirmed(firm: Plant) -> None:
    create_site(firm.ctx, NewSite("Yard"))
    draft = draft_organisation(firm.ctx, 2025)
    assert draft.without == ("Yard",)
    assert "nothing of them is in the figures: Yard." in draft.content["process"][REMARKS]
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        publish_organisation(firm.ctx, 2025)
    assert refusal.value.error_code == "organisation.site_missing"
    assert contents(firm.ctx.store) == before
    assert publish_organisation(firm.ctx, 2025, is_confirmed=True).state == "waiting"


def test_a_figure_with_a_gap_is_left_out(ctx: Context) -> None:
    firm = plant(ctx)
    half = Period(Y2025.start, Y2025.start.replace(month=7))
    firm.bill("Electricity", GRID, "5000", "KWH", half)
    firm.bill("Diesel", Energy("gas_diesel_oil"), "1000", "KWH", Y2025)
    firm.bill("Bolts", Material(), "500", "H87", Y2025)
    firm.calculate(2025)
    content = checked(firm)
    # diesel alone is whole: 1 000 x 0.0036 x 74.1 = 266.76 kg
    assert content["indicators"] == {"GrossScope1GreenhouseGasEmissions": tonnes("0.26676")}
    assert content["breakdown"] == {
        "EnergyConsumptionFromFuels": {
            "RenewableEnergy": mwh("0"), "NonRenewableEnergy": mwh("1"), "Total": mwh("1"),
        },
    }  # fmt: skip
    assert content["composition"] == {"materials": [{"NameOfMaterialUsed": "Bolts"}]}
    assert "quality" not in content
    found = lacking(firm)
    assert found[LackKind.DAYS_MISSING] == [
        "breakdown/EnergyConsumptionFromElectricity",
        "indicators/TotalEnergyConsumption",
        "indicators/GrossLocationBasedScope2GreenhouseGasEmissions",
    ]
    assert found[LackKind.MASS_MISSING] == ["indicators/TotalMassOfMaterialUsed"]


def test_an_estimated_bill_is_secondary(ctx: Context) -> None:
    firm = plant(ctx)
    firm.bill("Electricity", GRID, "3000", "KWH", Y2025)
    firm.bill("Heat", Energy("district_heat"), "1000", "KWH", Y2025, is_estimate=True)
    firm.calculate(2025)
    quality = checked(firm)["quality"]
    assert quality == {
        "energy": {"measured": "0.75", "allocated": "0", "secondary": "0.25", "unknown": "0"}
    }  # no fuel is booked, so there is no sum of Scope 1 and 2 to say anything of
    assert lacking(firm)[LackKind.NOTHING_BOOKED][0] == "indicators/GrossScope1GreenhouseGasEmissions"


def test_the_documents_of_the_bills_are_evidence(firm: Plant) -> None:
    bill = list_bills(firm.ctx, firm.site_id, Y2025)[0]
    digest = attach_evidence(firm.ctx, bill.id, "bill.pdf", b"a bill")
    items = checked(firm)["evidence"]["items"]
    assert [one["kind"] for one in items] == ["calculation", "invoice"]
    assert items[1]["sha256"] == digest
    assert items[0]["description"].startswith("Calculation of 2025 from the bills of Hall with factors/")


def test_one_button_to_the_signed_dataset(firm: Plant, worker: Exchange) -> None:
    publication = publish_organisation(firm.ctx, 2025)
    run_job(worker, publication.job_id)
    found = publish.get_publication(firm.ctx, publication.id)
    assert (found.state, found.problems) == ("published", ())


def test_without_a_calculation_of_the_year_there_is_nothing_to_draft(ctx: Context, firm: Plant) -> None:
    for own, number in (
        (firm.ctx, 2024),
        (party(ctx).ctx, 2025),
    ):  # another organisation has none of it either
        with pytest.raises(InvalidError) as refusal:
            draft_organisation(own, number)
        assert refusal.value.error_code == "organisation.no_calculation"


def test_roles(firm: Plant) -> None:
    with pytest.raises(NotPermittedError):
        draft_organisation(acting(firm.party, Role.VIEWER), 2025)
    with pytest.raises(NotPermittedError):
        publish_organisation(acting(firm.party, Role.EDITOR), 2025)
