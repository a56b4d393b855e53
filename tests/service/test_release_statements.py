"""Signed statements of releases: each the whole in force, read by who sees its figures, proven to each owner."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import Session, select

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.errors import NotFoundError, RateLimitedError, UnavailableError
from exchange.domain.groups import FieldGroup
from exchange.domain.periods import year
from exchange.services import release_signing
from exchange.services import release_statements as service
from exchange.services.chain_views import ChainView
from exchange.services.context import Context
from exchange.services.grants import revoke_grant
from exchange.services.transparency import exchange_keys
from exchange.store.tables.datasets import DatasetRow
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogPendingRow
from exchange.store.tables.requests import AccessRecordRow
from exchange.store.tables.rollup import (
    ReleaseContributionRow,
    ReleaseInputRow,
    ReleaseRow,
    ReleaseStatementCellRow,
    ReleaseStatementRow,
    RunRow,
)
from exchange.trust import Policy, VerifiedDataset, resolve_did_key, verify
from exchange.trust.release.inputs import check_input
from exchange.trust.release.statement import RegisteredStatement, registered
from exchange.trust.trust_root import TrustRoot
from tests.factories import acting, party
from tests.service.rollup_story import Story
from workers.run_job import run_job

INDICATORS, PROCESS = FieldGroup.INDICATORS, FieldGroup.PROCESS


@pytest.fixture
def story(ctx: Context) -> Story:
    made = Story.new(ctx)
    made.publish_all()
    return made


@pytest.fixture
def signer(worker: Exchange) -> Context:
    """The worker, which holds the registrar's key."""
    return worker.context(request_id="worker")


def rows(story: Story, table: Any) -> list[Any]:
    with story.ctx.store.read() as session:
        return list(session.exec(select(table)).all())


def statement_ids(story: Story, chain: ChainView) -> list[str]:
    return [one.id for one in service.list_statements(story.facilitator.ctx, chain.id)]


def opened(token: str, ctx: Context) -> VerifiedDataset:
    verdict = verify(
        token, resolve=resolve_did_key, now=ctx.now(), policy=Policy(required=frozenset({"time"}))
    )
    assert verdict.dataset is not None, verdict.failures
    return verdict.dataset


def stated_once(story: Story) -> bool:
    """Whether every release is new in exactly one statement."""
    releases = sorted(one.id for one in rows(story, ReleaseRow))
    return sorted(one.release_id for one in rows(story, ReleaseStatementCellRow) if one.is_new) == releases


def by_registrar(story: Story, dataset: VerifiedDataset) -> RegisteredStatement:
    """The statement as one of this exchange's registrar."""
    return registered(dataset, TrustRoot((), (), 0, (exchange_keys.registrar_did(story.ctx),)))


def subject_of(story: Story, statement_id: str) -> Any:
    """What the facilitator may read of a statement."""
    found = service.read_statement(story.facilitator.ctx, statement_id)
    return opened(found.token, story.ctx).credential["credentialSubject"]


def by_indicator(subject: Any) -> dict[str, Any]:
    return {one["indicator"]: one for one in subject["cells"]}


def test_a_roll_up_that_releases_asks_for_the_statement_in_its_own_transaction(
    story: Story, worker: Exchange
) -> None:
    story.create_chain()
    story.roll_up()
    story.roll_up()  # releases nothing new
    asked = [job for job in rows(story, JobRow) if job.kind == "sign_release"]
    assert [(job.state, job.payload, job.dedupe_key) for job in asked] == [("queued", {}, "sign_release")]
    assert rows(story, ReleaseStatementRow) == []
    assert run_job(worker, asked[0].id) == "done"
    (statement,) = rows(story, ReleaseStatementRow)
    assert len(rows(story, ReleaseStatementCellRow)) == 5
    assert stated_once(story)
    pending = [(one.event, one.digest) for one in rows(story, LogPendingRow) if one.event == "rollup"]
    assert pending == [("rollup", statement.digest)]


