"""`vcx sign`, `vcx publish`, `vcx verify`: a dataset from one's own key to the exchange, and checked by anybody."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.commands.options import client_options
from exchange.commands.output import REFUSED, json_option, problem_data, problem_line, report
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.groups import DatasetKind

if TYPE_CHECKING:
    from exchange.trust.verdict import Step

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
TOKEN_TYPE = "application/vc+sd-jwt"  # noqa: S105


@click.command()
@click.argument("file", type=EXISTING)
@click.option("--key", "key_file", required=True, type=EXISTING, help="Key made with `vcx keys new`.")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in DatasetKind]),
    default=DatasetKind.PRODUCT.value,
    show_default=True,
    help="Kind of dataset the content is.",
)
@click.option("--out", type=OUT, help="Where the token goes; default FILE with the ending .sd-jwt.")
@json_option
def sign(file: Path, key_file: Path, kind: str, out: Path | None) -> None:
    """Check the dataset content (credentialSubject) in FILE and sign it, one disclosure per field group."""
    from exchange.commands.keys import read_key
    from exchange.services.own_signature import sign_content

    key, now = read_key(key_file), datetime.now(UTC)
    token = sign_content(file.read_bytes(), kind=DatasetKind(kind), key=key, now=now)
    target = out or file.with_suffix(".sd-jwt")
    if target.exists():
        raise InvalidError(f"{target} exists already and was not touched.", code="sign.exists")
    target.write_text(token.serialise(), encoding="ascii")
    report(
        {"path": str(target), "digest": token.digest, "groups": list(token.disclosures)},
        [f"Signed {', '.join(token.disclosures)}.", f"Digest {token.digest}", f"Wrote {target}."],
    )


@click.command()
@click.argument("file", type=EXISTING)
@client_options
@json_option
def publish(file: Path, credentials: Path, client: str | None) -> None:
    """Publish the signed token in FILE at the exchange, all or nothing."""
    from exchange.commands.client import ApiClient, read_credentials

    answer = ApiClient(read_credentials(credentials, client)).post(
        "/api/v1/datasets", file.read_bytes().strip(), TOKEN_TYPE
    )
    report(
        answer,
        [f"Published as {answer['dataset_id']}, version {answer['version']}.", f"Digest {answer['digest']}"],
    )


@click.command()
@click.argument("file", type=EXISTING)
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="Judge as of this instant (UTC); default now."
)
@json_option
def verify(file: Path, at: datetime | None) -> None:
    """Tell, without any network, what is established about the token in FILE and what is not."""
    from exchange.services.dataset_gate import schema_check
    from exchange.trust import Policy, resolve_did_key
    from exchange.trust import verify as verify_token

    now = at.replace(tzinfo=UTC) if at else datetime.now(UTC)
    token = _read_token(file)
    verdict = verify_token(token, resolve=resolve_did_key, now=now, policy=Policy(schema=schema_check))
    report(
        {
            "ok": verdict.ok,
            "digest": verdict.dataset.digest if verdict.dataset else None,
            "issuer": verdict.dataset.issuer if verdict.dataset else None,
            "groups": list(verdict.dataset.groups) if verdict.dataset else [],
            "steps": [_step_data(step) for step in verdict.steps],
        },
        [line for step in verdict.steps for line in _step_lines(step)]
        + ["All that was asked for is established." if verdict.ok else "NOT established: do not rely on it."],
    )
    if not verdict.ok:
        click.get_current_context().exit(REFUSED)


def _read_token(file: Path) -> bytes:
    raw = file.read_bytes().strip()
    if raw.startswith(
        (b"{", b"[")
    ):  # a compact token (RFC 7515 section 7.1) begins with a base64url character
        raise InvalidError(
            "This is not a signed token; sign it first.",
            code="verify.not_signed",
            advice=f"Run: vcx sign {file} --key KEY",
        )
    return raw


def _problems(step: Step) -> list[Problem]:
    return [problem for problem in step.problems if isinstance(problem, Problem)]


def _step_data(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "outcome": step.outcome.value,
        "code": step.code,
        "detail": step.detail,
        "problems": [problem_data(problem) for problem in _problems(step)],
    }


def _step_lines(step: Step) -> list[str]:
    line = f"{step.outcome.value:12} {step.name:16} {step.detail}"
    return [line, *map(problem_line, _problems(step))]
