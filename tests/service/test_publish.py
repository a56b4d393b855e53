"""Publishing with a key of one's own: verified, validated, stored as the exact bytes, all or nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.domain.actors import Actor, Role
from exchange.domain.checks import run_checks
from exchange.domain.errors import ConflictError, InvalidError, NotPermittedError, RateLimitedError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.services import publish
from exchange.services.context import Context
from exchange.services.key_rotation import end_key
from exchange.services.rate_limits import _limiter
from exchange.store import datasets as query
from exchange.store.tables.datasets import DatasetRow, FigureRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.requests import AuditRow
from exchange.store.tables.rollup import NetworkRow
from exchange.trust import Token, did_key, did_key_kid
from exchange.trust.keys import new_private_key
from tests.datasets import (
    OwnKey,
    contents,
    credential,
    full_subject,
    open_year,
    own_key,
    product,
    product_subject,
    published,
    quantity,
    rows,
    signed,
    token_of,
)
from tests.factories import CVRS, PASSWORD, Party, checked_party, operator, party


@pytest.fixture
def firm(ctx: Context) -> Party:
    return party(ctx, "Nordvind Metal")


@pytest.fixture
def key(firm: Party) -> OwnKey:
    return own_key(firm)


def assert_refused(firm: Party, token: str | bytes, code: str) -> InvalidError:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        publish.publish_token(firm.ctx, token)
    assert refusal.value.error_code == code
    assert refusal.value.advice
    assert contents(firm.ctx.store) == before
    return refusal.value


# What is stored


def test_published_dataset_is_stored_as_the_exact_bytes_that_came(firm: Party, key: OwnKey) -> None:
    token = signed(key, full_subject(firm, product(firm)), at=firm.ctx.now())
    outcome = publish.publish_token(firm.ctx, token.serialise().encode())
    assert (outcome.version, outcome.supersedes_id, outcome.custody) == (1, None, False)
    with firm.ctx.store.read() as session:
        row = session.get_one(DatasetRow, outcome.dataset_id)
        disclosures = query.disclosures_of(session, row.id)
    assert row.jwt == token.jwt
    assert disclosures == dict(token.disclosures)
    order = [group.value for group in FieldGroup if group.value in disclosures]
    assert Token(row.jwt, {name: disclosures[name] for name in order}).serialise() == token.serialise()
    assert outcome.digest == row.digest == token.digest


def test_columns_beside_the_bytes_say_what_the_token_says(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    outcome = published(firm, full_subject(firm, about), key)
    (row,) = rows(firm.ctx.store, DatasetRow)
    assert (row.kind, row.subject_type, row.subject_id, row.organisation_id) == (
        "product", "product", about.id, firm.id,
    )  # fmt: skip
    assert (str(row.period_start), str(row.period_end)) == ("2025-01-01", "2026-01-01")
    assert (row.issuer_did, row.kid, row.custody, row.status) == (key.did, key.kid, False, "active")
    assert row.id == outcome.dataset_id


def test_figures_become_exact_columns_in_the_indicators_units(firm: Party, key: OwnKey) -> None:
    published(firm, full_subject(firm, product(firm)), key)
    figures = {(f.indicator, f.slice): f for f in rows(firm.ctx.store, FigureRow)}
    # 12.5 litres = 0.0125 m3; 1.5 kWh x 3.6 = 5.4 MJ; 50 g = 0.05 kg
    assert {key: (f.amount, f.unit) for key, f in figures.items()} == {
        ("resources", "own"): (Decimal("1.05"), "KGM"),
        ("water", "own"): (Decimal("0.0125"), "MTQ"),
        ("co2e", "own"): (Decimal("0.25"), "KGM"),
        ("co2e", "upstream"): (Decimal("2.1"), "KGM"),
        ("co2e", "total"): (Decimal("2.35"), "KGM"),
        ("energy", "own"): (Decimal("5.4"), "3B"),
        ("waste", "own"): (Decimal("0.05"), "KGM"),
    }
    assert figures["co2e", "total"].amount_order == 2.35
    assert (figures["co2e", "own"].measured, figures["co2e", "own"].unknown) == (Decimal(1), Decimal(0))


def test_smallest_amount_of_the_smallest_unit_is_not_rounded_away(firm: Party, key: OwnKey) -> None:
    indicators = {"co2e": {"own": quantity("0.000000000001", "MGM")}}
    published(firm, product_subject(firm, product(firm), indicators=indicators), key)
    (figure,) = rows(firm.ctx.store, FigureRow)
    assert figure.amount == Decimal("0.000000000000000001")


def test_log_entry_audit_and_roll_up_come_with_the_dataset(firm: Party, key: OwnKey) -> None:
    open_year(firm, 2025)
    outcome = published(firm, product_subject(firm, product(firm)), key)
    (row,) = rows(firm.ctx.store, DatasetRow)
    entry = rows(firm.ctx.store, LogPendingRow)[-1]
    assert (entry.event, entry.digest, entry.received_at) == ("publish", outcome.digest, row.received_at)
    assert ("dataset.publish", outcome.dataset_id) in [
        (a.action, a.target_id) for a in rows(firm.ctx.store, AuditRow)
    ]
    (network,) = rows(firm.ctx.store, NetworkRow)
    assert network.stale_since is not None
    assert sorted(job.kind for job in rows(firm.ctx.store, JobRow)) == [
        "issue_organisation_credential",
        "rollup",
        "sequence_log",
    ]


# Versions


def test_new_version_supersedes_the_one_in_force(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    first = published(firm, product_subject(firm, about), key)
    second = published(firm, full_subject(firm, about), key)
    assert (second.version, second.supersedes_id) == (2, first.dataset_id)
    states = {row.id: row.status for row in rows(firm.ctx.store, DatasetRow)}
    assert states == {first.dataset_id: "superseded", second.dataset_id: "active"}
    assert rows(firm.ctx.store, LogPendingRow)[-1].event == "supersede"


def test_another_period_is_no_new_version(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    published(firm, product_subject(firm, about, year=2024), key)
    assert published(firm, product_subject(firm, about, year=2025), key).version == 1


def test_same_bytes_again_change_nothing_and_answer_the_same(firm: Party, key: OwnKey) -> None:
    token = token_of(firm, key, product_subject(firm, product(firm)))
    first = publish.publish_token(firm.ctx, token)
    before = contents(firm.ctx.store)
    assert publish.publish_token(firm.ctx, token) == first
    assert contents(firm.ctx.store) == before


def test_other_token_under_a_used_credential_id_is_a_conflict(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    first = signed(key, product_subject(firm, about), at=firm.ctx.now())
    publish.publish_token(firm.ctx, first.serialise())
    again = token_of(firm, key, full_subject(firm, about), id=json.loads(_payload(first.jwt))["id"])
    before = contents(firm.ctx.store)
    with pytest.raises(ConflictError) as refusal:
        publish.publish_token(firm.ctx, again)
    assert refusal.value.error_code == "dataset.exists"
    assert contents(firm.ctx.store) == before


def _payload(jwt: str) -> bytes:
    part = jwt.split(".")[1]
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


# What is refused, and then nothing is stored


def test_tampered_payload_is_refused(firm: Party, key: OwnKey) -> None:
    header, payload, signature = signed(
        key, product_subject(firm, product(firm)), at=firm.ctx.now()
    ).jwt.split(".")
    other = base64.urlsafe_b64encode(_payload(f".{payload}.").replace(b"2026", b"2025")).decode().rstrip("=")
    assert_refused(firm, f"{header}.{other}.{signature}~", "signature.invalid")


def test_changed_disclosure_is_refused(firm: Party, key: OwnKey) -> None:
    about = product(firm)
    token = signed(key, product_subject(firm, about), at=firm.ctx.now())
    other = signed(key, full_subject(firm, about), at=firm.ctx.now())
    mixed = Token(token.jwt, {**token.disclosures, "indicators": other.disclosures["indicators"]})
    assert_refused(firm, mixed.serialise(), "disclosure.unreferenced")


@pytest.mark.parametrize("raw", ["", "~", "a.b.c~", "nonsense", "é.é.é~", b"\xff\x00"])
def test_what_is_no_token_is_refused(firm: Party, raw: str | bytes) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError):
        publish.publish_token(firm.ctx, raw)
    assert contents(firm.ctx.store) == before


def test_token_that_hides_a_group_from_the_exchange_is_refused(firm: Party, key: OwnKey) -> None:
    token = signed(key, full_subject(firm, product(firm)), at=firm.ctx.now())
    shown = [name for name in token.disclosures if name != "commercial"]
    assert_refused(firm, token.present(shown).serialise(), "publish.undisclosed")


@pytest.mark.parametrize("groups", [[], ["identity", "indicators"]])
def test_token_with_a_group_in_the_open_is_refused(firm: Party, key: OwnKey, groups: list[str]) -> None:
    """It would be shown to every reader of any other group."""
    token = token_of(firm, key, product_subject(firm, product(firm)), groups=groups)
    refusal = assert_refused(firm, token, "publish.open_group")
    assert refusal.path == f"/credentialSubject/{'quality' if groups else 'identity'}"


def test_key_nobody_registered_is_refused(firm: Party) -> None:
    private = new_private_key()
    stray = OwnKey(private, did_key_kid(private.public_key()), did_key(private.public_key()))
    assert_refused(firm, token_of(firm, stray, product_subject(firm, product(firm))), "kid.unknown")


def test_key_of_another_organisation_is_refused(ctx: Context, firm: Party) -> None:
    foreign = own_key(party(ctx))
    assert_refused(firm, token_of(firm, foreign, product_subject(firm, product(firm))), "key.foreign")


def test_token_another_organisation_published_is_not_ours_to_publish(ctx: Context, firm: Party) -> None:
    other = party(ctx)
    foreign = own_key(other)
    token = token_of(other, foreign, product_subject(other, product(other)))
    publish.publish_token(other.ctx, token)
    assert_refused(firm, token, "key.foreign")


def test_retired_key_signs_nothing_new(firm: Party, key: OwnKey) -> None:
    end_key(firm.ctx, key.kid, PASSWORD)
    assert_refused(firm, token_of(firm, key, product_subject(firm, product(firm))), "key_validity.retired")


def test_key_retired_between_verifying_and_storing_is_refused(
    firm: Party, key: OwnKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(firm, key, product_subject(firm, product(firm)))
    verify = publish.open_token

    def verify_then_retire(*given: Any) -> Any:
        verified = verify(*given)
        end_key(firm.ctx, key.kid, PASSWORD)
        return verified

    monkeypatch.setattr(publish, "open_token", verify_then_retire)
    with pytest.raises(InvalidError) as refusal:
        publish.publish_token(firm.ctx, token)
    assert refusal.value.error_code == "key_validity.retired"
    assert rows(firm.ctx.store, DatasetRow) == []


def test_product_of_another_organisation_is_refused(ctx: Context, firm: Party, key: OwnKey) -> None:
    foreign = product(party(ctx))
    refusal = assert_refused(firm, token_of(firm, key, product_subject(firm, foreign)), "subject.foreign")
    assert refusal.path == "/id"


def test_dataset_that_speaks_for_another_organisation_is_refused(
    ctx: Context, firm: Party, key: OwnKey
) -> None:
    subject = product_subject(party(ctx), product(firm))
    refusal = assert_refused(firm, token_of(firm, key, subject), "subject.foreign")
    assert refusal.path == "/identity/organisation/id"


def test_unit_other_than_the_registered_one_is_refused(firm: Party, key: OwnKey) -> None:
    subject = product_subject(firm, product(firm))
    subject["identity"]["declared_unit"] = quantity("1", "TNE")
    assert_refused(firm, token_of(firm, key, subject), "subject.unit")


def test_cvr_number_nobody_confirmed_is_not_signed_into_a_dataset(firm: Party, key: OwnKey) -> None:
    subject = product_subject(firm, product(firm))
    subject["identity"]["organisation"]["cvr"] = CVRS[1]
    assert_refused(firm, token_of(firm, key, subject), "subject.cvr")


def test_confirmed_cvr_number_may_stand_in_the_dataset_and_another_may_not(ctx: Context) -> None:
    firm = checked_party(ctx, operator(ctx), cvr=CVRS[0])
    key, about = own_key(firm), product(firm)
    subject = product_subject(firm, about)
    subject["identity"]["organisation"]["cvr"] = CVRS[0]
    assert published(firm, subject, key).version == 1
    subject["identity"]["organisation"]["cvr"] = CVRS[1]
    assert_refused(firm, token_of(firm, key, subject), "subject.cvr")


@pytest.mark.parametrize(
    "reference",
    [
        {"id": "https://elsewhere.example/schemas/product/0.1.0.json"},
        {"id": "https://vcx.example/schemas/product/9.9.9.json"},
        {"id": "https://vcx.example/schemas/request/0.1.0.json"},
        {"digestSRI": "sha256-" + base64.b64encode(bytes(32)).decode()},
    ],
)
def test_schema_that_is_not_ours_or_not_these_bytes_is_refused(
    firm: Party, key: OwnKey, reference: dict[str, str]
) -> None:
    subject = product_subject(firm, product(firm))
    named = credential(key, subject, at=firm.ctx.now())["credentialSchema"]
    token = token_of(firm, key, subject, credentialSchema={**named, **reference})
    assert_refused(firm, token, "schema.unknown")


def test_content_that_breaks_its_schema_is_refused_with_every_problem(firm: Party, key: OwnKey) -> None:
    subject = product_subject(firm, product(firm), colour={"name": "red"})
    subject["indicators"]["co2e"]["own"] = quantity("-1", "XXX")
    refusal = assert_refused(firm, token_of(firm, key, subject), "schema.invalid")
    paths = {problem.path for problem in refusal.problems}
    assert {"/indicators/co2e/own/amount", "/indicators/co2e/own/unit"} <= paths
    assert len(paths) >= 3


def test_credential_type_must_be_the_kinds(firm: Party, key: OwnKey) -> None:
    subject = product_subject(firm, product(firm))
    token = token_of(firm, key, subject, type=["VerifiableCredential", "StreamDataset"])
    assert_refused(firm, token, "credential.type")


def test_credential_id_must_be_a_uuid(firm: Party, key: OwnKey) -> None:
    token = token_of(firm, key, product_subject(firm, product(firm)), id="https://firm.example/" + "1" * 400)
    assert_refused(firm, token, "id.urn_uuid")


def test_expired_and_not_yet_valid_tokens_are_refused(firm: Party, key: OwnKey, clock: SteppingClock) -> None:
    subject, now = product_subject(firm, product(firm)), firm.ctx.now()
    ended = (now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    short = token_of(firm, key, subject, validUntil=ended)
    early = signed(key, subject, at=now + timedelta(days=2)).serialise()
    assert_refused(firm, early, "time.not_yet_valid")
    clock.move(timedelta(hours=2))
    assert_refused(firm, short, "time.expired")


# One content per named check of products: (groups that break it, code)
BROKEN: list[tuple[str, Callable[[dict[str, Any]], object]]] = [
    ("publish.minimum", lambda s: s.pop("indicators")),
    ("quality.missing", lambda s: s["quality"].pop("water")),
    ("period.order", lambda s: s["identity"].update(period={"start": "2026-01-01", "end": "2025-01-01"})),
    ("indicator.unit", lambda s: s["indicators"].update(co2e={"own": quantity("1", "LTR")})),
    ("indicator.total", lambda s: s["indicators"]["co2e"].update(total=quantity("9", "KGM"))),
    ("quality.sum", lambda s: s["quality"]["water"].update(unknown="0.1")),
    ("breakdown.sum", lambda s: s["breakdown"]["co2e"].update(scope1=quantity("5", "KGM"))),
    ("fraction.sum", lambda s: s["composition"]["materials"][0].update(mass_fraction="0.5")),
    ("mass.disagrees", lambda s: s["identity"].update(mass=quantity("2", "KGM"))),
    ("recipe.unit", lambda s: s["process"]["inputs"][0].update(mass=quantity("1", "LTR"))),
    ("amount.unit", lambda s: s["commercial"].update(produced=quantity("1", "H87"))),
    ("id.gtin", lambda s: s["identity"]["product"].update(gtin="4006381333932")),
    ("zero.reason", lambda s: s["indicators"].update(waste={"total": quantity("0", "KGM")})),
    ("boundary.slices", lambda s: s["identity"].update(boundary="gate_to_gate")),
    (
        "allocated.needs_key",
        lambda s: s["quality"].update(
            water={"measured": "0", "allocated": "1", "secondary": "0", "unknown": "0"}
        ),
    ),
    (
        "substances.threshold",
        lambda s: s.update(
            substances={
                "svhc": [{"name": "Lead", "concentration": {"max": "0.01"}}],
                "svhc_above_threshold": False,
            }
        ),
    ),
]


@pytest.mark.parametrize(("code", "spoil"), BROKEN, ids=[code for code, _ in BROKEN])
def test_named_check_reaches_the_publisher(
    firm: Party, key: OwnKey, code: str, spoil: Callable[[dict[str, Any]], object]
) -> None:
    subject = full_subject(firm, product(firm))
    assert run_checks(DatasetKind.PRODUCT, subject, publishing=True) == []
    spoil(subject)
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        publish.publish_token(firm.ctx, token_of(firm, key, subject))
    assert code in {refusal.value.error_code, *(problem.code for problem in refusal.value.problems)}
    assert contents(firm.ctx.store) == before


def test_preview_says_the_same_and_stores_nothing(firm: Party) -> None:
    subject = full_subject(firm, product(firm))
    before = contents(firm.ctx.store)
    assert publish.preview(firm.ctx, DatasetKind.PRODUCT, subject) == publish.Preview((), ())
    subject["quality"]["water"]["unknown"] = "0.1"
    subject["quality"] = dict(subject["quality"])
    found = publish.preview(firm.ctx, DatasetKind.PRODUCT, subject).problems
    assert {problem.code for problem in found} == {"quality.sum"}
    assert contents(firm.ctx.store) == before


@pytest.mark.parametrize("value", [1.5, float("nan"), "half \ud800", 2**60, {1: "x"}, ("a",)])
def test_preview_of_what_json_cannot_carry_is_a_problem_and_no_crash(firm: Party, value: object) -> None:
    subject = product_subject(firm, product(firm))
    subject["identity"]["product"]["name"] = value
    (found,) = publish.preview(firm.ctx, DatasetKind.PRODUCT, subject).problems
    assert found.code.startswith("json.")


# Who may, and how often


def test_editor_may_preview_and_only_a_signer_publish(firm: Party, key: OwnKey) -> None:
    subject = product_subject(firm, product(firm))
    editor = firm.ctx.acting_as(Actor(firm.id, frozenset({Role.EDITOR})))
    assert publish.preview(editor, DatasetKind.PRODUCT, subject).problems == ()
    with pytest.raises(NotPermittedError):
        publish.publish_token(editor, token_of(firm, key, subject))


def test_too_many_publications_are_told_to_wait(firm: Party, key: OwnKey) -> None:
    limited = replace(firm.ctx, settings=firm.ctx.settings.model_copy(update={"rate_import": "2/minute"}))
    _limiter.cache_clear()
    about = product(firm)
    for year in (2023, 2024):
        token = token_of(firm, key, product_subject(firm, about, year=year))
        publish.publish_token(limited, token)
    with pytest.raises(RateLimitedError) as refusal:
        publish.publish_token(limited, token)
    assert 1 <= refusal.value.retry_after <= 60
