"""Two tenants: whatever one asks of the other's looks exactly like nothing there, and is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select
from werkzeug.test import TestResponse

from exchange import api
from exchange.adapters.clock import SteppingClock
from exchange.api.operation import Operation
from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.calculation.account import Water
from exchange.domain.factors import FactorBasis
from exchange.domain.groups import DatasetKind
from exchange.domain.indicators import Indicator
from exchange.domain.initiatives import EffortIndicator, Initiative, Motive, Place
from exchange.domain.own_development import Level, Subject
from exchange.domain.own_factors import OwnRow
from exchange.domain.periods import year
from exchange.domain.quantities import Quantity, UnitCode
from exchange.domain.targets import Measure
from exchange.domain.targets import Target as ReductionTarget
from exchange.services import api_clients, jobs, publish
from exchange.services.bills import NewBill, enter_bill
from exchange.services.calculations import calculate_site
from exchange.services.chains import NewChain, Target, create_chain
from exchange.services.context import Context
from exchange.services.flows import NewFlow, add_flow
from exchange.services.foreign_credentials import submit_foreign_credential
from exchange.services.imports import submit_import
from exchange.services.initiatives import add_initiative
from exchange.services.invitations import invite
from exchange.services.organisations import declare_domain
from exchange.services.outputs import NewOutput, enter_output
from exchange.services.own_factors import add_own_factor
from exchange.services.products import Product
from exchange.services.readings import NewReading, enter_reading
from exchange.services.sites import NewSite, create_site
from exchange.services.targets import add_target
from exchange.store.tables.requests import AccessRecordRow
from exchange.trust.keys import new_private_key
from tests import datasets, factories, served
from tests.api.conftest import Caller, caller
from tests.conftest import START, database_copy, settings_over, web_process
from tests.service.identities import did_documents
from tests.service.rollup_story import Maker, delivery_subject
from tests.service.signed_release import signed_release
from tests.unit.trust.foreign.documents import signed, written
from tests.working import work_off

UNKNOWN = "01986e2f-1f00-7000-8000-000000000000"
# The directory and the schemas are for all.
PUBLIC = {"organisations_get", "products_list_of", "schemas_get"}
FIXED = {"indicator": "water"}  # what a path names beside ids
PEOPLE_ONLY = {"keys_retire", "keys_compromise"}  # see test_keys
BY_ID: list[Operation] = [
    operation
    for resource in api.RESOURCES
    for operation in resource.operations
    if operation.path_types
    and operation.name not in PUBLIC
    and not {"organisation_id", "session_id"} & set(operation.path_types)  # the latter: see test_sessions
    and operation.name not in PEOPLE_ONLY
]


def things_of(ctx: Context, owner: Caller, other: Caller) -> dict[str, str]:
    """An id of everything the owner can have, by the name its path gives it."""
    party = owner.party
    about = datasets.product(party)
    publication = publish.submit_for_custody(
        party.ctx, DatasetKind.PRODUCT, datasets.product_subject(party, about, year=2024)
    )
    key = datasets.own_key(party)
    dataset = datasets.published(party, datasets.product_subject(party, about), key)
    grant = datasets.granted(party, other.party, about)
    asked = datasets.product(other.party)
    request = datasets.sent(party, other.party, datasets.request_line(asked))
    table = b"sku;customer;quantity;unit;from;to\n"
    chain = create_chain(party.ctx, NewChain("Chain", (Target(about.id, year(2025), Decimal(10)),)))
    return {
        "product_id": about.id,
        "dataset_id": dataset.dataset_id,
        "publication_id": publication.id,
        "job_id": publication.job_id,
        "grant_id": grant.id,
        "request_id": request.id,
        "line_id": request.lines[0].id,
        "user_id": str(party.actor.user_id),
        "client_id": api_clients.create_api_client(party.ctx, "ERP", {Role.VIEWER}).client_id,
        "kid": key.kid,
        "invitation_id": invite(party.ctx, "new@people.example", {Role.VIEWER}).invitation.id,
        "import_id": submit_import(party.ctx, "deliveries", "d.csv", table).id,
        "chain_id": chain.id,
        "statement_id": signed_release(party.ctx, chain.id, year(2025).start, year(2025).end),
        "credential_id": submit_foreign_credential(party.ctx, written(signed())).id,
        "supplier_id": supplier_of(owner, key, other),
        "binding_id": binding_of(party),
        **calculated(party, about),
        **FIXED,
    }


def calculated(party: factories.Party, about: Product) -> dict[str, str]:
    """A site with one of everything in its account, and the year 2025 worked out: 10 m3 of water for 5 kg made."""
    ctx, period = party.ctx, year(2025)
    site = create_site(ctx, NewSite("Works"))
    flow = add_flow(ctx, site.id, NewFlow("Water", Water(), UnitCode.CUBIC_METRE))
    water = Quantity(Decimal(10), UnitCode.CUBIC_METRE)
    made = Quantity(Decimal(5), UnitCode.KILOGRAM)
    own = OwnRow(
        key="co2e.material.steel_sheet",
        value=Decimal(2),
        result=UnitCode.KILOGRAM,
        activity=UnitCode.KILOGRAM,
        source="A declaration of the maker's",
        year=2025,
        geography="DK",
        basis=FactorBasis.SUPPLY_CHAIN,
        gwp_set="AR5",
        valid_from=period.start,
    )
    return {
        "site_id": site.id,
        "flow_id": flow.id,
        "key_id": flow.key_id,
        "bill_id": enter_bill(ctx, site.id, NewBill(flow.id, period, water)).id,
        "output_id": enter_output(ctx, site.id, NewOutput(about.id, period, made)).id,
        "reading_id": enter_reading(ctx, site.id, NewReading(flow.id, about.id, period, water)).id,
        "factor_id": add_own_factor(ctx, own).id or "",
        "calculation_id": calculate_site(ctx, site.id, period).header.id,
        "target_id": add_target(ctx, less_water(Subject(Level.SITE, site.id))).id,
        "initiative_id": add_initiative(ctx, closed_circuit(Place(site.id, (flow.id,)))).id,
    }


def less_water(subject: Subject) -> ReductionTarget:
    """Three tenths less in 2030 than in 2025."""
    return ReductionTarget(Indicator.WATER, Measure.ABSOLUTE, 2025, 2030, Decimal("0.3"), subject)


def closed_circuit(place: Place) -> Initiative:
    """An initiative of 2026."""
    effort, motive = EffortIndicator.INVESTMENT, Motive.COST_SAVINGS
    start = year(2026).start
    return Initiative(title="Closed circuit", effort=effort, in_force=start, place=place, motive=motive)


def binding_of(party: factories.Party) -> str:
    """A did:web key of the party's that waits to be bound."""
    declare_domain(party.ctx, did_documents.DOMAIN)
    return did_documents.request(party, new_private_key()).id


