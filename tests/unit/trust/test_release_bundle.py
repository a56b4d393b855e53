"""What a release bundle establishes, and each reason for which one is refused: truly signed, one thing wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from exchange.trust import NotVerifiedError, Outcome, did_key, resolve_did_key, strict_json, verify
from exchange.trust.errors import TrustError
from exchange.trust.log.note import vkey_of
from exchange.trust.release.document import looks_like_release_bundle, read_release_bundle
from exchange.trust.release.inputs import commit, prove
from exchange.trust.release.statement import RegisteredStatement, registered
from exchange.trust.release.verdict import STEPS
from exchange.trust.verdict import Policy
from tests.unit.trust import bundles
from tests.unit.trust.bundles import COSIGNED, NOW, ORIGIN, REGISTRAR_DID, WITNESSES, Log, key_of, trust_root
from tests.unit.trust.releases import (
    CHAIN,
    EARLIER,
    INPUTS,
    OWN,
    RECEIVED,
    Release,
    cell,
    judge_release,
    with_entry,
    with_log,
)

STRANGER = key_of("stranger")
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


def not_established(given: Any, **changes: Any) -> dict[str, str]:
    """The demanded steps that are not established, with their codes."""
    verdict = judge_release(given, **changes)
    assert not verdict.ok
    return {step.name: step.code for step in verdict.failures}


def reason(given: Any, **changes: Any) -> tuple[str, str]:
    """Name and code of the first step that failed."""
    return next(iter(not_established(given, **changes).items()))


def test_a_good_bundle_establishes_every_step_and_tells_what_was_released() -> None:
    verdict = judge_release(Release())
    assert [(step.name, step.code) for step in verdict.steps] == [(name, "ok") for name in STEPS]
    assert verdict.ok and verdict.origin_established
    assert verdict.signed is not None and verdict.signed.issuer == REGISTRAR_DID
    assert (verdict.log_origin, verdict.log_index, verdict.logged_at) == (ORIGIN, 5, RECEIVED)
    assert [(one.name, one.at) for one in verdict.witnesses] == [
        (name, COSIGNED) for name in list(WITNESSES)[:2]
    ]
    assert verdict.own_inputs == OWN
    content = verdict.content
    assert content is not None
    assert (content.chain, content.start, content.end) == (CHAIN, "2025-01-01", "2026-01-01")
    assert (content.method, content.factor_set, content.as_of) == (
        "method/2", "factors/2026-12", "2026-05-29T12:00:00Z",
    )  # fmt: skip
    assert (content.size, content.root) == (3, INPUTS.root)
    co2e, water = content.cells or ()
    assert (co2e.indicator, co2e.value, co2e.unit, co2e.per_unit, co2e.run) == (
        "co2e",
        "90",
        "KGM",
        "9",
        EARLIER,
    )
    assert (water.status, water.value, water.run) == ("no_data", None, "")


def test_a_bundle_reads_back_to_itself() -> None:
    bundle = Release().build()
    assert read_release_bundle(bundle.serialise()) == bundle
    assert looks_like_release_bundle(bundle.serialise())
    assert not looks_like_release_bundle(bundles.Case().build().serialise())


def test_without_figures_the_commitment_alone_is_proven() -> None:
    verdict = judge_release(Release(groups=()))
    assert verdict.ok and verdict.own_inputs == OWN
    assert verdict.content is not None and verdict.content.cells is None


def test_no_input_is_demanded_where_none_is_given() -> None:
    verdict = judge_release(Release(own=()))
    assert verdict.ok
    assert (verdict.step("inputs").outcome, verdict.step("inputs").code) == (
        Outcome.NOT_CHECKED,
        "inputs.none",
    )


def test_without_a_trust_root_it_is_consistent_and_no_input_is_looked_for() -> None:
    verdict = judge_release(Release(), trust=None)
    assert verdict.consistent and not verdict.origin_established and not verdict.ok
    assert verdict.own_inputs == ()
    codes = {step.name: step.code for step in verdict.steps if step.outcome is not Outcome.ESTABLISHED}
    assert codes == {
        "trust": "trust.none",
        "witnesses": "witnesses.no_trust_root",
        "issuer_identity": "issuer_identity.no_trust_root",
        "inputs": "inputs.no_registrar",
    }


def test_a_trust_root_without_quorum_demands_no_witness() -> None:
    verdict = judge_release(Release(witnesses=()), trust=trust_root(quorum=0))
    assert verdict.ok and verdict.step("witnesses").code == "witnesses.none_demanded"


def test_a_stranger_s_statement_is_asked_for_no_input() -> None:
    found = not_established(Release(signer=STRANGER))
    assert found == {"issuer_identity": "issuer_identity.registrar", "inputs": "inputs.no_registrar"}


def test_only_a_registrar_s_statement_can_be_asked_for_inputs() -> None:
    token = Release(signer=STRANGER).signed()
    dataset = verify(token, resolve=resolve_did_key, now=NOW, policy=Policy(required=frozenset())).dataset
    assert dataset is not None
    with pytest.raises(TrustError) as refused:
        registered(dataset, trust_root())
    assert refused.value.code == "issuer_identity.registrar"
    made = registered(dataset, replace(trust_root(), registrars=(did_key(STRANGER.public_key()),)))
    with pytest.raises(NotVerifiedError):
        RegisteredStatement(dataset, made.content)


OTHER = Log("other.example/log/1")
FOREIGN = commit([*INPUTS.inputs[:2], replace(INPUTS.inputs[2], salt=b"\xff" * 16)])
WRONG: dict[str, tuple[Release, tuple[str, str]]] = {
    "log the trust root does not know": (
        Release(bundle=lambda b: with_log(b, key=OTHER.vkey)), ("trust", "trust.origin"),
    ),
    "known log under another key": (
        Release(bundle=lambda b: with_log(b, key=vkey_of(ORIGIN, STRANGER.public_key()))), ("trust", "trust.keys"),
    ),
    "key that is none": (Release(bundle=lambda b: with_log(b, key="no+key")), ("bundle", "bundle.keys")),
    "checkpoint of another text": (
        Release(bundle=lambda b: with_log(b, checkpoint=b.log.checkpoint.replace("\n6\n", "\n7\n"))),
        ("checkpoint", "note.signature"),
    ),
    "checkpoint without the log's line": (
        Release(bundle=lambda b: with_log(b, checkpoint=_without_line(b.log.checkpoint, ORIGIN))),
        ("checkpoint", "checkpoint.unsigned"),
    ),
    "one witness of two": (Release(witnesses=tuple(WITNESSES)[:1]), ("witnesses", "witnesses.quorum")),
    "witness of the future": (Release(cosigned=NOW + HOUR), ("witnesses", "witnesses.future")),
    "token cut short": (Release(token=lambda text: text[:-1]), ("structure", "token.ending")),
    "signature changed": (Release(token=lambda text: _resigned(text)), ("signature", "signature.invalid")),
    "figure of another statement": (
        Release(token=lambda text: _with_cells(text, Release(subject={"cells": [cell(value="80")]}))),
        ("disclosures", "disclosure.unreferenced"),
    ),
    "valid from tomorrow": (
        Release(credential={"validFrom": "2026-06-02T12:00:00Z"}), ("time", "time.not_yet_valid"),
    ),
    "entry of another event": (Release(event="publish"), ("log", "log.not_logged")),
    "entry of another document": (Release(digest=f"sha256:{'0' * 64}"), ("log", "log.not_logged")),
    "entry elsewhere in the tree": (
        Release(bundle=lambda b: with_entry(b, index=4)), ("log", "proof.root"),
    ),
    "entry received in the future": (Release(received=NOW + HOUR), ("log", "log.future")),
    "entry that is none": (Release(bundle=lambda b: with_entry(b, body="{}")), ("bundle", "entry.form")),
    "stranger's signature": (Release(signer=STRANGER), ("issuer_identity", "issuer_identity.registrar")),
    "another credential of the registrar": (
        Release(credential={"type": ["VerifiableCredential", "OrganisationCredential"]}),
        ("statement", "release.type"),
    ),
    "no period": (Release(dropped=["period"]), ("statement", "release.content")),
    "no method": (Release(dropped=["method"]), ("statement", "release.content")),
    "no instant": (Release(dropped=["asOf"]), ("statement", "release.content")),
    "no commitment": (Release(dropped=["inputs"]), ("statement", "release.inputs")),
    "indicator twice": (Release(subject={"cells": [cell(), cell()]}), ("statement", "release.content")),
    "figure that is a number": (Release(subject={"cells": [cell(value=90)]}), ("statement", "release.content")),
    "cells that are none": (Release(subject={"cells": "many"}), ("statement", "release.content")),
    "run that is none": (Release(subject={"cells": [cell(run="x")]}), ("statement", "release.content")),
    "input of another statement": (Release(own=prove(FOREIGN.inputs, [0])), ("inputs", "release.proof")),
    "input under another number": (Release(own=(replace(OWN[0], index=0),)), ("inputs", "release.proof")),
    "input twice": (Release(own=(*OWN, *OWN)), ("inputs", "release.doubled")),
    "input with a short salt": (
        Release(own=(replace(OWN[0], input=replace(OWN[0].input, salt=bytes(8))),)), ("inputs", "release.salt"),
    ),
}  # fmt: skip


def _without_line(note: str, name: str) -> str:
    return "".join(line for line in note.splitlines(keepends=True) if not line.startswith(f"— {name} "))


def _resigned(text: str) -> str:
    """The token with another statement's signature."""
    jwt, _, rest = text.partition("~")
    other = Release(subject={"method": "method/1"}).signed().jwt.rpartition(".")[2]
    return f"{jwt.rpartition('.')[0]}.{other}~{rest}"