def test_the_statement_says_what_was_released_and_is_signed_by_the_registrar(
    story: Story, signer: Context
) -> None:
    story.grant_all()
    chain = story.create_chain()
    run_id = story.roll_up().run_id
    assert release_signing.sign_releases(signer) == 1
    (statement_id,) = statement_ids(story, chain)
    found = service.read_statement(story.facilitator.ctx, statement_id)
    dataset = opened(found.token, story.ctx)
    assert dataset.issuer == exchange_keys.registrar_did(story.ctx)
    assert dataset.digest == found.statement.digest
    assert dataset.claims.types == ("VerifiableCredential", "ChainRelease")
    subject: Any = dataset.credential["credentialSubject"]
    assert subject["id"] == f"urn:uuid:{chain.id}"
    assert subject["period"] == {"start": "2025-01-01", "end": "2026-01-01"}
    assert subject["run"]["id"] == f"urn:uuid:{run_id}"
    assert (subject["method"], subject["factorSet"]) == ("method/3", "factors/2026-12")
    cells = {one["indicator"]: one for one in subject["cells"]}
    assert list(cells) == ["resources", "water", "co2e", "energy", "waste"]
    co2e = cells["co2e"]
    # 10 chairs x (1 + 4 kg x 2) = 90; of it 10 own
    assert (co2e["status"], co2e["value"], co2e["own"], co2e["upstream"]) == ("released", "90", "10", "80")
    assert (co2e["perUnit"], co2e["perUnitOf"], co2e["unit"], co2e["isAtLeast"]) == ("9", "H87", "KGM", False)
    assert (co2e["measured"], co2e["allocated"]) == ("0.555556", "0.444444")
    produced = {one["indicator"]: one for one in subject["productivity"]}
    assert (produced["co2e"]["value"], produced["co2e"]["priceBasis"]) == ("3.55555556", "constant")
    assert subject["inputs"]["size"] == 2  # steel and chairs