def supplier_of(owner: Caller, key: datasets.OwnKey, other: Caller) -> str:
    """The other organisation once it has published a delivery to the owner."""
    sender = Maker(other.party, datasets.own_key(other.party))
    about = datasets.product(other.party)
    subject = delivery_subject(sender, Maker(owner.party, key), about, "1", year(2025))
    sender.publish(DatasetKind.DELIVERY, subject)
    return other.party.id


YEAR = {"start": "2025-01-01", "end": "2026-01-01"}
AMOUNT = {"amount": "1", "unit": "MTQ"}
ORDER = {"delivery": "Order 7", "recipient_id": UNKNOWN, "quantity": AMOUNT, "window": YEAR}
ENTRY = {"flow_id": UNKNOWN, "product_id": UNKNOWN, "period": YEAR, "amount": AMOUNT}
BODIES: dict[str, dict[str, Any]] = {
    "users_set_roles": {"roles": ["viewer"]},
    "requests_answer": {
        "answers": {"indicators/co2e": "not_available"},
        "valid_until": "2027-01-01T00:00:00Z",
    },
    "requests_decline": {"reason": "cost"},
    "grants_revoke": {"reason": ""},
    "revocation_revoke": {"reason": "other"},
    "chains_set_members": {"period": YEAR, "organisation_ids": [UNKNOWN]},
    "chains_add_targets": {"targets": [{"product_id": UNKNOWN, "period": YEAR, "amount": "1"}]},
    "sites_change": {"name": "Works"},
    "sites_set_product": {},
    "flows_add": {"name": "Water", "detail": {"kind": "water"}, "unit": "MTQ"},
    "flows_set_key": {"key_id": UNKNOWN},
    "flows_set_input": {},
    "spreading_keys_add": {"name": "Key", "method": "mass"},
    "spreading_keys_change": {"name": "Key", "method": "mass"},
    "bills_enter": {name: ENTRY[name] for name in ("flow_id", "period", "amount")},
    "readings_enter": ENTRY,
    "outputs_enter": {name: ENTRY[name] for name in ("product_id", "period", "amount")},
    "calculations_calculate": YEAR,
    "measured_deliveries_draft": ORDER,
    "measured_deliveries_publish": ORDER,
}
OF_2025 = "?start=2025-01-01&end=2026-01-01"
QUERIES = {
    "datasets_get": "?purpose=CSRD_REPORTING",
    "bills_list_of": OF_2025,
    "readings_list_of": OF_2025,
    "outputs_list_of": OF_2025,
}
FILES = {"bills_attach_evidence": b"scan"}


@dataclass(frozen=True)
class Theirs:
    """An exchange in which somebody has one of everything, and the ids of it."""

    exchange: Exchange
    ids: dict[str, str]


@pytest.fixture(scope="module")
def theirs(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theirs]:
    """The same for all operations: none of them changes anything of it."""
    folder = tmp_path_factory.mktemp("theirs")
    with (
        database_copy(template, folder) as url,
        web_process(settings_over(folder, url), SteppingClock(START)) as exchange,
    ):
        ctx = exchange.context()
        owner, other = (caller(ctx, served.over(exchange).test_client()) for _ in range(2))
        yield Theirs(exchange, things_of(ctx, owner, other))


