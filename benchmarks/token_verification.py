"""Verification against the bare signature checks in it: a token of some 3.4 kB, and a whole proof bundle.

Run: python -m benchmarks.token_verification. Exits 1 where strict parse, signature, disclosures and schema take more
than 2.3 times one Ed25519 verification of the same bytes, or a bundle more than twice its signature checks.
Times are the process's own on the processor (time.process_time), so that waiting counts for nothing, and the two are
taken in turn. Other work still takes caches and half a core from them, which slows them unequally: so each time is the
least of a short run of calls, and the ratio is of the medians over all runs; the plain medians stand beside it.
Keys, schemas and status lists that were met before are known, as to whoever checks the bundles of one value chain.
"""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from os import cpu_count
from statistics import median

import schemas
from exchange.domain.groups import DatasetKind
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.dataset_gate import schema_check
from exchange.trust import Policy, Token, base64url, resolve_did_key, sign, verify
from exchange.trust.bundle import Bundle, read_bundle, verify_bundle
from exchange.trust.keys import PublicKey
from exchange.trust.log.note import read_note
from exchange.trust.raw_signature import is_signed_by
from tests.unit.trust.bundles import (
    DATASET_STATUS,
    IDENTITY,
    NOW,
    ORIGIN,
    REGISTRAR,
    SUPPLIER,
    SUPPLIER_DID,
    SUPPLIER_KID,
    WITNESSES,
    Case,
    Log,
    trust_root,
)

TOKEN_LIMIT, BUNDLE_LIMIT = 2.3, 2.0
# Runs of some milliseconds, and calls of each kind in a run.
RUNS, CALLS = 150, 12
EXAMPLE = "examples/product/valid/at-least.json"

# A key, a signature and the bytes it is over.
Signed = tuple[PublicKey, bytes, bytes]


def main() -> int:
    """Print the times and their ratios."""
    token, bundle = make_token(status=False), make_bundle()
    text, file = token.serialise(), bundle.serialise()
    assert read_bundle(file) == bundle
    one, all_of_it = [signature_of(token.jwt, SUPPLIER.public_key())], signatures_of(bundle)
    trust, policy = trust_root(), Policy(schema=schema_check)
    assert verify(text, resolve=resolve_did_key, now=NOW, policy=policy).ok
    assert verify_bundle(file, trust=trust, now=NOW).ok
    print(f"{platform.python_implementation()} {platform.python_version()}, {cpu_count()} cores")
    held = compare(
        f"token of {len(text)} bytes, {len(token.disclosures)} disclosures",
        lambda: check_bare(one),
        lambda: verify(text, resolve=resolve_did_key, now=NOW, policy=policy),
        TOKEN_LIMIT,
    )
    held &= compare(
        f"bundle of {len(file)} bytes, {len(all_of_it)} signatures",
        lambda: check_bare(all_of_it),
        lambda: verify_bundle(file, trust=trust, now=NOW),
        BUNDLE_LIMIT,
    )
    return 0 if held else 1


def compare(what: str, bare: Callable[[], object], whole: Callable[[], object], limit: float) -> bool:
    """Time both in turn and print what came of it; whether the ratio of medians keeps the limit."""
    runs = [[(_timed(bare), _timed(whole)) for _ in range(CALLS)] for _ in range(RUNS)]
    rival, ours = ([min(call[which] for call in run) for run in runs] for which in (0, 1))
    plain = [median(call[which] for run in runs for call in run) for which in (0, 1)]
    ratio = median(ours) / median(rival)
    print(what)
    print(f"  bare signature checks: median {median(rival) * 1e6:.0f} us, best {min(rival) * 1e6:.0f} us")
    print(f"  whole verification:    median {median(ours) * 1e6:.0f} us, best {min(ours) * 1e6:.0f} us")
    print(f"  ratio {ratio:.2f} (of plain medians {plain[1] / plain[0]:.2f}), limit {limit}")
    return ratio <= limit


def check_bare(signed: list[Signed]) -> None:
    """The rival: nothing parsed, nothing looked up, each signature checked over bytes that are at hand."""
    for key, signature, message in signed:
        assert is_signed_by(key, signature, message)


def make_token(*, status: bool) -> Token:
    """An example dataset of this repository as its owner would sign it."""
    subject = json.loads(resources.files(schemas).joinpath(EXAMPLE).read_bytes())
    credential = draft_credential(
        DatasetKind.PRODUCT,
        subject,
        credential_id="01970000-0000-7000-8000-000000000001",
        issuer=SUPPLIER_DID,
        valid_from=NOW,
    )
    if status:
        credential["credentialStatus"] = DATASET_STATUS.document()
    return sign(credential, groups=groups_of(subject), key=SUPPLIER, kid=SUPPLIER_KID)


def make_bundle() -> Bundle:
    """The token's proof in a log of one epoch, with the released schemas and the cosignatures of three witnesses."""
    subject = json.loads(resources.files(schemas).joinpath(EXAMPLE).read_bytes())
    newest = schemas.latest("product")
    common = schemas.SchemaId("common", newest.version)
    files = {one.url: schemas.schema_bytes(one).decode() for one in (newest, common)}
    return Case(
        token=make_token(status=True),
        schemas=files,
        witnesses=tuple(WITNESSES),
        identity=replace(IDENTITY, organisation=subject["identity"]["organisation"]["id"]),
    ).build()


def signature_of(jwt: str, key: PublicKey) -> Signed:
    """The signature of a compact JWS."""
    text, _, signature = jwt.rpartition(".")
    return key, base64url.decode(signature), text.encode()


def signatures_of(bundle: Bundle) -> list[Signed]:
    """Every signature a verifier of the bundle has to check: log, state, witnesses, dataset, registrar."""
    log = Log(ORIGIN)
    checkpoint, state = read_note(bundle.logs[0].checkpoint), read_note(bundle.state)
    cosigned = [
        (
            WITNESSES[line.name].public_key(),
            line.signature[8:],
            f"cosignature/v1\ntime {int.from_bytes(line.signature[:8], 'big')}\n{checkpoint.text}".encode(),
        )
        for line in checkpoint.signatures[1:]
    ]
    return [
        (log.key.public_key(), checkpoint.signatures[0].signature, checkpoint.text.encode()),
        (log.state_key.public_key(), state.signatures[0].signature, state.text.encode()),
        *cosigned,
        signature_of(bundle.token.partition("~")[0], SUPPLIER.public_key()),
        *(
            signature_of(jwt, REGISTRAR.public_key())
            for jwt in (bundle.organisation, *bundle.status_lists.values())
        ),
    ]


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time_ns()
    work()
    return (time.process_time_ns() - start) / 1e9


if __name__ == "__main__":
    sys.exit(main())
