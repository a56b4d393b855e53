"""Signed statements over the interface: the token for who sees every figure, proofs for who owns an input."""

from __future__ import annotations

from base64 import b64decode

import pytest
from werkzeug.test import TestResponse

from exchange.bootstrap import Exchange
from exchange.services.context import Context
from exchange.services.release_signing import sign_releases
from exchange.services.transparency.exchange_keys import registrar_did
from exchange.trust import Policy, VerifiedDataset, resolve_did_key, verify
from exchange.trust.release.document import read_release_bundle
from exchange.trust.release.inputs import InputProof, SaltedInput, check_input
from exchange.trust.release.statement import registered
from exchange.trust.release.verify import verify_release
from exchange.trust.trust_root import TrustRoot
from tests import factories
from tests.api.conftest import Caller
from tests.factories import Party
from tests.service.proven import trust_root
from tests.service.rollup_story import Story
from tests.working import work_off


@pytest.fixture
def story(ctx: Context, worker: Exchange) -> Story:
    """A chain of chairs and steel, all granted to the facilitator, released and signed."""
    made = Story.new(ctx)
    made.publish_all()
    made.grant_all()
    made.create_chain()
    made.roll_up()
    sign_releases(worker.context())
    return made


def ask(who: Party, supplier: Caller, path: str) -> TestResponse:
    """What the party gets."""
    return Caller(who, supplier.client, factories.bearer(who)).get(path)


def opened(token: str, ctx: Context) -> VerifiedDataset:
    policy = Policy(required=frozenset({"time"}))
    dataset = verify(token, resolve=resolve_did_key, now=ctx.now(), policy=policy).dataset
    assert dataset is not None
    return dataset


def test_who_sees_every_figure_gets_the_token_and_owners_get_their_proofs(
    story: Story, supplier: Caller
) -> None:
    (chain,) = (ask(story.facilitator, supplier, "/chains").json or {})["items"]
    listed = ask(story.facilitator, supplier, f"/chains/{chain['id']}/releases").json
    assert listed is not None
    (statement,) = listed["items"]
    answer = ask(story.facilitator, supplier, f"/releases/{statement['id']}")
    assert (answer.status_code, answer.content_type) == (200, "application/vc+sd-jwt")
    dataset = opened(answer.text, story.ctx)
    assert dataset.digest == statement["digest"]
    maker = story.chair_maker.party
    assert ask(maker, supplier, f"/releases/{statement['id']}").status_code == 404
    counting = ask(maker, supplier, "/release-inputs").json
    assert counting == {"items": [statement], "next_cursor": None}
    own = ask(maker, supplier, f"/releases/{statement['id']}/inputs").json
    assert own is not None and own["statement"] == statement
    assert opened(own["token"], story.ctx).groups == ()
    (given,) = own["inputs"]
    salted = SaltedInput(given["digest"], b64decode(given["salt"]))
    proof = InputProof(salted, given["index"], tuple(b64decode(one) for one in given["path"]))
    root = TrustRoot((), (), 0, (registrar_did(story.ctx),))
    check_input(registered(dataset, root), proof)
    check_input(registered(opened(own["token"], story.ctx), root), proof)


def test_a_maker_that_may_see_its_own_figures_only_is_told_of_no_statement(
    story: Story, supplier: Caller
) -> None:
    (chain,) = (ask(story.facilitator, supplier, "/chains").json or {})["items"]
    maker = story.steel_maker.party
    assert ask(maker, supplier, f"/chains/{chain['id']}/releases").json == {"items": []}


def test_the_viewer_owns_no_input(story: Story, supplier: Caller) -> None:
    (chain,) = (ask(story.facilitator, supplier, "/chains").json or {})["items"]
    (statement,) = (ask(story.facilitator, supplier, f"/chains/{chain['id']}/releases").json or {})["items"]
    assert ask(story.facilitator, supplier, f"/releases/{statement['id']}/inputs").status_code == 404


def test_the_bundle_holds_the_figures_for_the_viewer_and_the_proof_for_the_owner(
    story: Story, supplier: Caller, worker: Exchange
) -> None:
    (chain,) = (ask(story.facilitator, supplier, "/chains").json or {})["items"]
    (statement,) = (ask(story.facilitator, supplier, f"/chains/{chain['id']}/releases").json or {})["items"]
    path = f"/releases/{statement['id']}/bundle"
    assert (ask(story.facilitator, supplier, path).json or {})["code"] == "receipt.pending"
    work_off(worker)
    for who, groups, inputs in ((story.facilitator, 3, 0), (story.steel_maker.party, 0, 1)):
        answer = ask(who, supplier, path)
        assert (answer.status_code, answer.content_type) == (200, "application/json")
        assert f'filename="{statement["id"]}.vcx.json"' in answer.headers["Content-Disposition"]
        verdict = verify_release(answer.data, trust=trust_root(story.ctx), now=story.ctx.now())
        assert verdict.ok and verdict.signed is not None and len(verdict.signed.groups) == groups
        assert len(read_release_bundle(answer.data).inputs) == len(verdict.own_inputs) == inputs
    assert ask(supplier.party, supplier, path).status_code == 404
