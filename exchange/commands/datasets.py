"""`vcx sign`, `vcx publish`: a dataset from one's own key to the exchange."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from exchange.commands.options import EXISTING, OUT, client_options
from exchange.commands.output import json_option, report
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind

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
@click.option(
    "--status",
    "status_file",
    type=EXISTING,
    help="Entry made with `vcx status reserve`; without one nobody can look up whether the dataset is revoked.",
)
@click.option("--kid", help="Key id of the key where a domain names it: did:web:DOMAIN#NAME.")
@click.option("--out", type=OUT, help="Where the token goes; default FILE with the ending .sd-jwt.")
@json_option
def sign(
    file: Path, key_file: Path, kind: str, status_file: Path | None, kid: str | None, out: Path | None
) -> None:
    """Check the dataset content (credentialSubject) in FILE and sign it, one disclosure per field group."""
    from exchange.commands.keys import read_key
    from exchange.services.own_signature import sign_content

    key, now = read_key(key_file), datetime.now(UTC)
    status = status_file.read_bytes() if status_file else None
    token = sign_content(file.read_bytes(), kind=DatasetKind(kind), key=key, now=now, status=status, kid=kid)
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
    from exchange.trust.jws import payload_of

    token = file.read_bytes().strip()
    answer = ApiClient(read_credentials(credentials, client)).post("/api/v1/datasets", token, TOKEN_TYPE)
    report(
        answer,
        [f"Published as {answer['dataset_id']}, version {answer['version']}.", f"Digest {answer['digest']}"],
    )
    if "credentialStatus" not in payload_of(token.partition(b"~")[0].decode("ascii")):
        click.echo(
            "Warning: the dataset names no status list, so nobody can look up whether you revoke it later. "
            "Sign with `vcx sign --status` to change that.",
            err=True,
        )
