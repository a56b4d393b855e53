"""From stored calculations to the organisation's dataset: the voluntary standard's datapoints, nothing typed twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from exchange.domain.actors import Role
from exchange.domain.calculation.site_totals import to_places
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level
from exchange.domain.periods import year as year_period
from exchange.domain.quantities import Quantity, UnitCode, decimal_to_wire
from exchange.domain.targets import Measure
from exchange.domain.voluntary_standard import Datapoints, Lack, LackKind, datapoints_of
from exchange.domain.voluntary_standard.energy import LOCATION_SUM, MARKET_SUM
from exchange.domain.voluntary_standard.words import in_words
from exchange.services.browser_signing import prepare_signing
from exchange.services.company_years import CompanyYear, list_company_years
from exchange.services.context import Context
from exchange.services.organisation_accounts import YearOfSite, read_accounts
from exchange.services.organisations import CvrStatus, get_organisation
from exchange.services.publish import Publication, submit_for_custody
from exchange.services.sites import Site
from exchange.services.targets import TargetView, list_targets
from exchange.trust.token import Unsigned

Document: TypeAlias = dict[str, Any]
EDITION = "VS-2026/1560"
MOST_EVIDENCE = 200
TONNE = 1000  # kg
# The standard leaves room for what no datapoint says; there a reader is told what the figures lack.
REMARKS = "DisclosureOfAnyOtherEnvironmentalAndOrEntitySpecificEnvironmentalDisclosures"
INTENSITIES = {
    "Scope1AndScope2GreenhouseGasEmissionsIntensityValueLocationBased": (FieldGroup.INDICATORS, LOCATION_SUM),
    "Scope1AndScope2GreenhouseGasEmissionsIntensityValueMarketBased": (FieldGroup.BREAKDOWN, MARKET_SUM),
}


@dataclass(frozen=True)
class OrganisationDraft:
    """The content of an `organisation` dataset, and what is lacking in it, for the page to say in words.

    `without` are the names of sites that no calculation of the year covers.
    """

    content: Document
    lacks: tuple[Lack, ...]
    without: tuple[str, ...]


def draft_organisation(ctx: Context, year: int) -> OrganisationDraft:
    """A year's dataset of the actor's organisation by the newest calculation of each site; nothing is stored.

    Raises InvalidError `organisation.no_calculation` where no site has a calculation of the calendar year.
    """
    ctx.who.require(Role.EDITOR)
    accounts, others = read_accounts(ctx, year)
    if not accounts:
        raise InvalidError(
            f"No site has a calculation of the calendar year {year}.",
            code="organisation.no_calculation",
            advice="Calculate each site from 1 January to 31 December first.",
        )
    points = datapoints_of([one.accounted for one in accounts])
    company = next((one for one in list_company_years(ctx) if one.year == year), None)
    target, of_target = _target(list_targets(ctx), year)
    without = tuple(site.name for site in others)
    lacks = (*_unsaid(without, company, year), *points.lacks, *of_target)
    content = _content(ctx, year, points, company)
    content[FieldGroup.BREAKDOWN.value] |= target
    content[FieldGroup.SITE.value] = {"sites": [_site(one) for one in _all_sites(accounts, others)]}
    content[FieldGroup.PROCESS.value] = {REMARKS: in_words(lacks)}
    content[FieldGroup.EVIDENCE.value] = _evidence(accounts, year, points)
    ordered = ["id", *(group.value for group in FieldGroup)]
    filled = {name: content[name] for name in ordered if content.get(name)}
    return OrganisationDraft(filled, lacks, without)


def publish_organisation(
    ctx: Context, year: int, *, is_confirmed: bool = False, may_lose: bool = True
) -> Publication:
    """Hand a year's dataset to the worker for its signature.

    Raises the codes of `draft_organisation`, `dataset.invalid` with every problem a check finds, `dataset.loses`
    unless it `may_lose` what the version in force says, and `organisation.site_missing` naming the sites that no
    calculation covers: totals without them are published only when that is confirmed, and the dataset says so.
    """
    ctx.who.require(Role.SIGNER)
    content = _confirmed(ctx, year, is_confirmed=is_confirmed)
    return submit_for_custody(ctx, DatasetKind.ORGANISATION, content, may_lose=may_lose)


def prepare_organisation(
    ctx: Context, year: int, kid: str, *, is_confirmed: bool = False, may_lose: bool = True
) -> Unsigned:
    """What the own key `kid` has to sign to publish a year's dataset; see `prepare_signing`.

    Raises the codes of `publish_organisation` and `prepare_signing`.
    """
    ctx.who.require(Role.SIGNER)
    content = _confirmed(ctx, year, is_confirmed=is_confirmed)
    return prepare_signing(ctx, DatasetKind.ORGANISATION, content, kid, may_lose=may_lose)


def _confirmed(ctx: Context, year: int, *, is_confirmed: bool) -> Document:
    """The year's content; sites that it leaves out have to be confirmed."""
    draft = draft_organisation(ctx, year)
    if draft.without and not is_confirmed:
        raise InvalidError(
            f"These sites have no calculation of {year}: {', '.join(draft.without)}.",
            code="organisation.site_missing",
            advice="Calculate them too, or confirm that the year's figures are published without them.",
        )
    return draft.content


