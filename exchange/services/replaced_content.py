"""Before content replaces a version in force: what readers of that version would no longer get, or get otherwise.

A new version of a subject and period replaces the one before it whole. Five indicators replaced by one are four that
are gone, and a composition made of bills may stand in the place of the one its owner stated: nobody should do either
without having been told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from exchange.domain.errors import InvalidError, Problem
from exchange.domain.groups import DatasetKind
from exchange.domain.replacing import Changed, what_changes, what_disappears
from exchange.services.context import Context
from exchange.services.ownership import read_subject
from exchange.store import datasets as query
from exchange.trust.disclosure import read_disclosure

CODE = "dataset.loses"
CHANGES = "dataset.changes"


@dataclass(frozen=True)
class Change(Problem):
    """The warning of a part that would say something else; `gone` names the materials and the like it would lack."""

    gone: tuple[str, ...] = ()


def find_losses(ctx: Context, kind: DatasetKind, subject: Mapping[str, Any]) -> tuple[Problem, ...]:
    """One warning, with its path, for each thing the own version in force says and this does not (`dataset.loses`).

    A `Change` (`dataset.changes`) for each part that its owner states and that would say something else. `subject` has
    passed the schema of its kind. Only names are given, no figure of it is shown: no access record.
    """
    about = read_subject(kind, subject)
    start, end = (about.period.start, about.period.end) if about.period else (None, None)
    with ctx.store.read() as session:
        newest = query.find_newest(session, ctx.who.organisation_id, kind.value, about.id, start, end)
        if newest is None or newest.status != "active":
            return ()
        opened = query.disclosures_of(session, newest.id)
    old: dict[str, Any] = {group: read_disclosure(text).value for group, text in opened.items()}
    lost = map(_loss, what_disappears(old, subject))
    if kind is DatasetKind.ORGANISATION:  # all its groups are figures of the year, calculated or counted
        return tuple(lost)
    return (*lost, *map(_change, what_changes(old, subject)))


def refuse_losses(ctx: Context, kind: DatasetKind, subject: Mapping[str, Any]) -> None:
    """Raise InvalidError `dataset.loses` with every loss and change as a problem, where there is one."""
    found = find_losses(ctx, kind, subject)
    if found:
        raise InvalidError(
            f"The version in force says {len(found)} thing{'s' if len(found) > 1 else ''} that this content does not, "
            "or says otherwise.",
            code=CODE,
            advice="Put it back, or confirm that it is to be in force no longer.",
            problems=found,
        )


def _loss(path: str) -> Problem:
    return Problem(
        CODE,
        f"The version in force has {path.removeprefix('/')}; with this content no version in force would.",
        path,
        "Put it back, or publish it knowing that readers of the newest version no longer get it.",
    )


def _change(changed: Changed) -> Change:
    name, gone = changed.path.removeprefix("/"), changed.gone
    lacks = f": {', '.join(gone)} would be gone" if gone else ""
    return Change(
        CHANGES,
        f"With this content the {name} of the version in force would change{lacks}.",
        changed.path,
        "Put back what the version in force says, or publish it knowing that readers get something else.",
        gone,
    )
