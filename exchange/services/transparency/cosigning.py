"""Cosigning: each new checkpoint is shown to the witnesses, and what they sign of it is kept beside it."""

from __future__ import annotations

from collections.abc import Container
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from sqlmodel import Session

from exchange.adapters.witness_client import WitnessAnswer, add_checkpoint
from exchange.config import Settings
from exchange.domain.errors import ConflictError, ExchangeError, UnavailableError
from exchange.services.context import Context
from exchange.services.jobs import Queue, enqueue
from exchange.services.transparency import proofs
from exchange.services.transparency.witnesses import Witness, configured
from exchange.store import log, log_serving
from exchange.store.tables.log import LogCheckpointRow, LogCosignatureRow, LogEpochRow
from exchange.trust import TrustError
from exchange.trust.log.cosignature import check_cosignature
from exchange.trust.log.note import read_note, read_signature_lines, signed_note
from exchange.trust.log.spelling import encode_base64, read_decimal
from exchange.trust.log.witness import SIZE

JOB_KIND = "cosign_checkpoint"
DEDUPE_KEY = "cosign"
MOST_TURNS = 3  # of asking one witness: it may have been asked by another worker meanwhile

_log = structlog.get_logger("transparency")


@dataclass(frozen=True, slots=True)
class CosigningResult:
    """The size of the checkpoint shown and the names of the witnesses that have cosigned it by now."""

    size: int
    witnesses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Turn:
    """An epoch's newest checkpoint, the witnesses that have cosigned it and those that have not."""

    newest: LogCheckpointRow
    done: frozenset[str]
    lacking: tuple[Witness, ...]


def ask_for_cosignatures(ctx: Context, session: Session) -> None:
    """Have the witnesses shown what they have not cosigned, in the caller's transaction; the job asks them."""
    if ctx.settings.witnesses:
        enqueue(ctx, session, JOB_KIND, Queue.LOG, {}, dedupe_key=DEDUPE_KEY)


def ask_for_missing_cosignatures(ctx: Context, session: Session, resting: Container[str] = ()) -> None:
    """The same where a witness lacks on the newest checkpoint: it was named since, or its job was given up.

    `resting` are the dedupe keys that are not to be asked for yet.
    """
    epoch = log.newest_epoch(session)
    turn = _turn(ctx.settings, session, epoch) if epoch and DEDUPE_KEY not in resting else None
    if turn is not None and turn.lacking:
        ask_for_cosignatures(ctx, session)


def cosign(ctx: Context) -> CosigningResult | None:
    """Show every witness that has not signed it yet the newest checkpoint; None before there is one.

    The last one of a closed epoch is shown too while it lacks the quorum: bundles with entries of that epoch
    carry it. One witness that fails keeps none of the others back. Raises, after all were asked,
    UnavailableError (`witness.*`: try again) or, when a witness says that it was shown another history,
    ConflictError `witness.ahead` or `witness.inconsistent`: somebody must look.
    """
    with ctx.store.read() as session:
        epochs = log.epochs(session)
        turns = [_turn(ctx.settings, session, epoch) for epoch in epochs]
    for turn in turns[:-1]:
        if turn is not None and len(turn.done) < ctx.settings.witness_quorum:
            _show_all(ctx, turn)  # what fails is told in the log: a witness may know of entries that are lost
    current = turns[-1] if turns else None
    if current is None:
        return None
    failed = _show_all(ctx, current)
    if failed:
        raise next((one for one in failed if isinstance(one, ConflictError)), failed[0])
    names = current.done | {one.key.name for one in current.lacking}
    return CosigningResult(current.newest.size, tuple(sorted(names)))


def _turn(settings: Settings, session: Session, epoch: LogEpochRow) -> _Turn | None:
    newest = log.newest_checkpoint(session, epoch.id)
    if newest is None:
        return None
    signed = {one.witness for one in log_serving.cosignatures_of(session, epoch.id, newest.size)}
    witnesses = configured(settings)
    return _Turn(
        newest,
        frozenset(one.key.name for one in witnesses if one.key.name in signed),
        tuple(one for one in witnesses if one.key.name not in signed),
    )


def _show_all(ctx: Context, turn: _Turn) -> list[ExchangeError]:
    """What went wrong with which; asked at the same time, since one that is silent takes its full time to fail."""
    if not turn.lacking:
        return []
    with ThreadPoolExecutor(len(turn.lacking)) as pool:
        return [error for error in pool.map(lambda one: _try(ctx, one, turn.newest), turn.lacking) if error]


