"""`vcx sign`, `vcx publish`: a dataset from one's own key to the exchange."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from exchange.commands.options import EXISTING, OUT, client_options
from exchange.commands.output import REFUSED, json_option, report
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind

if TYPE_CHECKING:
    from exchange.commands.client import ApiClient

TOKEN_TYPE = "application/vc+sd-jwt"  # noqa: S105
BATCH_TYPE = "application/x-ndjson"
MOST_LINES, MOST_BYTES = 500, 4_000_000


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
@click.argument("files", nargs=-1, required=True, type=EXISTING, metavar="FILE...")
@client_options
@json_option
def publish(files: tuple[Path, ...], credentials: Path, client: str | None) -> None:
    """Publish the signed token in each FILE at the exchange, each all or nothing.

    Many go in batches, where a refused one keeps none of the others back; the command then ends with 1.
    """
    from exchange.commands.client import ApiClient, read_credentials

    api = ApiClient(read_credentials(credentials, client))
    tokens = {file: file.read_bytes().strip() for file in files}
    is_done = _publish_one(api, *tokens.values()) if len(tokens) == 1 else _publish_many(api, tokens)
    without = [file for file, token in tokens.items() if not _names_status(token)]
    if without:
        whose = "the dataset names" if len(files) == 1 else f"{len(without)} of {len(files)} datasets name"
        click.echo(
            f"Warning: {whose} no status list, so nobody can look up whether you revoke it later. "
            "Sign with `vcx sign --status` to change that.",
            err=True,
        )
    if not is_done:
        click.get_current_context().exit(REFUSED)


def _publish_one(api: ApiClient, token: bytes) -> bool:
    answer = api.post("/api/v1/datasets", token, TOKEN_TYPE)
    report(
        answer,
        [f"Published as {answer['dataset_id']}, version {answer['version']}.", f"Digest {answer['digest']}"],
    )
    return True


def _publish_many(api: ApiClient, tokens: Mapping[Path, bytes]) -> bool:
    items: list[dict[str, Any]] = []
    for batch in _batches(tokens.values()):
        items += api.post("/api/v1/dataset-batches", batch, BATCH_TYPE)["items"]
    named = [{"path": str(file), **item} for file, item in zip(tokens, items, strict=True)]
    report({"items": named}, map(_told, named))
    return all(item["state"] != "refused" for item in items)


def _batches(tokens: Iterable[bytes]) -> Iterator[bytes]:
    """The tokens as NDJSON, in pieces that the exchange takes."""
    lines: list[bytes] = []
    for token in tokens:
        line = json.dumps(token.decode("utf-8", "replace")).encode()
        if lines and (len(lines) == MOST_LINES or sum(map(len, lines)) + len(line) > MOST_BYTES):
            yield b"\n".join(lines)
            lines = []
        lines.append(line)
    yield b"\n".join(lines)


def _told(item: Mapping[str, Any]) -> str:
    if item["state"] == "refused":
        return f"{item['path']}: refused ({item['problem']['code']}): {item['problem']['detail']}"
    done = "published" if item["state"] == "published" else "was published before"
    return f"{item['path']}: {done} as {item['dataset']['dataset_id']}, version {item['dataset']['version']}"


def _names_status(token: bytes) -> bool:
    """Whether a token names a status list, or cannot be read, which the exchange has said by then."""
    from exchange.trust import TrustError
    from exchange.trust.jws import payload_of

    try:
        return "credentialStatus" in payload_of(token.partition(b"~")[0].decode("ascii"))
    except (TrustError, UnicodeDecodeError):
        return True
