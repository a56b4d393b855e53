"""`vcx log`: how the transparency log stands, a full check of it, and what its operator alone may decide."""

from __future__ import annotations

from pathlib import Path

import click

from exchange.commands.opening import opened
from exchange.commands.options import EXISTING, OUT
from exchange.commands.output import REFUSED, json_option, problem_data, problem_line, report
from exchange.domain.errors import ConflictError
from exchange.trust.errors import LogError


@click.group()
def log() -> None:
    """The transparency log."""


@log.command()
@json_option
def status() -> None:
    """Tell how far the log has come, and whether it can go on; exit code 1 when it cannot."""
    from exchange.services.database import require_schema
    from exchange.services.transparency.standing import standing

    with opened() as exchange:
        require_schema(exchange.context())
        found = standing(exchange.context())
    refusal = found.refusal
    data = {
        "origin": found.origin,
        "key": found.vkey,
        "signed": found.signed,
        "stored": found.stored,
        "waiting": found.waiting,
        "lag_seconds": found.lag,
        "refusal": refusal
        and {"code": refusal.error_code, "detail": refusal.detail, "advice": refusal.advice},
    }
    lines = [
        f"Log {found.origin}: {_counted(found.signed, 'entry', 'entries')} signed, {found.stored} stored."
        if found.origin
        else "This database holds no log."
        if refusal
        else "The log is not open yet: the worker opens it.",
        f"{found.waiting} wait to be logged, the oldest for {found.lag:.0f} s.",
    ]
    if refusal:
        lines += [f"It cannot go on ({refusal.error_code}): {refusal.detail}", refusal.advice]
    report(data, lines)
    if refusal:
        click.get_current_context().exit(REFUSED)


@log.command()
@json_option
def fsck() -> None:
    """Make everything the log holds again from its entries and compare; exit code 1 when anything differs."""
    from exchange.services.database import require_schema
    from exchange.services.transparency.fsck import fsck as examine

    with opened() as exchange:
        require_schema(exchange.context())
        found = examine(exchange.context())
    data = {
        "epochs": found.epochs,
        "entries": found.entries,
        "nodes": found.nodes,
        "checkpoints": found.checkpoints,
        "problems": [problem_data(problem) for problem in found.problems],
    }
    parts = (
        _counted(found.entries, "entry", "entries"),
        _counted(found.nodes, "node", "nodes"),
        _counted(found.checkpoints, "checkpoint", "checkpoints"),
    )
    looked = f"{', '.join(parts)} in {_counted(found.epochs, 'log', 'logs')}"
    if found.problems:
        report(data, [f"Looked at {looked}.", *map(problem_line, found.problems)])
        click.get_current_context().exit(REFUSED)
    report(data, [f"All is well: {looked}."])


@log.command()
@click.option(
    "--replace", is_flag=True, help="Also where the present log is sound, say because its key was stolen."
)
@json_option
def new_epoch(replace: bool) -> None:
    """Open a new log under new keys; its first entry says what the present one had signed and what is lost."""
    from exchange.services.database import require_schema
    from exchange.services.transparency.epochs import open_new_epoch

    with opened("worker") as exchange:
        require_schema(exchange.context())
        made = open_new_epoch(exchange.context(), replace_sound=replace)
    report(
        {
            "origin": made.origin,
            "previous": made.previous_origin,
            "lost": None if made.lost is None else list(made.lost),
            "others": [
                {"origin": one.origin, "lost": None if one.lost is None else list(one.lost)}
                for one in made.others
            ],
        },
        [
            f"Opened {made.origin} after {made.previous_origin}. {_told_lost(made.lost)}",
            *(f"{one.origin} is lost too. {_told_lost(one.lost)}" for one in made.others),
            "Tell whoever verifies: trust roots need the new log's keys (/.well-known/vcx-trust.json).",
        ],
    )


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


def _told_lost(lost: tuple[int, ...] | None) -> str:
    if lost is None:
        return (
            "Whether entries of it are lost is not known: the head guard does not say what was signed last."
        )
    return f"Entries {lost[0]} to {lost[1]} of it are lost." if lost else "Nothing of it is lost."


@log.command()
@json_option
def adopt_head() -> None:
    """Say that this database is the newest there is, where the head guard is missing or behind."""
    from exchange.services.database import require_schema
    from exchange.services.transparency.standing import adopt_head as adopt

    with opened() as exchange:
        require_schema(exchange.context())
        size = adopt(exchange.context())
        folder = exchange.settings.head_guard_path
    report(
        {"size": size, "guard": str(folder)},
        [f"The head guard in {folder} knows {_counted(size, 'signed entry', 'signed entries')} now."],
    )


@log.command()
@click.argument("source")
@click.option("--key", "vkeys", multiple=True, help="Verifier key of the log; may be given several times.")
@click.option(
    "--trust",
    type=EXISTING,
    help="A trust root with the log's keys, in place of --key.",
)
@click.option(
    "--seen",
    type=OUT,
    help="File of the checkpoint seen last: the log must still begin with it. Written anew when all is well.",
)
@json_option
def monitor(source: str, vkeys: tuple[str, ...], trust: Path | None, seen: Path | None) -> None:
    """Fetch the log at SOURCE (an address such as https://exchange.example/log, or a folder) and make it all again."""
    from exchange.adapters.durable_file import write_whole
    from exchange.commands.tiles import fetcher
    from exchange.trust.log.checkpoint import read_checkpoint
    from exchange.trust.log.note import read_note, read_vkey
    from exchange.trust.log.replay import replay
    from exchange.trust.trust_root import read_trust_root

    if bool(vkeys) == (trust is not None):
        raise click.UsageError("Say whose log it is: --key, or --trust with a trust root.")
    keys = [read_vkey(text) for text in vkeys]
    if trust is not None:  # each of its keys is named by the origin it may speak for
        keys = [key for one in read_trust_root(trust.read_bytes()).logs for key in one.log_keys]
    before = None
    if seen is not None and seen.exists():
        before = read_checkpoint(read_note(seen.read_text(encoding="utf-8")).text)
    try:
        found = replay(fetcher(source), keys, before)
    except LogError as error:
        raise _explained(error) from error
    if seen is not None:
        write_whole(seen, found.note.encode())
    checkpoint = found.checkpoint
    report(
        {"origin": checkpoint.origin, "size": checkpoint.size, "events": found.events},
        [
            f"All is well: {_counted(checkpoint.size, 'entry', 'entries')} of {checkpoint.origin} made again, "
            "and the root is the one that was signed."
        ],
    )


def _explained(error: LogError) -> Exception:
    """What a monitor meets after the operator opened a new log, told with what to do about it."""
    if error.code not in {"replay.unsigned", "replay.origin"}:
        return error
    return ConflictError(
        error.detail,
        code=error.code,
        advice="If the operator has opened a new log, ask for its trust root by another way than this address, use "
        "a new --seen file, and look at the log before it once more below its own address: SOURCE/<end of its origin>.",
    )