def _try(ctx: Context, witness: Witness, newest: LogCheckpointRow) -> ExchangeError | None:
    try:
        _show(ctx, witness, newest)
    except ExchangeError as error:
        _log.warning("witness.failed", witness=witness.key.name, code=error.error_code)
        return error
    return None


def _show(ctx: Context, witness: Witness, newest: LogCheckpointRow) -> None:
    with ctx.store.read() as session:
        old = log_serving.newest_cosigned_size(session, newest.epoch_id, witness.key.name)
    for _ in range(MOST_TURNS):
        answer = add_checkpoint(witness.url, _submission(ctx, newest, old))
        if answer.status == 200:
            return _keep(ctx, witness, newest, answer)
        if answer.status != 409 or answer.media_type != SIZE:
            raise _refused(witness, answer)
        old = _size_of(witness, answer)
        if old > newest.size:
            raise _ahead(ctx, witness, newest, old)
    raise UnavailableError(f"{witness.key.name} keeps naming other sizes.", code="witness.restless")


def _submission(ctx: Context, newest: LogCheckpointRow, old: int) -> bytes:
    """The body of `add-checkpoint` (C2SP tlog-witness): the size known to the witness, the proof from there."""
    with ctx.store.read() as session:
        path = proofs.consistency(session, newest.epoch_id, old, newest.size) if old else ()
    return "\n".join((f"old {old}", *map(encode_base64, path), "", newest.text)).encode()


def _keep(ctx: Context, witness: Witness, newest: LogCheckpointRow, answer: WitnessAnswer) -> None:
    line = _own_line(witness, newest, answer)
    row = LogCosignatureRow(
        epoch_id=newest.epoch_id,
        size=newest.size,
        witness=witness.key.name,
        line=line,
        received_at=ctx.now(),
    )
    with ctx.store.write() as session:
        log.lock_log(session)
        if session.get(LogCosignatureRow, (row.epoch_id, row.size, row.witness)) is None:
            session.add(row)


def _own_line(witness: Witness, newest: LogCheckpointRow, answer: WitnessAnswer) -> str:
    """The witness's own signature line, verified; other lines it may send are left out."""
    try:
        signatures = read_signature_lines(answer.body.decode("utf-8"))
        own = next(one for one in signatures if one.key_id == witness.key.key_id)
        note = read_note(signed_note(read_note(newest.text).text, [own.line()]))
        check_cosignature(note, witness.key)
    except (TrustError, StopIteration, UnicodeDecodeError) as error:
        raise UnavailableError(
            f"What {witness.key.name} sent is not its cosignature of this checkpoint.",
            code="witness.signature",
        ) from error
    return own.line()


def _size_of(witness: Witness, answer: WitnessAnswer) -> int:
    try:
        return read_decimal(answer.body.decode("ascii").removesuffix("\n"), "witness.size")
    except (TrustError, UnicodeDecodeError) as error:
        raise UnavailableError(f"{witness.key.name} names no size.", code="witness.size") from error


def _ahead(ctx: Context, witness: Witness, newest: LogCheckpointRow, size: int) -> ExchangeError:
    """Perhaps only our snapshot is old; else the witness has seen a tree that this database does not hold."""
    with ctx.store.read() as session:
        now = log.newest_checkpoint(session, newest.epoch_id)
    if now is not None and now.size >= size:
        return UnavailableError("A newer checkpoint has been signed meanwhile.", code="witness.overtaken")
    return ConflictError(
        f"{witness.key.name} has cosigned {size} entries of this log; the database holds {newest.size} signed ones.",
        code="witness.ahead",
        advice="A backup was restored, or somebody else signs with this log's key. Stop the worker and run: "
        "vcx log fsck",
    )


def _refused(witness: Witness, answer: WitnessAnswer) -> ExchangeError:
    if answer.status == 422:
        return ConflictError(
            f"{witness.key.name} was shown another history of this log: its record and the database disagree.",
            code="witness.inconsistent",
            advice="Stop the worker and run: vcx log fsck. If it finds nothing, compare with the witness's record.",
        )
    return UnavailableError(
        f"{witness.key.name} answered {answer.status}.",
        code=f"witness.status_{answer.status}" if 400 <= answer.status < 600 else "witness.status",
        advice="404 and 403: the witness does not know this log or its key yet; give its operator the origin and "
        "the log's verifier key from /.well-known/vcx-trust.json.",
    )
