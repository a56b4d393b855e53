"""What a worker does about the log before it takes any work, and whoever sweeps the job table every minute."""

from __future__ import annotations

from collections.abc import Container

from sqlmodel import Session

from exchange.services.browser_scripts import note_scripts
from exchange.services.context import Context
from exchange.services.identities.organisation_credentials import ask_for_missing_credentials
from exchange.services.jobs import resting
from exchange.services.release_signing import ask_for_missing_statements
from exchange.services.revocation.unsaid import ask_for_missing_issues
from exchange.services.rollup.rounds import ask_for_missing_shards
from exchange.services.rollup.staleness import ask_for_missing_roll_ups, mark_outdated
from exchange.services.transparency.cosigning import ask_for_cosignatures, ask_for_missing_cosignatures
from exchange.services.transparency.guarding import require_guarded
from exchange.services.transparency.outbox import DEDUPE_KEY, ask_for_sequencing
from exchange.services.transparency.witnesses import configured
from exchange.store import log as query


def start_log(ctx: Context) -> None:
    """Refuse a database that is not where the head guard says, and have whatever is half done completed.

    The job opens the log where there is none, and notes schemas that are new with this version; new scripts are
    noted here. Releases without a signed statement and organisations without a credential get theirs, status
    lists that lack a revocation are issued, periods whose figures another version of the method made are rolled up
    again, roll-ups and rounds of releases go on, and witnesses named since are shown what is signed. Raises
    ConflictError `log.*` as `guarding.guarded_head`, InvalidError `witness.setting`.
    """
    configured(ctx.settings)
    require_guarded(ctx)
    note_scripts(ctx)
    mark_outdated(ctx)
    with ctx.store.write() as session:
        ask_for_sequencing(ctx, session)
        ask_for_cosignatures(ctx, session)
        _ask_for_missing(ctx, session)


def look_again(ctx: Context) -> None:
    """Have the work done that no job stands for any more: a job that was given up waits for no next deed.

    What was given up a moment ago rests first (`jobs.resting`). Needs neither the guard nor any key: any process
    may ask. Raises InvalidError `witness.setting`.
    """
    mark_outdated(ctx)
    with ctx.store.write() as session:
        given_up = resting(ctx, session)
        if DEDUPE_KEY not in given_up and _is_behind(session):
            ask_for_sequencing(ctx, session)
        ask_for_missing_cosignatures(ctx, session, given_up)
        _ask_for_missing(ctx, session, given_up)


def _ask_for_missing(ctx: Context, session: Session, given_up: Container[str] = ()) -> None:
    ask_for_missing_statements(ctx, session, given_up)
    ask_for_missing_credentials(ctx, session, given_up)
    ask_for_missing_issues(ctx, session, given_up)
    ask_for_missing_shards(ctx, session, given_up)
    ask_for_missing_roll_ups(ctx, session, given_up)


def _is_behind(session: Session) -> bool:
    """Whether anything waits for the log, or is stored there unsigned."""
    if query.is_waiting(session):
        return True
    epoch = query.newest_epoch(session)
    if epoch is None:
        return False
    newest = query.newest_checkpoint(session, epoch.id)
    return query.head_of(session, epoch.id).size != (newest.size if newest else 0)
