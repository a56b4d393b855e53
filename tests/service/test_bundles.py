"""Bundles and receipts as the exchange makes them, judged by the verifier that knows nothing of the exchange."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import schemas
from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.domain.errors import NotFoundError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.services.bundles import make_bundle
from exchange.services.context import Context
from exchange.services.key_rotation import end_key
from exchange.services.receipts import make_receipt, places_of
from exchange.services.revocation.revoking import RevocationReason, revoke_dataset
from exchange.services.transparency import sequencing
from exchange.services.transparency.epochs import open_new_epoch
from exchange.services.transparency.outbox import note_document
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.store.tables.log import LogCosignatureRow, LogEntryRow
from exchange.store.tables.requests import AccessRecordRow
from exchange.trust import Outcome
from exchange.trust.bundle.document import read_bundle
from exchange.trust.bundle.verdict import BundlePolicy, BundleVerdict
from exchange.trust.bundle.verify import verify_bundle
from exchange.trust.log.checkpoint import read_checkpoint
from exchange.trust.log.merkle import leaf_hash, verify_inclusion
from exchange.trust.log.note import read_note, signers
from exchange.trust.log.tlog_proof import read_tlog_proof
from exchange.trust.organisation_credential import Assurance
from tests import datasets, factories
from tests.factories import PASSWORD, Party
from tests.service.proven import custody_dataset, own_dataset, seen_by, trust_root, witnessed
from tests.working import work_off


@pytest.fixture
def maker(ctx: Context) -> Party:
    """A firm whose identity was checked."""
    return factories.checked_party(ctx, factories.operator(ctx), "Nørre Metal A/S")


def today() -> datetime:
    """The machine's time, which witnesses go by, at the moment of asking."""
    return datetime.now(UTC)


def judged(ctx: Context, data: bytes, at: datetime | None = None) -> BundleVerdict:
    """What a verifier with the exchange's trust root says."""
    return verify_bundle(data, trust=trust_root(ctx), now=at or today())


def not_established(verdict: BundleVerdict) -> dict[str, str]:
    """Steps that are not established, with their codes."""
    return {s.name: s.code for s in verdict.steps if s.outcome is not Outcome.ESTABLISHED}


def test_an_own_signature_is_proven_in_every_step(
    maker: Party, settings: Settings, clock: SteppingClock, tmp_path: Path
) -> None:
    with witnessed(settings, clock, tmp_path) as (worker, _):
        published = own_dataset(maker, datasets.product(maker))
        work_off(worker)
        ctx = seen_by(worker, maker)
        verdict = judged(ctx, make_bundle(ctx, published.dataset_id))
        assert not_established(verdict) == {} and verdict.ok
        assert verdict.organisation is not None and verdict.organisation.name == "Nørre Metal A/S"
        assert (verdict.custody, verdict.revoked) == (False, False)
        assert [one.name for one in verdict.witnesses] == ["witness.example/w1"]
        (entry,) = [row for row in datasets.rows(ctx.store, LogEntryRow) if row.digest == published.digest]
        assert (verdict.log_index, verdict.logged_at) == (entry.seq, entry.received_at.replace(microsecond=0))


def test_a_custody_signature_is_proven_in_every_step(
    maker: Party, settings: Settings, clock: SteppingClock, tmp_path: Path
) -> None:
    with witnessed(settings, clock, tmp_path) as (worker, _):
        dataset_id = custody_dataset(maker, datasets.product(maker), worker)
        work_off(worker)
        ctx = seen_by(worker, maker)
        verdict = judged(ctx, make_bundle(ctx, dataset_id))
        assert not_established(verdict) == {} and verdict.custody is True


def test_without_a_trust_root_it_is_consistent_and_no_more(
    ctx: Context, maker: Party, worker: Exchange
) -> None:
    published = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    verdict = verify_bundle(make_bundle(maker.ctx, published.dataset_id), trust=None, now=today())
    assert verdict.consistent and not verdict.origin_established and not verdict.ok


def test_a_reader_gets_the_groups_it_was_granted_and_not_a_byte_of_the_others(
    ctx: Context, maker: Party, worker: Exchange
) -> None:
    customer, about = factories.party(ctx), datasets.product(maker)
    published = own_dataset(maker, about)
    datasets.granted(maker, customer, about, FieldGroup.INDICATORS)
    work_off(worker)
    own = read_bundle(make_bundle(maker.ctx, published.dataset_id))
    data = make_bundle(customer.ctx, published.dataset_id, Purpose.CSRD_REPORTING)
    verdict = judged(ctx, data)
    assert verdict.signed is not None
    shown = set(verdict.signed.groups)
    assert "indicators" in shown and "commercial" not in shown
    disclosures = own.token.split("~")[1:-1]
    granted = read_bundle(data).token.split("~")[1:-1]
    assert set(granted) < set(disclosures)
    for withheld in set(disclosures) - set(granted):
        assert withheld.encode() not in data


