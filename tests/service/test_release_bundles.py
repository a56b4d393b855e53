"""Release bundles as the exchange makes them, judged by the verifier that knows nothing of the exchange."""

from __future__ import annotations

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.errors import NotFoundError
from exchange.domain.groups import FieldGroup, Purpose
from exchange.services import release_signing
from exchange.services.context import Context
from exchange.services.receipts import make_receipt
from exchange.services.release_bundles import make_release_bundle
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.requests import AccessRecordRow
from exchange.store.tables.rollup import ReleaseStatementRow
from exchange.trust import Outcome
from exchange.trust.judgement import judge_file
from exchange.trust.receipt.verdict import ReceiptVerdict
from exchange.trust.release import document
from exchange.trust.release.verdict import ReleaseVerdict
from exchange.trust.release.verify import verify_release
from tests import datasets
from tests.factories import Party, party
from tests.service.proven import trust_root
from tests.service.rollup_story import Story
from tests.working import work_off

NO_WITNESS = {"witnesses": "witnesses.none_demanded"}  # the quorum of the exchange under test is 0


@pytest.fixture
def story(ctx: Context) -> Story:
    """A chain of chairs and steel, released and not yet signed."""
    made = Story.new(ctx)
    made.publish_all()
    made.create_chain()
    made.roll_up()
    return made


def statement_id(story: Story, worker: Exchange) -> str:
    """The statement, signed and logged."""
    work_off(worker)
    (row,) = datasets.rows(story.ctx.store, ReleaseStatementRow)
    return row.id


def judged(story: Story, who: Party, of: str) -> ReleaseVerdict:
    """What the verifier says of the bundle this reader gets."""
    made = make_release_bundle(who.ctx, of)
    assert made.name == f"{of}.vcx.json"
    verdict = verify_release(made.data, trust=trust_root(story.ctx), now=story.ctx.now())
    assert {s.name: s.code for s in verdict.steps if s.outcome is Outcome.FAILED} == {}
    return verdict


def not_established(verdict: ReleaseVerdict) -> dict[str, str]:
    return {s.name: s.code for s in verdict.steps if s.outcome is not Outcome.ESTABLISHED}


def recorded(story: Story) -> list[tuple[str, str]]:
    return [(one.action, one.decision) for one in datasets.rows(story.ctx.store, AccessRecordRow)]


def test_who_sees_every_figure_gets_them_proven(story: Story, worker: Exchange) -> None:
    story.grant_all()
    verdict = judged(story, story.facilitator, statement_id(story, worker))
    assert verdict.ok
    assert not_established(verdict) == {**NO_WITNESS, "inputs": "inputs.none"}
    assert verdict.content is not None and verdict.content.cells is not None
    assert {one.indicator: one.value for one in verdict.content.cells}["co2e"] == "90"
    assert verdict.content.size == 2
    assert recorded(story) == [("chain.read", "allowed")] * 2


def test_an_owner_gets_its_inputs_proven_without_a_figure_and_without_a_record(
    story: Story, worker: Exchange
) -> None:
    maker = story.steel_maker.party
    verdict = judged(story, maker, statement_id(story, worker))
    assert verdict.ok and not_established(verdict) == NO_WITNESS
    assert verdict.content is not None and verdict.content.cells is None
    assert verdict.signed is not None and verdict.signed.groups == ()
    (own,) = verdict.own_inputs
    owned = [
        one.digest for one in datasets.rows(story.ctx.store, DatasetRow) if one.organisation_id == maker.id
    ]
    assert own.input.digest in owned
    assert recorded(story) == []


def test_an_owner_who_sees_every_figure_gets_both(story: Story, worker: Exchange) -> None:
    maker = story.chair_maker.party
    datasets.granted(
        story.steel_maker.party, maker, story.steel, FieldGroup.INDICATORS, purpose=Purpose.CHAIN_ROLLUP
    )
    verdict = judged(story, maker, statement_id(story, worker))
    assert verdict.ok and len(verdict.own_inputs) == 1
    assert verdict.signed is not None and set(verdict.signed.groups) == {"cells", "run"}
    assert [decision for _, decision in recorded(story)] == ["allowed", "allowed"]


def test_where_not_every_own_input_fits_the_file_s_name_says_so(
    story: Story, worker: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    of = statement_id(story, worker)
    monkeypatch.setattr(document, "_ROOM", 5)
    made = make_release_bundle(story.steel_maker.party.ctx, of)
    assert (made.proven, made.own, made.name) == (0, 1, f"{of}.0-of-1-inputs.vcx.json")
    verdict = verify_release(made.data, trust=trust_root(story.ctx), now=story.ctx.now())
    assert verdict.ok and not_established(verdict) == {**NO_WITNESS, "inputs": "inputs.none"}


def test_nobody_else_gets_one_and_the_try_is_recorded(story: Story, worker: Exchange) -> None:
    of = statement_id(story, worker)
    for nobody in (story.facilitator, party(story.ctx)):
        with pytest.raises(NotFoundError) as refused:
            make_release_bundle(nobody.ctx, of)
        assert refused.value.is_recorded
    assert {decision for _, decision in recorded(story)} == {"denied"}


def test_there_is_none_before_the_log_covers_it(story: Story, worker: Exchange) -> None:
    release_signing.sign_releases(worker.context())
    (row,) = datasets.rows(story.ctx.store, ReleaseStatementRow)
    with pytest.raises(NotLoggedYetError) as refused:
        make_release_bundle(story.steel_maker.party.ctx, row.id)
    assert refused.value.error_code == "receipt.pending"


def test_a_dataset_s_receipt_is_established_with_its_bundle_and_token(story: Story, worker: Exchange) -> None:
    work_off(worker)
    maker, root = story.steel_maker.party, trust_root(story.ctx)
    product, delivery = [
        one for one in datasets.rows(story.ctx.store, DatasetRow) if one.organisation_id == maker.id
    ]
    receipt = make_receipt(maker.ctx, product.id).encode()
    found = judge_file(receipt, trust=root, now=story.ctx.now(), document=f"{product.jwt}~".encode())
    assert found.verdict.ok and isinstance(found.verdict, ReceiptVerdict)
    assert found.verdict.entry is not None and found.verdict.entry.digest == product.digest
    other = judge_file(receipt, trust=root, now=story.ctx.now(), document=f"{delivery.jwt}~".encode())
    assert [step.code for step in other.verdict.failures] == ["document.other"]
