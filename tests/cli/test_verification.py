"""The offline verifier: `python -m exchange.trust`, `vcx verify`, `vcx-verify.pyz`; what they say and how they end."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from exchange.trust import base64url, command
from exchange.trust.organisation_credential import Assurance
from tests.unit.trust.bundles import DATASET_STATUS, IDENTITY, ORIGIN, Case, trust_root
from tests.unit.trust.credentials import good_token

ROOT = Path(__file__).parents[2]
REPLACEMENT = "Whether a newer version replaces it: a file does not show that; ask the exchange."
AT = ["--at", "2026-06-01T12:00:00Z"]
# Runs the verifier with the arguments given to it, in a process in which nothing can open a connection or a
# database, and fails where it imported anything of the exchange but its trust layer.
GUARDED = """
import socket, sqlite3, sys
def refuse(*_, **__):
    raise AssertionError("the verifier reached out")
socket.socket = socket.create_connection = socket.getaddrinfo = sqlite3.connect = refuse
del sys.modules["sqlite3"]
from exchange.trust.command import main
code = main(sys.argv[1:])
foreign = [name for name in sys.modules if name.startswith(("exchange.", "schemas", "workers", "connectors"))
           and not name.startswith("exchange.trust")]
heavy = {"sqlalchemy", "sqlmodel", "flask", "click", "pydantic", "celery", "sqlite3", "http.client"} & set(sys.modules)
assert not foreign and not heavy, (foreign, heavy)
sys.exit(code)
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A good bundle, a revoked one, a token and a trust root."""
    (tmp_path / "good.json").write_bytes(Case().build().serialise())
    (tmp_path / "revoked.json").write_bytes(Case(revoked=[DATASET_STATUS.index]).build().serialise())
    (tmp_path / "token").write_text(good_token().serialise())
    (tmp_path / "root.json").write_bytes(trust_root().serialise())
    return tmp_path


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and standard output of the guarded process."""
    done = subprocess.run(
        [sys.executable, "-c", GUARDED, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "Error" not in done.stderr, done.stderr
    return done.returncode, done.stdout


def test_bundle_is_established_by_a_process_without_network_database_or_exchange(files: Path) -> None:
    code, told = run(files / "good.json", "--trust", files / "root.json", *AT)
    assert code == 0, told
    said = told.split("\n\n")
    assert said[0] == "All that was asked for is established.\nJudged as of 2026-06-01 12:00:00 UTC."
    assert said[1].splitlines()[2:10] == [
        "Organisation: Nordstål Eksempel A/S, DK, CVR number 12345674.",
        "How that was checked: the exchange's operator checked it. Stated by the registrar "
        "did:key:z6MkfiFHN4apEevQESiaU3LKr9fGmYd6r5bktWgBTKVn1Ygs.",
        "Product: Beslag 40 mm.",
        "Parts disclosed: identity, indicators, quality, process.",
        "Figure co2e: own 1.25 kg.",
        "Fingerprint: " + json.loads(run(files / "good.json", "--json", *AT)[1])["digest"] + ".",
        f"Logged: as entry number 6 of the log {ORIGIN}, received 2026-05-02 12:00:00 UTC.",
        "Revoked: no, as of 2026-05-31 12:00:00 UTC.",
    ]
    assert "witness.example/w1 (2026-05-31 13:00:00 UTC), witness.example/w2" in said[1]
    assert said[2] == f"What could not be established:\n- {REPLACEMENT}"


def test_without_a_trust_root_the_answer_is_consistent_and_the_exit_code_1(files: Path) -> None:
    code, told = run(files / "good.json", *AT)
    assert code == 1
    assert told.startswith("Consistent, origin not established")
    assert "- No trust root was given: whose log this is was not established. (trust: trust.none)" in told


def test_revoked_dataset_is_told_as_such(files: Path) -> None:
    code, told = run(files / "revoked.json", "--trust", files / "root.json", *AT)
    assert code == 1
    assert told.startswith("NOT established: do not rely on it.")
    assert "Revoked: YES, as of 2026-05-31 12:00:00 UTC." in told
    assert "(status: status.revoked)" in told


def test_json_report_has_every_step_and_who_what_and_when(files: Path) -> None:
    code, told = run(files / "good.json", "--trust", files / "root.json", "--json", *AT)
    report = json.loads(told)
    assert (code, report["ok"], report["consistent"], report["origin_established"]) == (0, True, True, True)
    assert len(report["steps"]) == 19
    assert {step["code"] for step in report["steps"]} == {"ok"}
    assert report["organisation"]["registered_id"] == "12345674"
    assert report["log"] == {"origin": ORIGIN, "index": 6, "received": "2026-05-02T12:00:00Z"}
    assert report["not_shown"] == [{"code": "replacement", "detail": REPLACEMENT}]
    assert report["figures"] == [{"indicator": "co2e", "part": "own", "amount": "1.25", "unit": "KGM"}]
    assert (report["revoked"], report["as_of"]) == (False, "2026-05-31T12:00:00Z")
    assert [seen["name"] for seen in report["witnesses"]] == ["witness.example/w1", "witness.example/w2"]


def test_bare_token_is_never_established_and_says_what_only_the_bundle_shows(vcx, files: Path) -> None:
    code, told = run(files / "token", *AT)
    assert code == 1
    assert told.splitlines()[0] == (
        "The signature holds. NOT established: schema, revocation, log, identity of the issuer; "
        "bring the bundle to establish the rest."
    )
    assert "Whose key that is, a token alone does not show." in told
    assert f"- {REPLACEMENT}" in told
    assert "(schema: schema.not_checked)" in told
    assert vcx.json("verify", files / "token", *AT, code=1)["ok"] is False
    failed = json.loads(run(files / "token", "--trust", files / "root.json", "--json", *AT)[1])
    missing = {
        step["name"] for step in failed["steps"] if step["required"] and step["outcome"] != "established"
    }
    assert missing == {"schema", "status", "log", "issuer_identity"}


def test_nothing_is_told_of_a_token_of_which_a_step_failed(files: Path) -> None:
    code, told = run(files / "token", "--at", "2030-01-01T00:00:00Z")
    assert code == 1
    assert told.startswith("NOT established: do not rely on it.")
    assert "Signed: not shown." in told and "Beslag" not in told
    assert REPLACEMENT not in told


def test_a_changed_part_is_named(files: Path) -> None:
    token = good_token()
    jwt, *disclosures = token.serialise().split("~")[:-1]
    salt, name, value = json.loads(base64url.decode(disclosures[1]))
    value["co2e"]["own"]["amount"] = "0.25"
    disclosures[1] = base64url.encode(json.dumps([salt, name, value], separators=(",", ":")).encode())
    (files / "changed").write_text("~".join([jwt, *disclosures, ""]))
    code, told = run(files / "changed", *AT)
    assert code == 1
    assert "The part indicators is not, or no longer, what the token was signed over." in told


def test_knowledge_that_is_too_old_is_refused_where_an_age_is_demanded(vcx, files: Path) -> None:
    later = [files / "good.json", "--trust", files / "root.json", "--at", "2026-09-15T12:00:00Z"]
    code, told = run(*later)
    assert code == 0
    assert (
        "Not revoked as of 2026-05-31T12:00:00Z. That is 107 days before the instant it is judged at." in told
    )
    assert run(*later, "--max-age", "107")[0] == 0
    code, told = run(*later, "--max-age", "106")
    assert code == 1 and "(status: status.old)" in told
    assert vcx.json("verify", *later, "--max-age", "106", code=1)["steps"][-3]["code"] == "status.old"


def test_a_terminal_without_the_letters_of_a_name_still_gets_the_report(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert command.main([str(files / "good.json"), "--trust", str(files / "root.json"), *AT]) == 0
    sys.stdout.flush()
    assert b"Organisation: Nordst?l Eksempel A/S, DK" in written.getvalue()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_an_instant_of_a_year_nobody_signs_in_is_wrong_usage(vcx, files: Path, at: str) -> None:
    assert command.main([str(files / "good.json"), "--at", at]) == 2
    assert vcx("verify", files / "good.json", "--at", at, code=2).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["good.json", "--trust", "root.json", *AT], 0),
        (["good.json", "--trust", "root.json", "--assurance", "own_domain", *AT], 1),
        (["good.json", "--trust", "good.json", *AT], 1),  # a bundle is no trust root
        (["root.json", *AT], 1),  # and a trust root no bundle
        (["good.json", "--trust", "root.json", "--at", "2026-05-01T00:00:00Z"], 1),
        (["good.json", "--at", "yesterday"], 2),
        (["absent.json"], 2),
        (["good.json", "--trust", "absent.json"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else str(value),
)
def test_exit_code_tells_established_refused_and_wrong_usage(
    files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(files)
    assert command.main(arguments) == code


@pytest.mark.parametrize(
    "arguments", [[], ["a", "b"], ["a", "--assurance", "some"], ["a", "--colour"], ["a", "--max-age", "0"]]
)
def test_arguments_that_make_no_sense_are_wrong_usage(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(arguments)
    assert ended.value.code == 2


def test_refusal_is_told_in_words_and_as_json(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([str(files / "root.json")]) == 1
    assert capsys.readouterr().err.startswith("Refused (verify.not_signed): This is not a signed token")
    assert command.main([str(files / "root.json"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["refused"]["code"] == "verify.not_signed"


def test_name_that_would_rearrange_what_is_read_is_shown_harmless(tmp_path: Path, capsys) -> None:
    file = tmp_path / "b.json"
    identity = replace(IDENTITY, name="Safe\u202ea/S Ltd")
    file.write_bytes(Case(identity=identity).build().serialise())
    command.main([str(file), *AT])
    told = capsys.readouterr().out
    assert "\u202e" not in told
    assert "Safe\ufffda/S Ltd" in told


def test_weakly_checked_identity_passes_only_where_asked_for(vcx, files: Path) -> None:
    file = files / "weak.json"
    file.write_bytes(Case(identity=replace(IDENTITY, assurance=Assurance.INVITED)).build().serialise())
    weak = ["verify", file, "--trust", files / "root.json", *AT]
    failed = vcx.json(*weak, code=1)["steps"][-1]
    assert (failed["name"], failed["code"]) == ("issuer_identity", "issuer_identity.assurance")
    assert vcx.json(*weak, "--assurance", "invited")["ok"] is True


def test_vcx_verify_says_the_same_as_the_verifier_alone(vcx, files: Path) -> None:
    arguments = [files / "good.json", "--trust", files / "root.json", *AT]
    assert vcx("verify", *arguments).stdout == run(*arguments)[1]
    assert vcx.json("verify", *arguments) == json.loads(run(*arguments, "--json")[1])
    assert vcx.refused("verify", files / "root.json") == "verify.not_signed"
    assert vcx.refused("verify", files / "good.json", "--trust", files / "good.json") == "trust_root.form"


def test_verifier_file_is_reproducible_and_verifies(vcx, files: Path) -> None:
    one, two = files / "one.pyz", files / "two.pyz"
    made = vcx.json("verifier", one)
    assert vcx.json("verifier", two)["sha256"] == made["sha256"]
    assert one.read_bytes() == two.read_bytes()
    assert vcx.refused("verifier", one) == "verifier.exists"
    names = zipfile.ZipFile(one).namelist()
    assert names == sorted(names)
    assert {name.split("/")[0] for name in names if name.endswith(".py")} == {
        "__main__.py", "base58", "exchange", "joserfc", "rfc8785",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", one, files / "good.json", "--trust", files / "root.json", *AT],
        cwd=files,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("All that was asked for is established.")


def test_verifier_file_says_in_one_sentence_what_it_lacks(vcx, files: Path) -> None:
    vcx("verifier", files / "v.pyz")
    done = subprocess.run(
        [sys.executable, "-I", "-S", files / "v.pyz", files / "good.json"],
        cwd=files,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    lacks = "This verifier needs more than is installed: python3 -m pip install"
    assert done.stderr == f"{lacks} cryptography jsonschema-rs\n"


@pytest.mark.parametrize("package", ["cryptography", "jsonschema_rs"])
def test_the_package_alone_says_in_one_sentence_what_it_lacks(
    files: Path, tmp_path: Path, package: str
) -> None:
    absent = tmp_path / "absent" / f"{package}.py"
    absent.parent.mkdir()
    absent.write_text(f"raise ModuleNotFoundError(name={package!r})")
    done = subprocess.run(
        [sys.executable, "-m", "exchange.trust", files / "good.json"],
        cwd=ROOT,
        env={"PYTHONPATH": str(absent.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    named = package.replace("_", "-")
    assert done.stderr == f"This verifier needs more than is installed: python3 -m pip install {named}\n"
    assert done.returncode == 2