def _content(ctx: Context, year: int, points: Datapoints, company: CompanyYear | None) -> Document:
    """The groups that calculations and the company's year fill."""
    content: Document = {
        "id": f"urn:uuid:{ctx.who.organisation_id}",
        FieldGroup.IDENTITY.value: _identity(ctx, year),
        FieldGroup.INDICATORS.value: points.indicators,
        FieldGroup.BREAKDOWN.value: dict(points.breakdown),
        FieldGroup.QUALITY.value: points.quality,
        FieldGroup.COMPOSITION.value: points.composition,
        FieldGroup.COMMERCIAL.value: _commercial(company) if company else {},
    }
    for name, (group, emitted) in INTENSITIES.items():
        mass = content[group.value].get(emitted)
        if mass is not None and company is not None and company.turnover:
            amount = to_places(Fraction(mass["amount"]) / Fraction(company.turnover))
            content[FieldGroup.BREAKDOWN.value][name] = {
                "amount": decimal_to_wire(amount), "unit": mass["unit"], "per": "DKK",
            }  # fmt: skip
    return content


def _identity(ctx: Context, year: int) -> Document:
    organisation = get_organisation(ctx, ctx.who.organisation_id)
    is_approved = organisation.cvr and organisation.cvr_status is CvrStatus.APPROVED
    named = {"id": f"urn:uuid:{organisation.id}", "name": organisation.name}
    return {
        "kind": DatasetKind.ORGANISATION.value,
        "organisation": named | ({"cvr": organisation.cvr} if is_approved else {}),
        "period": year_period(year).to_wire(),
        "standard_edition": EDITION,
        **({"branch": organisation.branch} if organisation.branch else {}),
        "CountryOfPrimaryOperationsAndLocationOfSignificantAssets": organisation.country,
    }


def _commercial(company: CompanyYear) -> Document:
    """The annual report's figures, in that year's prices."""
    group: Document = {}
    if company.turnover is not None:
        group["Turnover"] = {"amount": decimal_to_wire(company.turnover), "currency": "DKK"}
    if company.employees is not None:
        group["NumberOfEmployees"] = decimal_to_wire(company.employees)
        group["EmployeeCountingMethodology"] = "full_time_equivalent"
    if company.value_added is not None:
        group["value_added"] = {
            "amount": decimal_to_wire(company.value_added),
            "currency": "DKK",
            "price_basis": "current",
            "basis": "proxy" if company.is_proxy else "measured",
        }
    return group


def _target(targets: Sequence[TargetView], year: int) -> tuple[Document, list[Lack]]:
    """C3: the nearest absolute CO2e target of the whole organisation, with its amounts where the base year is whole."""
    standing = [
        one
        for one in targets
        if one.target.subject.level is Level.ORGANISATION
        and one.target.indicator is Indicator.CO2E
        and one.target.measure is Measure.ABSOLUTE
        and one.target.target_year >= year
    ]
    nearest = min(standing, key=lambda one: one.target.target_year, default=None)
    if nearest is None:
        return {}, []
    stated: Document = {
        "GreenhouseGasEmissionReductionTargetBaseYear": str(nearest.target.base_year),
        "GreenhouseGasEmissionReductionTargetYear": str(nearest.target.target_year),
    }
    base, needed = nearest.progress.base, nearest.progress.needed
    if base is None or needed is None:
        return stated, [Lack(LackKind.BASE_MISSING, "breakdown/baseline", (str(nearest.target.base_year),))]
    for name, amount in (("baseline", base), ("target", needed)):
        mass = Quantity(to_places(amount / TONNE), UnitCode.TONNE)
        stated[name] = {LOCATION_SUM: mass.to_wire()}
    return stated, []


def _unsaid(without: tuple[str, ...], company: CompanyYear | None, year: int) -> list[Lack]:
    """Sites without a calculation, and a year of which the annual report's figures are not entered."""
    found = []
    if without:
        found.append(Lack(LackKind.NO_CALCULATION, "indicators", without, is_left_out=False))
    if company is None:
        found.append(Lack(LackKind.YEAR_MISSING, "commercial", (str(year),)))
    return found


def _all_sites(accounts: Sequence[YearOfSite], others: Sequence[Site]) -> list[Site]:
    return sorted((*(one.site for one in accounts), *others), key=lambda site: (site.name, site.id))


def _site(site: Site) -> Mapping[str, str]:
    fields = {
        "p_number": site.p_number,
        "AddressOfSite": site.address,
        "CityOfSite": site.city,
        "PostalCodeOfSite": site.postal_code,
        "CountryOfSite": site.country,
    }
    return {name: value for name, value in fields.items() if value}


def _evidence(accounts: Sequence[YearOfSite], year: int, points: Datapoints) -> Document:
    """Each calculation by the hash of all that went into it, and the documents attached to its bills by theirs."""
    calculations = [
        {
            "kind": "calculation",
            "sha256": one.identity,
            "description": f"Calculation of {year} from the bills of {one.site.name} with {one.factor_set}.",
            "concerns": [f"indicators/{name}" for name in points.indicators],
        }
        for one in accounts
    ]
    digests = sorted({digest for one in accounts for digest in one.documents})
    attached = [{"kind": "invoice", "sha256": digest} for digest in digests]
    return {"items": [*calculations, *attached][:MOST_EVIDENCE]}