def _with_cells(text: str, other: Release) -> str:
    """The token with the cells of another statement."""
    jwt, _, *rest = text.split("~")
    return "~".join([jwt, other.signed().disclosures["cells"], *rest])


@pytest.mark.parametrize("name", WRONG)
def test_a_bundle_with_one_thing_wrong_is_refused_with_its_own_code(name: str) -> None:
    given, expected = WRONG[name]
    assert reason(given) == expected


def test_every_step_has_a_bundle_that_fails_it_alone_or_first() -> None:
    first = {expected[0] for _, expected in WRONG.values()}
    # The steps between a token's form and its signature are those of any token: tests of `verify` have them.
    assert set(STEPS) - first == {"header", "key", "algorithm", "payload", "credential"}


FORMS: dict[str, tuple[Any, str]] = {
    "another version": (lambda d: d.update(v="vcx-release-bundle/2"), "bundle.version"),
    "one member more": (lambda d: d.update(more=1), "bundle.form"),
    "no inputs": (lambda d: d.pop("inputs"), "bundle.form"),
    "more in the log": (lambda d: d["log"].update(more=1), "bundle.form"),
    "negative index": (lambda d: d["log"]["entry"].update(index=-1), "bundle.form"),
    "short hash": (lambda d: d["log"]["entry"].update(path=["AAAA"]), "proof.hash_length"),
    "no salt": (lambda d: d["inputs"][0].pop("salt"), "bundle.form"),
    "salt in no base64": (lambda d: d["inputs"][0].update(salt="?"), "base64.invalid"),
    "inputs that are no list": (lambda d: d.update(inputs={}), "bundle.form"),
    "token that is no text": (lambda d: d.update(token=1), "bundle.form"),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_not_the_known_one_is_refused(name: str) -> None:
    change, code = FORMS[name]
    document = json.loads(Release().build().serialise())
    change(document)
    assert reason(strict_json.canonical(document)) == ("bundle", code)


def test_the_newest_it_shows_may_be_no_older_than_demanded() -> None:
    assert judge_release(Release(), max_age=NOW - COSIGNED).ok
    assert reason(Release(), max_age=NOW - COSIGNED - SECOND) == ("log", "status.old")
    quiet, root, age = Release(witnesses=()), trust_root(quorum=0), NOW - RECEIVED
    assert judge_release(quiet, trust=root, max_age=age).ok
    assert reason(quiet, trust=root, max_age=age - SECOND) == ("log", "status.old")


def test_another_layout_is_refused() -> None:
    document = json.loads(Release().build().serialise())
    assert reason(json.dumps(document).encode()) == ("bundle", "bundle.json")
    assert reason(b"{" + b" " * (16 * 1024 * 1024)) == ("bundle", "bundle.size")


OTHERS = b'A0z"\\{}[],: \n\x00\xff~.='


def test_every_changed_byte_is_refused_or_costs_no_more_than_a_witness() -> None:
    data = Release(witnesses=tuple(WITNESSES)).build().serialise()
    good = judge_release(data)
    assert good.ok and len(good.witnesses) == 3
    survivors = 0
    for position, here in enumerate(data):
        other = OTHERS[position % len(OTHERS)]
        byte = other if other != here else here ^ 1
        verdict = judge_release(data[:position] + bytes([byte]) + data[position + 1 :])
        if verdict.ok:
            survivors += 1
            assert len(verdict.witnesses) == 2, position
            assert [(step.name, step.code) for step in verdict.steps] == [(name, "ok") for name in STEPS]
            assert (verdict.content, verdict.own_inputs) == (good.content, good.own_inputs), position
    # The names and key ids of three cosignature lines are the only bytes that may change without a refusal.
    assert 0 < survivors < 250