def test_an_owner_gets_the_proof_of_its_own_input_and_no_figure(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    (statement_id,) = statement_ids(story, chain)
    maker = story.steel_maker.party
    assert [one.id for one in service.list_counting(maker.ctx).items] == [statement_id]
    found = service.own_inputs(maker.ctx, statement_id)
    commitment = opened(found.token, story.ctx)
    subject: Any = commitment.credential["credentialSubject"]
    assert set(subject) == {"id", "period", "asOf", "method", "factorSet", "inputs"}
    (own,) = found.inputs
    check_input(by_registrar(story, commitment), own.proof)
    with story.ctx.store.read() as session:
        owned = _owned(session, maker.id)
    assert (own.dataset_id, own.proof.input.digest) in owned
    # the same proof leads to the statement that the viewer holds
    viewers = opened(service.read_statement(story.facilitator.ctx, statement_id).token, story.ctx)
    check_input(by_registrar(story, viewers), own.proof)
    assert viewers.digest == commitment.digest


def _owned(session: Session, organisation_id: str) -> set[tuple[str, str]]:
    found = session.exec(select(DatasetRow).where(DatasetRow.organisation_id == organisation_id)).all()
    return {(one.id, one.digest) for one in found}


def test_every_contribution_is_an_input_and_nothing_else_is(story: Story, signer: Context) -> None:
    story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    inputs = rows(story, ReleaseInputRow)
    inside = {one.dataset_id for one in rows(story, ReleaseContributionRow)}
    with story.ctx.store.read() as session:
        digests = {digest for owner in {one.owner_id for one in rows(story, ReleaseContributionRow)}
                   for dataset, digest in _owned(session, owner) if dataset in inside}  # fmt: skip
    assert {one.dataset_digest for one in inputs} == digests
    assert len({one.salt for one in inputs}) == len(inputs) == 2
    assert [len(one.salt) for one in inputs] == [16, 16]


def test_nobody_else_gets_a_proof(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    (statement_id,) = statement_ids(story, chain)
    for nobody in (story.facilitator, party(story.ctx)):
        with pytest.raises(NotFoundError):
            service.own_inputs(nobody.ctx, statement_id)
        assert service.list_counting(nobody.ctx).items == ()


def test_without_a_grant_to_every_contribution_there_is_no_statement_and_the_try_is_recorded(
    story: Story, signer: Context
) -> None:
    chain = story.create_chain()
    story.grant(story.chair_maker, story.chair, INDICATORS)
    story.roll_up()
    release_signing.sign_releases(signer)
    (row,) = rows(story, ReleaseStatementRow)
    assert statement_ids(story, chain) == []
    with pytest.raises(NotFoundError) as refusal:
        service.read_statement(story.facilitator.ctx, row.id)
    assert refusal.value.is_recorded
    made = [one for one in rows(story, AccessRecordRow) if one.target_id == chain.id]
    assert {(one.owner_id, one.decision, one.reason) for one in made} == {
        (story.steel_maker.party.id, "denied", "no_grant"),
        (story.chair_maker.party.id, "denied", "contribution_missing"),
    }
    assert all(one.field_groups == [] for one in made)


def test_the_read_is_recorded_with_what_was_shown_and_a_revoked_grant_closes_it(
    story: Story, signer: Context
) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    (statement_id,) = statement_ids(story, chain)
    service.read_statement(story.facilitator.ctx, statement_id)
    made = [one for one in rows(story, AccessRecordRow) if one.action == "chain.read"]
    assert {(one.owner_id, one.decision, tuple(one.field_groups)) for one in made} == {
        (story.steel_maker.party.id, "allowed", ("indicators", "commercial")),
        (story.chair_maker.party.id, "allowed", ("indicators", "process", "commercial")),
    }
    revoke_grant(story.steel_maker.party.ctx, story.grants[story.steel.id].id)
    with pytest.raises(NotFoundError):
        service.read_statement(story.facilitator.ctx, statement_id)
    assert statement_ids(story, chain) == []


def test_indicators_without_the_recipes_that_are_followed_open_no_statement(
    story: Story, signer: Context
) -> None:
    story.grant_all(INDICATORS)
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    assert statement_ids(story, chain) == []
    story.grant(story.chair_maker, story.chair, PROCESS)
    assert len(statement_ids(story, chain)) == 1


def test_productivity_needs_commercial_everywhere(story: Story, signer: Context) -> None:
    story.grant(story.chair_maker, story.chair, INDICATORS, PROCESS, FieldGroup.COMMERCIAL)
    story.grant(story.steel_maker, story.steel, INDICATORS)
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    (statement_id,) = statement_ids(story, chain)
    found = service.read_statement(story.facilitator.ctx, statement_id)
    subject: Any = opened(found.token, story.ctx).credential["credentialSubject"]
    assert "cells" in subject and "productivity" not in subject
    made = [one.field_groups for one in rows(story, AccessRecordRow) if one.action == "chain.read"]
    assert sorted(made) == [["indicators"], ["indicators", "process"]]


def test_a_stranger_and_an_unknown_statement_look_alike(story: Story, signer: Context) -> None:
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    (row,) = rows(story, ReleaseStatementRow)
    stranger = party(story.ctx)
    for statement_id in (row.id, "01986e2f-1f00-7000-8000-000000000000"):
        with pytest.raises(NotFoundError) as refusal:
            service.read_statement(stranger.ctx, statement_id)
        assert refusal.value.is_recorded
        last = rows(story, AccessRecordRow)[-1]
        assert (last.target_id, last.decision, last.reason, last.owner_id) == (
            statement_id, "denied", "unknown", None,
        )  # fmt: skip
    with pytest.raises(NotFoundError):
        service.list_statements(stranger.ctx, chain.id)


def test_denied_reads_are_counted(story: Story, signer: Context) -> None:
    stranger = party(story.ctx)
    settings = stranger.ctx.settings.model_copy(update={"rate_denied": "1/minute"})
    ctx = replace(stranger.ctx, settings=settings)
    with pytest.raises(NotFoundError):
        service.read_statement(ctx, "01986e2f-1f00-7000-8000-000000000000")
    with pytest.raises(RateLimitedError):
        service.read_statement(ctx, "01986e2f-1f00-7000-8000-000000000000")


def test_a_new_release_gets_a_statement_of_all_that_is_in_force_and_the_old_one_stays(
    story: Story, signer: Context
) -> None:
    story.grant_all()
    chain = story.create_chain()
    first = story.roll_up().run_id
    release_signing.sign_releases(signer)
    story.publish_steel(co2e="1.5")
    second = story.roll_up()
    assert release_signing.sign_releases(signer) == 1
    assert release_signing.sign_releases(signer) == 0
    assert stated_once(story)
    newest, oldest = (subject_of(story, one) for one in statement_ids(story, chain))
    cells, before = by_indicator(newest), by_indicator(oldest)
    assert (cells["co2e"]["value"], before["co2e"]["value"]) == ("70", "90")
    assert list(cells) == list(before) == ["resources", "water", "co2e", "energy", "waste"]
    assert newest["run"]["id"] == f"urn:uuid:{second.run_id}"
    # Steel has a new version, so every cell that holds it was released anew: none is of the run before.
    assert second.released == 5 and not any("run" in one for one in newest["cells"])
    assert oldest["run"]["id"] == f"urn:uuid:{first}"
    assert newest["inputs"]["size"] == 2


def test_what_stays_in_force_is_stated_with_the_run_it_came_from(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain()
    first = story.roll_up().run_id
    release_signing.sign_releases(signer)
    replaced = release_again(story, "co2e", run_id=another_run(story, first), value="91")
    assert release_signing.sign_releases(signer) == 1
    newest, oldest = (subject_of(story, one) for one in statement_ids(story, chain))
    cells, before = by_indicator(newest), by_indicator(oldest)
    assert newest["run"]["id"] == f"urn:uuid:{replaced}"
    assert cells["co2e"]["value"] == "91" and "run" not in cells["co2e"]
    for name in ("resources", "water", "energy", "waste"):
        come_from = cells[name].pop("run")
        assert (come_from["id"], come_from["method"], come_from["factorSet"]) == (
            f"urn:uuid:{first}", "method/3", "factors/2026-12",
        )  # fmt: skip
        assert cells[name] == before[name]
    # Nothing stands behind the new cell here, but the others still hold steel and chairs.
    assert newest["inputs"]["size"] == oldest["inputs"]["size"] == 2
    assert newest["inputs"]["root"] != oldest["inputs"]["root"]  # each with salts of its own
    (row,) = [one for one in rows(story, ReleaseStatementRow) if one.run_id == replaced]
    stated = [one for one in rows(story, ReleaseStatementCellRow) if one.statement_id == row.id]
    assert [one.is_new for one in stated].count(True) == 1 and len(stated) == 5


def test_an_owner_s_proof_holds_in_each_statement_that_states_its_cells(
    story: Story, signer: Context
) -> None:
    story.create_chain()
    first = story.roll_up().run_id
    release_signing.sign_releases(signer)
    release_again(story, "co2e", run_id=another_run(story, first))
    release_signing.sign_releases(signer)
    maker = story.steel_maker.party
    counting = service.list_counting(maker.ctx).items
    assert len(counting) == 2
    for one in counting:
        found = service.own_inputs(maker.ctx, one.id)
        (own,) = found.inputs
        check_input(by_registrar(story, opened(found.token, story.ctx)), own.proof)


def test_a_closed_cell_that_stayed_in_force_closes_the_newer_statement_too(
    story: Story, signer: Context
) -> None:
    chain = story.create_chain()
    first = story.roll_up().run_id
    release_signing.sign_releases(signer)
    release_again(story, "co2e", run_id=another_run(story, first))  # nobody's figure stands in the new cell
    release_signing.sign_releases(signer)
    assert statement_ids(story, chain) == []
    for row in rows(story, ReleaseStatementRow):
        with pytest.raises(NotFoundError):
            service.read_statement(story.facilitator.ctx, row.id)


def test_two_roll_ups_before_the_first_was_signed_make_two_statements(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    release_again(story, "co2e", value="91")  # of the same run, as a later development is
    assert release_signing.sign_releases(signer) == 2
    assert stated_once(story)
    newest, oldest = (by_indicator(subject_of(story, one)) for one in statement_ids(story, chain))
    assert (newest["co2e"]["value"], oldest["co2e"]["value"]) == ("91", "90")
    assert len(newest) == len(oldest) == 5 and "run" not in newest["water"]


def test_two_runs_before_the_first_was_signed_make_two_statements(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain()
    first = story.roll_up().run_id
    release_signing.sign_releases(signer)
    release_again(story, "co2e", run_id=another_run(story, first), value="91")
    release_again(story, "water", run_id=another_run(story, first), value="5")
    assert release_signing.sign_releases(signer) == 2
    newest, middle, _ = (by_indicator(subject_of(story, one)) for one in statement_ids(story, chain))
    assert (newest["co2e"]["value"], newest["water"]["value"]) == ("91", "5")
    assert (middle["co2e"]["value"], middle["water"]["value"]) == ("91", "0")


def another_run(story: Story, like: str) -> str:
    """The id of a later run over the same figures."""
    with story.ctx.store.write() as session:
        one = session.get_one(RunRow, like)
        made = RunRow(**{**one.model_dump(), "id": story.ctx.new_id(), "identity": story.ctx.new_id()})
        session.add(made)
        return made.id


def release_again(story: Story, indicator: str, **changes: Any) -> str:
    """Release a cell anew, without contributions; the id of its run."""
    with story.ctx.store.write() as session:
        several = session.exec(select(ReleaseRow).where(ReleaseRow.indicator == indicator)).all()
        values = {k: Decimal(v) if k == "value" else v for k, v in changes.items()}
        again = {**several[0].model_dump(), **values, "id": story.ctx.new_id(), "created_at": story.ctx.now()}
        session.add(ReleaseRow(**again))
        return str(again["run_id"])


def test_a_long_list_is_signed_in_batches(
    story: Story, signer: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_signing, "BATCH", 7)
    for _ in range(4):
        story.create_chain()
    story.roll_up()
    assert release_signing.sign_releases(signer) == 4  # one per chain, though five releases stand in each
    assert stated_once(story)


def test_what_a_crash_left_is_signed_by_the_next_job(
    story: Story, signer: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.create_chain()
    story.roll_up()

    def crash(*_: object) -> None:
        raise RuntimeError("the worker dies before the commit")

    with monkeypatch.context() as patch:
        patch.setattr(release_signing, "note", crash)
        with pytest.raises(RuntimeError):
            release_signing.sign_releases(signer)
    assert rows(story, ReleaseStatementRow) == [] == rows(story, ReleaseInputRow)
    assert release_signing.sign_releases(signer) == 1
    assert stated_once(story)


def test_a_worker_that_starts_asks_for_statements_that_are_missing(story: Story, signer: Context) -> None:
    story.create_chain()
    story.roll_up()
    with story.ctx.store.write() as session:  # as after an upgrade, or after a job that was given up
        session.delete(session.exec(select(JobRow).where(JobRow.kind == "sign_release")).one())
    for _ in range(2):
        with signer.store.write() as session:
            release_signing.ask_for_missing_statements(signer, session)
    assert [job.kind for job in rows(story, JobRow)].count("sign_release") == 1
    release_signing.sign_releases(signer)
    with story.ctx.store.write() as session:
        session.delete(session.exec(select(JobRow).where(JobRow.kind == "sign_release")).one())
        release_signing.ask_for_missing_statements(signer, session)
    assert [job.kind for job in rows(story, JobRow)].count("sign_release") == 0


def test_of_two_workers_at_the_same_release_one_wins(
    story: Story, signer: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    story.create_chain()
    story.roll_up()
    sign = release_signing.sign

    def overtaken(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(release_signing, "sign", sign)
        assert release_signing.sign_releases(signer) == 1
        return sign(*arguments, **more)

    monkeypatch.setattr(release_signing, "sign", overtaken)
    assert release_signing.sign_releases(signer) == 0
    assert len(rows(story, ReleaseStatementRow)) == 1
    assert len([one for one in rows(story, LogPendingRow) if one.event == "rollup"]) == 1


def test_only_a_process_with_the_key_store_signs(story: Story) -> None:
    story.create_chain()
    story.roll_up()
    with pytest.raises(UnavailableError):
        release_signing.sign_releases(story.ctx)


def test_cells_without_data_are_stated_too(ctx: Context, signer: Context) -> None:
    story = Story.new(ctx)
    chain = story.create_chain()
    story.roll_up()
    assert release_signing.sign_releases(signer) == 1
    assert statement_ids(story, chain) == []  # to who could not see data there might as well be some
    story.grant_all()
    (statement_id,) = statement_ids(story, chain)
    found = service.read_statement(story.facilitator.ctx, statement_id)
    subject: Any = opened(found.token, story.ctx).credential["credentialSubject"]
    assert {one["status"] for one in subject["cells"]} == {"no_data"}
    assert {one["value"] for one in subject["cells"]} == {None}
    assert subject["inputs"]["size"] == 0


def test_who_is_missing_is_not_in_the_statement(ctx: Context, signer: Context) -> None:
    story = Story.new(ctx)
    story.publish_chair()
    story.publish_delivery()
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    (statement_id,) = statement_ids(story, chain)
    found = service.read_statement(story.facilitator.ctx, statement_id)
    subject: Any = opened(found.token, story.ctx).credential["credentialSubject"]
    co2e = next(one for one in subject["cells"] if one["indicator"] == "co2e")
    assert (co2e["isAtLeast"], co2e["missing"]) == (True, ["no_dataset"])
    assert "Steel wire" not in str(subject) and story.steel_maker.party.id not in str(subject)


def test_statements_are_listed_by_period(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain(2025, 2026)
    story.roll_up(2025)
    story.roll_up(2026)
    release_signing.sign_releases(signer)
    ctx = story.facilitator.ctx
    assert [one.period for one in service.list_statements(ctx, chain.id)] == [year(2026), year(2025)]
    (one,) = service.list_statements(ctx, chain.id, year(2025))
    assert one.period == year(2025)


def test_viewers_may_read(story: Story, signer: Context) -> None:
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    release_signing.sign_releases(signer)
    viewer = acting(story.facilitator, Role.VIEWER)
    (statement,) = service.list_statements(viewer, chain.id)
    assert service.read_statement(viewer, statement.id).statement == statement
