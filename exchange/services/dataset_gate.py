"""What a dataset must satisfy before it is signed or stored: its schema, then the named checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

import schemas
from exchange.domain.checks import run_checks
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.groups import DatasetKind
from exchange.services.keys import resolve, resolve_each
from exchange.trust import Policy, Step, TrustError, VerifiedDataset, strict_json, verify
from exchange.trust.checks import Resolver
from exchange.trust.jws import named_kid
from exchange.trust.strict_json import JsonObject

_KINDS = frozenset(DatasetKind)


def check_subject(kind: DatasetKind, subject: Mapping[str, object]) -> list[Problem]:
    """Everything wrong with a credentialSubject that is to be published, in words; empty when it may be."""
    document = dict(subject)
    try:
        strict_json.dumps(document)
    except TrustError as error:
        return [Problem(error.code, error.detail, error.path, error.advice)]
    found = schemas.problems(document, schemas.latest(kind.value))
    return found or run_checks(kind, document, publishing=True)


def refuse_problems(found: list[Problem], what: str = "The dataset") -> None:
    """Raise InvalidError (`dataset.invalid`) carrying all problems, unless there are none."""
    if found:
        first = found[0]
        raise InvalidError(
            f"{what} has {len(found)} fault{'s' if len(found) > 1 else ''}; nothing was stored.",
            code="dataset.invalid" if len(found) > 1 else first.code,
            path=first.path,
            advice=first.advice or first.detail,
            problems=tuple(found),
        )


def open_token(session: Session, raw: bytes | str, now: datetime) -> VerifiedDataset:
    """Verify a token that is to be published: signature, key, time, schema, and one disclosure per group.

    Raises InvalidError with the code of the step that failed and its problems.
    """
    return _opened(raw, lambda kid: resolve(session, kid), now)


def open_tokens(
    session: Session, raws: Sequence[bytes], now: datetime
) -> Iterator[VerifiedDataset | InvalidError]:
    """The same for each of several, in order, with what would be raised in its place; keys are looked up once.

    One after the other as they are taken: whoever needs but a part of each never holds all of them.
    """
    # Of many tokens most have one header, which says the same of all.
    heads = {raw[: raw.find(b".") + 1] for raw in raws}
    kids = {kid for head in heads if (kid := named_kid(head)) is not None}
    keys = resolve_each(session, kids)
    return (_opened_or_refused(raw, keys.get, now) for raw in raws)


def _opened_or_refused(raw: bytes, keys: Resolver, now: datetime) -> VerifiedDataset | InvalidError:
    try:
        return _opened(raw, keys, now)
    except InvalidError as error:
        return error


def _opened(raw: bytes | str, keys: Resolver, now: datetime) -> VerifiedDataset:
    verdict = verify(raw, resolve=keys, now=now, policy=_POLICY)
    if verdict.dataset is None:
        raise _refusal(verdict.failures[0])
    _refuse_hidden_groups(verdict.dataset)
    _refuse_open_groups(verdict.dataset)
    return verdict.dataset


def _refusal(step: Step) -> InvalidError:
    found = tuple(problem for problem in step.problems if isinstance(problem, Problem))
    return InvalidError(
        step.detail,
        code=step.code,
        path=found[0].path if found else step.path,
        advice="Mend what the problems say and sign again."
        if found
        else f"The step {step.name} refused the token: mend that and sign again.",
        problems=found,
    )


def _refuse_hidden_groups(dataset: VerifiedDataset) -> None:
    if dataset.hidden:
        raise InvalidError(
            "The token hides field groups from the exchange.",
            code="publish.undisclosed",
            advice="Publish the token with all its disclosures; readers get only what you grant.",
        )


def _refuse_open_groups(dataset: VerifiedDataset) -> None:
    """What stands openly in the signed JWT would be shown to every reader, whatever the grant."""
    if uncovered := sorted(dataset.subject().keys() - {"id", *dataset.groups}):
        raise InvalidError(
            f"The field group {uncovered[0]} stands openly in the token, so it could not be granted apart.",
            code="publish.open_group",
            path=f"/credentialSubject/{uncovered[0]}",
            advice="Sign as vc+sd-jwt with one disclosure per field group.",
        )


def schema_check(schema_id: str, digest_sri: str, subject: JsonObject) -> list[Problem] | None:
    """The schema step of verification: None for a schema, or bytes of one, that no dataset here has."""
    try:
        schema = schemas.find(schema_id)
    except InvalidError:
        return None
    if schema.kind not in _KINDS or schemas.digest_sri(schema) != digest_sri:
        return None
    return schemas.problems(subject, schema)


_POLICY = Policy(schema=schema_check)
