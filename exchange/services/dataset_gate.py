"""What a dataset must satisfy before it is signed or stored: its schema, then the named checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

import schemas
from exchange.domain.checks import run_checks
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.groups import DatasetKind
from exchange.services.keys import resolve
from exchange.trust import Policy, Step, TrustError, VerifiedDataset, strict_json, verify
from exchange.trust.disclosure import separate
from exchange.trust.jws import payload_of
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
    policy = Policy(schema=schema_check)
    verdict = verify(raw, resolve=lambda kid: resolve(session, kid), now=now, policy=policy)
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
    _, digests = separate(payload_of(dataset.token.jwt)) if dataset.token.selective else ({}, frozenset())
    if len(digests) != len(dataset.token.disclosures):
        raise InvalidError(
            "The token hides field groups from the exchange.",
            code="publish.undisclosed",
            advice="Publish the token with all its disclosures; readers get only what you grant.",
        )


def _refuse_open_groups(dataset: VerifiedDataset) -> None:
    """What stands openly in the signed JWT would be shown to every reader, whatever the grant."""
    subject = dataset.credential["credentialSubject"]
    names = set(subject) if isinstance(subject, dict) else set()
    if uncovered := sorted(names - {"id", *dataset.groups}):
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
