"""From a kept key to one of the firm's own, and to its domain: the history stays one firm's, and provable."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.errors import ConflictError, InvalidError
from exchange.services import keys, organisations, publish
from exchange.services.bundles import make_bundle
from exchange.services.context import Context
from exchange.services.key_rotation import end_key
from exchange.services.organisations import RejectReason
from exchange.store.tables.datasets import DatasetRow
from exchange.trust import Outcome, Policy, resolve_did_key, verify
from exchange.trust.bundle.document import read_bundle
from exchange.trust.bundle.verdict import BundlePolicy, BundleVerdict
from exchange.trust.bundle.verify import verify_bundle
from exchange.trust.keys import new_private_key
from tests import datasets, factories
from tests.factories import PASSWORD, Party
from tests.service.identities.did_documents import DID, DOMAIN, KID, Web, request
from tests.service.identities.registrar import identity
from tests.service.proven import custody_dataset, own_dataset, trust_root
from tests.working import work_off

ALONE = BundlePolicy(required=BundlePolicy().required - {"witnesses"})  # no witness stands by in these tests


@pytest.fixture
def office(ctx: Context) -> Context:
    """The exchange's operator."""
    return factories.operator(ctx)


@pytest.fixture
def mill(ctx: Context, office: Context) -> Party:
    """A firm whose CVR number was checked."""
    return factories.checked_party(ctx, office, "Vestmølle A/S")


def judged(firm: Party, dataset_id: str) -> BundleVerdict:
    """What somebody who trusts this exchange finds about one of the firm's datasets today."""
    data = make_bundle(firm.ctx, dataset_id)
    return verify_bundle(data, trust=trust_root(firm.ctx), now=firm.ctx.now(), policy=ALONE)


def failed(verdict: BundleVerdict) -> list[str]:
    """The codes of the steps that failed."""
    return [step.code for step in verdict.steps if step.outcome is Outcome.FAILED]


def test_the_history_stays_one_firms_and_provable_over_every_change_of_keys(
    mill: Party, worker: Exchange, clock: SteppingClock
) -> None:
    about, web, domain_key = datasets.product(mill), Web(), new_private_key()
    kept = custody_dataset(mill, about, worker)
    clock.move(timedelta(days=1))
    own = datasets.own_key(mill)
    end_key(mill.ctx, keys.list_keys(mill.ctx)[0].kid, PASSWORD)
    signed = own_dataset(mill, about, own).dataset_id
    clock.move(timedelta(days=1))
    organisations.declare_domain(mill.ctx, DOMAIN)
    web.serve(key_1=domain_key)
    request(mill, domain_key)
    work_off(web.worker(worker))
    end_key(mill.ctx, own.kid, PASSWORD)
    named = own_dataset(mill, about, datasets.OwnKey(domain_key, KID, DID)).dataset_id
    clock.move(timedelta(days=1))
    work_off(worker)
    found = [judged(mill, one) for one in (kept, signed, named)]
    assert [failed(one) for one in found] == [[], [], []] and all(one.ok for one in found)
    assert {one.organisation.organisation for one in found if one.organisation} == {f"urn:uuid:{mill.id}"}
    assert [one.custody for one in found] == [True, False, False]
    issuers = [one.dataset.issuer for one in found if one.dataset]
    assert len(set(issuers)) == 3 and issuers[2] == DID
    versions = sorted(datasets.rows(worker.store, DatasetRow), key=lambda row: row.version)
    assert [(row.version, row.id) for row in versions] == [(1, kept), (2, signed), (3, named)]


def test_an_ended_custody_key_publishes_nothing_until_somebody_asks(mill: Party, worker: Exchange) -> None:
    about = datasets.product(mill)
    kept = custody_dataset(mill, about, worker)
    end_key(mill.ctx, keys.list_keys(mill.ctx)[0].kid, PASSWORD)
    with pytest.raises(ConflictError) as refused:
        custody_dataset(mill, about, worker)
    assert refused.value.error_code == "custody.retired"
    work_off(worker)
    assert judged(mill, kept).ok


def test_a_forgery_with_an_ended_key_shows_in_every_way_of_looking(
    mill: Party, worker: Exchange, clock: SteppingClock
) -> None:
    about, own = datasets.product(mill), datasets.own_key(mill)
    signed = own_dataset(mill, about, own).dataset_id
    clock.move(timedelta(hours=1))
    end_key(mill.ctx, own.kid, PASSWORD, exposed_since=mill.ctx.now() - timedelta(hours=2))
    work_off(worker)
    assert failed(judged(mill, signed)) == ["key_validity.compromised"]
    token = datasets.signed(own, datasets.product_subject(mill, about), at=mill.ctx.now()).serialise()
    # Without the log nobody can tell: a signature alone shows only the key.
    assert verify(token, resolve=resolve_did_key, now=mill.ctx.now(), policy=Policy(required=frozenset())).ok
    with pytest.raises(InvalidError) as refused:
        publish.publish_token(mill.ctx, token)
    assert refused.value.error_code == "key_validity.retired"


def test_what_was_said_of_a_firm_that_is_rejected_later_no_longer_holds(
    mill: Party, worker: Exchange, office: Context, clock: SteppingClock
) -> None:
    own = datasets.own_key(mill)
    signed = own_dataset(mill, datasets.product(mill), own).dataset_id
    work_off(worker)
    before = judged(mill, signed)
    clock.move(timedelta(hours=1))
    organisations.reject_identity(office, mill.id, RejectReason.NOT_AUTHORISED, factories.CVRS[0])
    work_off(worker)
    assert before.ok and not judged(mill, signed).ok
    assert failed(judged(mill, signed)) == ["issuer_identity.revoked"]
    assert identity(worker, own.did) is None


def test_a_bundle_names_the_credential_of_its_own_identifier(mill: Party, worker: Exchange) -> None:
    about, first, second = datasets.product(mill), datasets.own_key(mill), datasets.own_key(mill)
    made = own_dataset(mill, about, second).dataset_id
    work_off(worker)
    bundle = read_bundle(make_bundle(mill.ctx, made))
    verdict = judged(mill, made)
    assert verdict.organisation is not None and verdict.organisation.did == second.did != first.did
    assert bundle.key.record["kid"] == second.kid
