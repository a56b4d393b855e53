"""Release bundles and receipts at the offline verifier: what it says of them and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.trust import Token, command
from exchange.trust.archive import verifier_archive
from exchange.trust.log.merkle import path_of
from exchange.trust.log.tlog_proof import TlogProof
from exchange.trust.report import REPLACEMENT
from tests.unit.trust.bundles import NOW, ORIGIN, REGISTRAR_DID, WITNESSES, Log, trust_root
from tests.unit.trust.credentials import disclosure, good_token
from tests.unit.trust.releases import CHAIN, OWN, Release

AT = ["--at", "2026-06-01T12:00:00Z"]
OWN_DIGEST = OWN[0].input.digest


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A release bundle, its bare token, a dataset's token with its receipt, and a trust root."""
    token, log = good_token(), Log(ORIGIN)
    log.add("publish", token.digest, NOW)
    entry, index = log.wanted[0]
    proof = TlogProof(index, path_of(index, log.leaves), log.note(list(WITNESSES)[:2]), entry.body())
    (tmp_path / "release.json").write_bytes(Release().build().serialise())
    (tmp_path / "statement").write_text(Release().build().token)
    (tmp_path / "token").write_text(token.serialise())
    (tmp_path / "token.tlog-proof").write_text(proof.serialise())
    (tmp_path / "root.json").write_bytes(trust_root().serialise())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    """What the command prints."""
    assert command.main([*arguments, *AT]) == code
    return capsys.readouterr().out


def test_a_release_bundle_is_told_figure_by_figure(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "release.json", "--trust", "root.json")
    assert told.split("\n\n")[1].splitlines() == [
        f"Signed by: {REGISTRAR_DID}.",
        f"Statement of what was released of the chain {CHAIN}, in force at 2026-05-29T12:00:00Z.",
        "Period: from 2025-01-01 up to, not including, 2026-01-01.",
        "Figure co2e: 90 kg, 9 kg per piece; own 10 kg, upstream 80 kg.",
        "Figure water: no data.",
        "Method: method/2. Factor set: factors/2026-12.",
        "Inputs counted: 3.",
        f"Inputs proven in this file: 1, {OWN_DIGEST}.",
        f"Fingerprint: {Release().signed().digest}.",
        f"Logged: as entry number 5 of the log {ORIGIN}, received 2026-05-30 12:00:00 UTC.",
        "Witnesses of the checkpoint: witness.example/w1 (2026-05-31 13:00:00 UTC), "
        "witness.example/w2 (2026-05-31 13:00:00 UTC).",
    ]
    assert told.startswith("All that was asked for is established.")
    assert f"What could not be established:\n- {REPLACEMENT}\n" in told


def test_the_same_for_programs(vcx, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(said(capsys, "release.json", "--trust", "root.json", "--json"))
    assert told == vcx.json("verify", "release.json", "--trust", "root.json", *AT)
    assert (told["ok"], told["own_inputs"], told["release"]["inputs"]) == (True, [OWN_DIGEST], 3)
    assert [one["value"] for one in told["release"]["cells"]] == ["90", None]
    assert [step["name"] for step in told["steps"]][-3:] == ["issuer_identity", "statement", "inputs"]


def test_without_a_trust_root_its_origin_is_not_established(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, "release.json", code=1)
    assert told.startswith("Consistent, origin not established")
    assert "What follows is the file's own word" in told and "Inputs proven in this file: none." in told


def test_a_bare_statement_says_what_it_can_and_is_never_established(
    vcx, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, "statement", "--trust", "root.json", code=1)
    assert told.startswith("The signature holds. NOT established: log, identity of the issuer;")
    assert "Figure co2e: 90 kg" in told and "Inputs counted: 3." in told
    assert "schema" not in told and "status" not in told
    assert vcx.json("verify", "statement", "--trust", "root.json", *AT, code=1)["release"]["inputs"] == 3


def test_a_receipt_is_compared_with_the_document_it_is_of(
    vcx, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = ["token.tlog-proof", "--trust", "root.json"]
    told = said(capsys, *receipt, "--of", "token")
    digest = good_token().digest
    assert f"Receipt of the event publish of the document {digest}." in told
    assert "(document: document.none)" in said(capsys, *receipt)
    assert "(document: document.other)" in said(capsys, *receipt, "--of", "release.json", code=1)
    report = vcx.json("verify", *receipt, "--of", "token", *AT)
    assert (report["ok"], report["event"], report["digest"]) == (True, "publish", digest)
    assert [step["name"] for step in report["steps"]][-1] == "document"
    assert said(capsys, "token.tlog-proof", code=1).startswith("Consistent, origin not established")


def test_a_document_with_forged_figures_is_refused_though_its_receipt_holds(
    vcx, files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    token = good_token()
    name = next(iter(token.disclosures))
    forged = Token(token.jwt, {**token.disclosures, name: disclosure(name, {"amount": "1"})})
    (files / "forged").write_text(forged.serialise())
    receipt = ["token.tlog-proof", "--trust", "root.json"]
    told = said(capsys, *receipt, "--of", "forged", code=1)
    assert "(document: disclosure.unreferenced)" in told and told.startswith("NOT established")
    report = vcx.json("verify", *receipt, "--of", "forged", *AT, code=1)
    assert report["ok"] is False and report["steps"][-1]["code"] == "disclosure.unreferenced"
    assert "NOT looked at: revocation, identity of the issuer." in said(capsys, *receipt, "--of", "token")


@pytest.mark.parametrize("file", ["release.json", "token.tlog-proof"])
def test_an_age_counts_for_every_proof(
    vcx, files: Path, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    later = [file, "--trust", "root.json", "--at", "2026-07-01T12:00:00Z"]
    assert command.main([*later, "--max-age", "31"]) == 0
    capsys.readouterr()
    assert command.main([*later, "--max-age", "29"]) == 1
    told = capsys.readouterr().out
    assert "(log: status.old)" in told and "at most 29 days are allowed" in told
    assert vcx.json("verify", *later, "--max-age", "29", code=1)["ok"] is False


@pytest.mark.parametrize("file", ["release.json", "token.tlog-proof", "token"])
def test_a_demand_on_an_organisation_is_wrong_usage_where_none_is_named(
    vcx, files: Path, capsys: pytest.CaptureFixture[str], file: str
) -> None:
    arguments = [file, "--trust", "root.json", *AT]
    assert command.main([*arguments, "--assurance", "own_domain"]) == 2
    assert "Refused (verify.assurance): Only the bundle of a dataset says" in capsys.readouterr().err
    assert (
        "Only the bundle of a dataset says"
        in vcx("verify", *arguments, "--assurance", "own_domain", code=2).output
    )
    assert command.main([*arguments, "--assurance", "operator_checked"]) == (1 if file == "token" else 0)


def test_only_a_receipt_is_of_something_else(vcx, files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["release.json", "--of", "token", *AT]) == 1
    assert "Refused (verify.document)" in capsys.readouterr().err
    assert "verify.document" in vcx("verify", "release.json", "--of", "token", *AT, code=1).output
    assert command.main(["token.tlog-proof", "--of", "absent", *AT]) == 2


def test_the_stand_alone_verifier_answers_for_both(files: Path) -> None:
    (files / "verifier.pyz").write_bytes(verifier_archive().data)
    for file in (["release.json"], ["token.tlog-proof", "--of", "token"]):
        run = [sys.executable, "-I", "verifier.pyz", *file, "--trust", "root.json", *AT]
        done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.startswith("All that was asked for is established.")