def test_the_record_is_written_before_the_bundle_is_put_together(
    ctx: Context, maker: Party, worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, about = factories.party(ctx), datasets.product(maker)
    published = own_dataset(maker, about)
    datasets.granted(maker, customer, about, FieldGroup.INDICATORS)
    work_off(worker)

    def dies(*_: object) -> None:
        raise RuntimeError("the process dies here")

    with monkeypatch.context() as patch:
        patch.setattr("exchange.services.bundles._assemble", dies)
        with pytest.raises(RuntimeError):
            make_bundle(customer.ctx, published.dataset_id, Purpose.CSRD_REPORTING)
    (record,) = [row for row in datasets.rows(ctx.store, AccessRecordRow) if row.decision == "allowed"]
    assert (record.actor_organisation_id, record.action) == (customer.id, "dataset.read")
    assert record.dataset_digest == published.digest and "indicators" in record.field_groups


@pytest.mark.parametrize("make", [make_bundle, make_receipt])
def test_a_stranger_learns_nothing_and_is_recorded(
    ctx: Context, maker: Party, worker: Exchange, make: object
) -> None:
    stranger, published = factories.party(ctx), own_dataset(maker, datasets.product(maker))
    work_off(worker)
    with pytest.raises(NotFoundError) as refused:
        make(stranger.ctx, published.dataset_id)  # type: ignore[operator]
    assert refused.value.error_code == "not_found"
    (record,) = datasets.rows(ctx.store, AccessRecordRow)
    assert (record.decision, record.actor_organisation_id) == ("denied", stranger.id)


def test_a_grant_that_ends_ends_the_bundle(
    ctx: Context, maker: Party, worker: Exchange, clock: SteppingClock
) -> None:
    customer, about = factories.party(ctx), datasets.product(maker)
    published = own_dataset(maker, about)
    datasets.granted(maker, customer, about, FieldGroup.INDICATORS, days=1)
    work_off(worker)
    make_bundle(customer.ctx, published.dataset_id, Purpose.CSRD_REPORTING)
    clock.move(timedelta(days=2))
    with pytest.raises(NotFoundError):
        make_bundle(customer.ctx, published.dataset_id, Purpose.CSRD_REPORTING)


def test_until_the_log_covers_it_both_are_pending(maker: Party, worker: Exchange) -> None:
    published = own_dataset(maker, datasets.product(maker))
    for make, code in ((make_bundle, "bundle.pending"), (make_receipt, "receipt.pending")):
        with pytest.raises(NotLoggedYetError) as refused:
            make(maker.ctx, published.dataset_id)
        assert refused.value.error_code == code and "seconds" in refused.value.advice
    assert places_of(maker.ctx, [published.digest]) == {}
    sequencing.sequence(worker.context())  # logged now, but the registrar has yet to speak
    with pytest.raises(NotLoggedYetError):
        make_bundle(maker.ctx, published.dataset_id)
    work_off(worker)
    assert make_bundle(maker.ctx, published.dataset_id)


def test_a_receipt_shows_the_entry_in_the_signed_tree_and_no_figure(
    ctx: Context, maker: Party, worker: Exchange
) -> None:
    published = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    proof = read_tlog_proof(make_receipt(maker.ctx, published.dataset_id))
    note = read_note(proof.checkpoint_note)
    checkpoint = read_checkpoint(note.text)
    (log,) = trust_root(ctx).logs
    assert signers(note, log.log_keys) == log.log_keys
    (entry,) = [row for row in datasets.rows(ctx.store, LogEntryRow) if row.digest == published.digest]
    leaf = leaf_hash(entry.body.encode())
    verify_inclusion(
        index=proof.index, size=checkpoint.size, leaf=leaf, path=proof.path, root=checkpoint.root
    )
    (record,) = datasets.rows(ctx.store, AccessRecordRow)
    assert record.decision == "allowed" and record.field_groups == []
    place = places_of(ctx, [published.digest])[published.digest]
    assert (place.origin, place.index) == (checkpoint.origin, proof.index)


def test_a_revocation_shows_in_the_next_bundle(ctx: Context, maker: Party, worker: Exchange) -> None:
    published = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    assert judged(ctx, make_bundle(maker.ctx, published.dataset_id)).revoked is False
    revoke_dataset(maker.ctx, published.dataset_id, next(iter(RevocationReason)))
    work_off(worker)
    verdict = judged(ctx, make_bundle(maker.ctx, published.dataset_id))
    assert not_established(verdict)["status"] == "status.revoked" and verdict.revoked is True


def test_a_bundle_waits_for_a_state_that_does_not_end_before_its_evidence(
    ctx: Context, maker: Party, worker: Exchange, clock: SteppingClock
) -> None:
    first = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    revoke_dataset(maker.ctx, first.dataset_id, next(iter(RevocationReason)))
    clock.move(timedelta(seconds=3))
    second = own_dataset(maker, datasets.product(maker))
    sequencing.sequence(worker.context())  # a state that ends before the revocation no list says yet
    with pytest.raises(NotLoggedYetError):
        make_bundle(maker.ctx, second.dataset_id)
    work_off(worker)
    found = judged(ctx, make_bundle(maker.ctx, second.dataset_id))
    assert set(not_established(found)) == {"witnesses"}


def test_a_key_reported_compromised_shows_in_the_next_bundle(
    ctx: Context, maker: Party, worker: Exchange
) -> None:
    key = datasets.own_key(maker)
    before = own_dataset(maker, datasets.product(maker), key)
    maker.ctx.clock.move(timedelta(days=2))  # type: ignore[attr-defined]
    since = maker.ctx.now()
    maker.ctx.clock.move(timedelta(days=2))  # type: ignore[attr-defined]
    after = own_dataset(maker, datasets.product(maker), key)
    end_key(maker.ctx, key.kid, PASSWORD, exposed_since=since)
    work_off(worker)
    codes = [
        not_established(judged(ctx, make_bundle(maker.ctx, one.dataset_id))).get("key_validity")
        for one in (before, after)
    ]
    assert codes == [None, "key_validity.compromised"]


def test_evidence_of_an_earlier_log_travels_along(ctx: Context, maker: Party, worker: Exchange) -> None:
    published = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    open_new_epoch(worker.context(), replace_sound=True)
    work_off(worker)
    data = make_bundle(maker.ctx, published.dataset_id)
    assert len(read_bundle(data).logs) == 2
    assert set(not_established(judged(ctx, data))) == {"witnesses"}
    assert read_tlog_proof(make_receipt(maker.ctx, published.dataset_id)).index == judged(ctx, data).log_index


def test_while_a_witness_is_away_the_cosigned_checkpoint_serves_unless_it_would_hide_something(
    maker: Party, settings: Settings, clock: SteppingClock, tmp_path: Path
) -> None:
    with witnessed(settings, clock, tmp_path) as (worker, witness):
        published = own_dataset(maker, datasets.product(maker))
        work_off(worker)
        witness.process.terminate()
        witness.process.wait(timeout=15)
        ctx = seen_by(worker, maker)
        with worker.store.write() as session:
            note_document(worker.context(), session, "script", "anything else", worker.context().now())
        sequencing.sequence(worker.context())
        verdict = judged(ctx, make_bundle(ctx, published.dataset_id))
        assert not_established(verdict) == {}
        proof = read_tlog_proof(make_receipt(ctx, published.dataset_id))
        assert len(read_note(proof.checkpoint_note).signatures) == 2
        revoke_dataset(maker.ctx, published.dataset_id, next(iter(RevocationReason)))
        work_off(worker)
        verdict = judged(ctx, make_bundle(ctx, published.dataset_id))
        assert not_established(verdict)["status"] == "status.revoked"
        assert not_established(verdict)["witnesses"] == "witnesses.quorum"
        assert len(datasets.rows(ctx.store, LogCosignatureRow)) >= 1


def test_a_bundle_brings_every_schema_it_needs_and_no_other(maker: Party, worker: Exchange) -> None:
    published = own_dataset(maker, datasets.product(maker))
    work_off(worker)
    found = read_bundle(make_bundle(maker.ctx, published.dataset_id)).schemas
    newest = schemas.latest("product")
    assert found == {
        one.url: schemas.schema_bytes(one).decode() for one in (newest, schemas.SchemaId("common", "0.3.0"))
    }


def test_an_identity_nobody_checked_is_told_and_suffices_where_it_is_allowed(
    ctx: Context, worker: Exchange
) -> None:
    firm = factories.party(ctx)
    published = own_dataset(firm, datasets.product(firm))
    work_off(worker)
    data = make_bundle(firm.ctx, published.dataset_id)
    assert not_established(judged(ctx, data))["issuer_identity"] == "issuer_identity.assurance"
    lenient = BundlePolicy(assurance=Assurance.SELF_DECLARED)
    assert verify_bundle(data, trust=trust_root(ctx), now=today(), policy=lenient).ok
