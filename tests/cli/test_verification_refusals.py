"""What `vcx verify` says of a proof that is not one: its own code and words, exit code 1, and no stack trace."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.trust import command
from tests.unit.trust.bundles import DATASET_STATUS, OLD_ORIGIN, ORIGIN, Case, Log, edit_json, trust_root

AT = ["--at", "2026-06-01T12:00:00Z"]
HASH = "A" * 43 + "="
# What is wrong, with the trust root's logs, the step that refuses it and its code.
WRONG: dict[str, tuple[Case, tuple[str, ...], str, str]] = {
    "truncated proof": (
        Case(bundle=edit_json(lambda d: d["logs"][0]["entries"][1]["path"].pop())),
        (ORIGIN,),
        "log",
        "proof.length",
    ),
    "proof that leads to another root": (
        Case(bundle=edit_json(lambda d: d["logs"][0]["entries"][1]["path"].__setitem__(0, HASH))),
        (ORIGIN,),
        "log",
        "proof.root",
    ),
    "checkpoint with another root": (
        Case(bundle=edit_json(lambda d: d["logs"][0].update(checkpoint=Log(ORIGIN).note(())))),
        (ORIGIN,),
        "witnesses",
        "witnesses.quorum",
    ),
    "proof of another log": (
        Case(bundle=lambda b: replace(b, logs=(replace(b.logs[0], checkpoint=Log(OLD_ORIGIN).note(())),))),
        (ORIGIN,),
        "checkpoint",
        "checkpoint.unsigned",
    ),
    "trust root of another log": (Case(), (OLD_ORIGIN,), "trust", "trust.origin"),
    "revoked": (Case(revoked=[DATASET_STATUS.index]), (ORIGIN,), "status", "status.revoked"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_proof_that_is_none_is_refused_with_its_own_code_and_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    case, origins, step, code = WRONG[what]
    file, root = tmp_path / "bundle.json", tmp_path / "root.json"
    file.write_bytes(case.build().serialise())
    root.write_bytes(trust_root(origins=origins).serialise())
    arguments = [str(file), "--trust", str(root), *AT]
    assert command.main([*arguments, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    found = next(each for each in report["steps"] if each["outcome"] == "failed")
    assert (report["ok"], found["name"], found["code"]) == (False, step, code)
    assert command.main(arguments) == 1
    told = capsys.readouterr()
    assert found["detail"] in told.out and "Traceback" not in told.out + told.err