@pytest.mark.parametrize("operation", BY_ID, ids=lambda operation: operation.name)
def test_a_foreign_id_is_answered_like_an_unknown_one_and_recorded(
    theirs: Theirs, operation: Operation
) -> None:
    ctx, foreign = theirs.exchange.context(), theirs.ids
    third = caller(ctx, served.over(theirs.exchange).test_client())
    unknown = {name: FIXED.get(name, UNKNOWN) for name in operation.path_types}
    if "kid" in unknown:
        unknown["kid"] = "did:key:zUnknown#zUnknown"
    before = _records(ctx, third)
    to_foreign = _call(third, operation, foreign)
    to_unknown = _call(third, operation, unknown)
    assert (to_foreign.status_code, to_unknown.status_code) == (404, 404)
    assert _without_request_id(to_foreign) == _without_request_id(to_unknown)
    made = _records(ctx, third)[len(before) :]
    assert [(row.decision, row.target_id) for row in made] == [
        ("denied", "/".join(asked[name] for name in operation.path_types)[:80])
        for asked in (foreign, unknown)
    ]


@pytest.mark.parametrize("path", ["/development?site_id=", "/account-template?site_id="])
def test_a_foreign_id_in_a_query_is_recorded_too(
    ctx: Context, supplier: Caller, customer: Caller, path: str
) -> None:
    site = create_site(supplier.party.ctx, NewSite("Works"))
    assert supplier.get(path + site.id).status_code == 200
    assert customer.get(path + site.id).status_code == 404
    assert [(row.decision, row.target_id) for row in _records(ctx, customer)] == [("denied", site.id)]


def test_the_owners_own_ids_are_found(
    ctx: Context, supplier: Caller, customer: Caller, worker: Exchange
) -> None:
    own = things_of(ctx, supplier, customer)
    work_off(worker)  # the log must cover a dataset before its proofs are there
    for operation in BY_ID:
        if operation.method == "GET":
            assert _call(supplier, operation, own).status_code == 200, operation.name


def test_lists_hold_only_ones_own(ctx: Context, supplier: Caller, customer: Caller) -> None:
    things_of(ctx, supplier, customer)
    stranger = factories.party(ctx)
    third = Caller(stranger, supplier.client, factories.bearer(stranger))
    for path in (
        "/products",
        "/datasets",
        "/granted-datasets",
        "/requests",
        "/requests?box=outbox",
        "/suppliers",
        "/grants",
        "/grants?side=received",
        "/calculations",
        "/access-records",
        "/access-records?side=actor",
        "/foreign-credentials",
        "/release-inputs",
    ):
        page = third.get(path).json
        assert page == {"items": [], "next_cursor": None}, path
    for path in (
        "/keys",
        "/keys/did-web",
        "/organisation/credentials",
        "/sites",
        "/company-years",
        "/targets",
        "/initiatives",
    ):
        assert third.get(path).json == {"items": []}, path
    assert all(one["id"] is None for one in (third.get("/factors").json or {})["items"])


def test_the_job_of_a_publication_is_its_owners(ctx: Context, supplier: Caller) -> None:
    about = datasets.product(supplier.party)
    body = {"kind": "product", "subject": datasets.product_subject(supplier.party, about)}
    answer = supplier.post("/datasets", json=body)
    assert answer.status_code == 202 and answer.json is not None
    waiting = supplier.client.get(
        answer.headers["Location"], headers={"Authorization": f"Bearer {supplier.token}"}
    )
    assert waiting.json == answer.json
    job = supplier.get(f"/jobs/{answer.json['job_id']}").json
    assert job is not None and (job["kind"], job["state"]) == (publish.JOB_KIND, "queued")
    assert supplier.delete(f"/jobs/{answer.json['job_id']}").status_code == 204
    assert jobs.get_job(supplier.party.ctx, answer.json["job_id"]).state == "cancelled"


def _call(who: Caller, operation: Operation, ids: dict[str, str]) -> TestResponse:
    path = operation.path
    for name in operation.path_types:
        path = path.replace(f"{{{name}}}", ids[name].replace("#", "%23"))
    sent: dict[str, Any] = {}
    if operation.name in BODIES:
        sent = {"json": BODIES[operation.name]}
    elif operation.name in FILES:
        sent = {"data": FILES[operation.name], "content_type": "application/octet-stream"}
    return who._send(operation.method, path + QUERIES.get(operation.name, ""), sent)


def _without_request_id(answer: TestResponse) -> dict[str, Any]:
    document = dict(answer.json or {})
    document.pop("request_id")
    return document


def _records(ctx: Context, who: Caller) -> list[AccessRecordRow]:
    with ctx.store.read() as session:
        return list(
            session.exec(
                select(AccessRecordRow)
                .where(AccessRecordRow.actor_organisation_id == who.party.id)
                .order_by(col(AccessRecordRow.at), col(AccessRecordRow.id))
            ).all()
        )
