"""`vcx keys`, `sign`, `publish`, `verify`, `import`: a supplier with a key of its own, over real HTTP."""

from __future__ import annotations

import json
import socket
import stat
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.serving import make_server

from connectors.deliveries import read_deliveries
from exchange.adapters.clock import SystemClock
from exchange.app import create_app
from exchange.bootstrap import Exchange
from exchange.commands.client import read_credentials
from exchange.config import Settings
from exchange.domain.actors import Assurance, Role
from exchange.domain.errors import InvalidError
from exchange.services.api_clients import create_api_client
from exchange.services.bundles import make_bundle
from exchange.services.context import Context
from exchange.services.imports import get_import, run_import
from exchange.services.key_proofs import check_claims
from exchange.services.keys import list_keys
from exchange.services.organisations import approve_identity, declare_domain
from exchange.services.reading import list_datasets
from exchange.services.trust_root import make_trust_root
from tests import datasets
from tests.factories import CVRS, Party, checked_party, operator, party
from tests.service.identities import did_documents
from tests.working import work_off
from workers.run_job import run_job


@dataclass(frozen=True)
class Supplier:
    """A firm with a product, its content in a file, and credentials for the API."""

    party: Party
    content: Path
    credentials: Path
    subject: dict[str, Any]


@pytest.fixture
def clock() -> SystemClock:
    """The commands make proofs and tokens of the present, so the exchange must live in it."""
    return SystemClock()


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An exchange that knows under which address it is reached: key proofs name it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return settings.model_copy(update={"port": port, "public_url": f"http://127.0.0.1:{port}"})


@pytest.fixture
def address(exchange: Exchange) -> Iterator[str]:
    """The exchange, listening."""
    server = make_server("127.0.0.1", exchange.settings.port, create_app(exchange), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with capture_logs():  # the server's, which here would run into the commands' output
        yield exchange.settings.public_url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def supplier(ctx: Context, address: str, tmp_path: Path) -> Supplier:
    """Ready to publish."""
    firm = party(ctx, "Nordvind Metal")
    subject = datasets.product_subject(firm, datasets.product(firm))
    client = create_api_client(firm.ctx, "cli", [Role.SIGNER])
    content, credentials = tmp_path / "sheet.json", tmp_path / "credentials.json"
    content.write_text(json.dumps(subject), encoding="utf-8")
    secret = {
        "organisation": firm.id,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    credentials.write_text(json.dumps({"url": address, "clients": {"supplier": secret}}), encoding="utf-8")
    return Supplier(firm, content, credentials, subject)


def test_new_key_is_for_its_owner_alone_and_never_overwritten(vcx, tmp_path: Path) -> None:
    path = tmp_path / "key.jwk"
    made = vcx.json("keys", "new", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert made["kid"] == f"{made['did']}#{made['did'].removeprefix('did:key:')}"
    before = path.read_bytes()
    assert vcx.refused("keys", "new", path) == "keys.exists"
    assert path.read_bytes() == before


def test_content_is_signed_registered_published_and_verified(vcx, supplier: Supplier, tmp_path: Path) -> None:
    key, token = tmp_path / "key.jwk", tmp_path / "sheet.sd-jwt"
    kid = vcx.json("keys", "new", key)["kid"]
    assert vcx.json("keys", "register", key, "--credentials", supplier.credentials)["kid"] == kid
    assert [bound.kid for bound in list_keys(supplier.party.ctx)] == [kid]

    signed = vcx.json("sign", supplier.content, "--key", key)
    assert signed["path"] == str(token)
    assert set(signed["groups"]) == set(supplier.subject) - {"id"}

    published = vcx.json("publish", token, "--credentials", supplier.credentials, "--client", "supplier")
    assert (published["digest"], published["version"]) == (signed["digest"], 1)
    assert published["custody"] is False
    assert [one.digest for one in list_datasets(supplier.party.ctx).items] == [signed["digest"]]

    verdict = vcx.json("verify", token, code=1)
    missing = {one["name"] for one in verdict["steps"] if one["outcome"] != "established"}
    assert (verdict["ok"], missing) == (False, {"status", "log", "issuer_identity"})
    outcomes = {step["name"]: step["outcome"] for step in verdict["steps"]}
    assert outcomes["signature"] == outcomes["schema"] == outcomes["disclosures"] == "established"
    assert outcomes["log"] == "not_checked"
    assert vcx("verify", token, code=1).stdout.startswith(
        "The signature holds. NOT established: revocation, log, "
    )


def test_a_key_named_by_the_firms_domain_is_bound_and_signs(
    vcx, supplier: Supplier, worker: Exchange, tmp_path: Path
) -> None:
    key, kid, web = tmp_path / "key.jwk", did_documents.KID, did_documents.Web()
    vcx("keys", "new", key)
    declare_domain(supplier.party.ctx, did_documents.DOMAIN)
    web.documents[did_documents.URL] = vcx("keys", "did-document", key, kid).stdout.encode()
    assert vcx.refused("keys", "did-document", key, "did:web:127.0.0.1#key-1") == "did_web.host"
    asked = vcx.json("keys", "bind", key, kid, "--credentials", supplier.credentials)
    assert (asked["state"], asked["url"]) == ("waiting", did_documents.URL)
    run_job(web.worker(worker), asked["job_id"])
    assert [bound.kid for bound in list_keys(supplier.party.ctx)] == [kid]
    token = tmp_path / "sheet.sd-jwt"
    vcx("sign", supplier.content, "--key", key, "--kid", kid, "--out", token)
    published = vcx.json("publish", token, "--credentials", supplier.credentials)
    assert published["custody"] is False
    proof = vcx("keys", "prove", key, "--kid", kid, "--credentials", supplier.credentials).stdout.strip()
    who = {"audience": supplier.party.ctx.settings.public_url, "organisation_id": supplier.party.id}
    check_claims(proof, kid, now=supplier.party.ctx.now(), **who)


def test_altered_token_is_not_established(vcx, supplier: Supplier, tmp_path: Path) -> None:
    key, token = tmp_path / "key.jwk", tmp_path / "t"
    vcx("keys", "new", key)
    vcx("sign", supplier.content, "--key", key, "--out", token)
    text = token.read_text()
    position = text.index(".") + 40
    token.write_text(text[:position] + ("A" if text[position] != "A" else "B") + text[position + 1 :])
    verdict = vcx.json("verify", token, code=1)
    assert verdict["ok"] is False
    assert {step["name"]: step["outcome"] for step in verdict["steps"]}["signature"] == "failed"
    assert "NOT established" in vcx("verify", token, code=1).stdout


def test_file_that_is_no_token_is_told_to_be_signed_first(vcx, supplier: Supplier) -> None:
    assert vcx.refused("verify", supplier.content) == "verify.not_signed"
    told = vcx("verify", supplier.content, code=1).stderr
    assert "This is not a signed token; sign it first." in told
    assert f"vcx sign {supplier.content} --key KEY" in told


def test_every_problem_of_a_failed_schema_is_told_with_its_place(
    vcx, supplier: Supplier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, token = tmp_path / "key.jwk", tmp_path / "t"
    vcx("keys", "new", key)
    identity = {**supplier.subject["identity"], "boundary": "moon", "gwp_set": "AR0"}
    broken = {**supplier.subject, "identity": identity}
    supplier.content.write_text(json.dumps(broken))
    monkeypatch.setattr("exchange.services.own_signature.check_subject", lambda *_: [])
    vcx("sign", supplier.content, "--key", key, "--out", token)
    steps = {step["name"]: step for step in vcx.json("verify", token, code=1)["steps"]}
    found = steps["schema"]["problems"]
    assert {problem["path"] for problem in found} == {"/identity/boundary", "/identity/gwp_set"}
    assert steps["signature"]["problems"] == []
    told = vcx("verify", token, code=1).stdout.splitlines()
    for problem in found:
        assert f"  {problem['path'] or '/'}: {problem['detail']} ({problem['code']})" in told


def test_token_judged_at_an_instant_before_it_was_valid_is_refused(
    vcx, supplier: Supplier, tmp_path: Path
) -> None:
    key, token = tmp_path / "key.jwk", tmp_path / "t"
    vcx("keys", "new", key)
    vcx("sign", supplier.content, "--key", key, "--out", token)
    verdict = vcx.json("verify", token, "--at", "2001-01-01T00:00:00Z", code=1)
    assert [step["name"] for step in verdict["steps"] if step["outcome"] == "failed"] == ["time"]


def test_key_nobody_registered_publishes_nothing(vcx, supplier: Supplier, tmp_path: Path) -> None:
    key, token = tmp_path / "key.jwk", tmp_path / "t"
    vcx("keys", "new", key)
    vcx("sign", supplier.content, "--key", key, "--out", token)
    assert vcx.refused("publish", token, "--credentials", supplier.credentials) == "kid.unknown"
    assert list_datasets(supplier.party.ctx).items == ()


def test_content_that_publishing_would_refuse_is_not_signed(vcx, supplier: Supplier, tmp_path: Path) -> None:
    key = tmp_path / "key.jwk"
    vcx("keys", "new", key)
    supplier.content.write_text(json.dumps({**supplier.subject, "colour": {}}))
    refused = vcx.json("sign", supplier.content, "--key", key, code=1)["refused"]
    assert refused["problems"]
    supplier.content.write_text('{"id": 1, "id": 2}')
    assert vcx.refused("sign", supplier.content, "--key", key).startswith("json.")
    assert not supplier.content.with_suffix(".sd-jwt").exists()


def test_wrong_secret_and_silent_exchange_are_told(vcx, supplier: Supplier, tmp_path: Path) -> None:
    token = tmp_path / "t"
    token.write_text("x")
    document = json.loads(supplier.credentials.read_text())
    document["clients"]["supplier"]["client_secret"] = "wrong"
    supplier.credentials.write_text(json.dumps(document))
    assert vcx.refused("publish", token, "--credentials", supplier.credentials) == "invalid_client"
    document["url"] = "http://127.0.0.1:9"
    supplier.credentials.write_text(json.dumps(document))
    assert vcx.refused("publish", token, "--credentials", supplier.credentials) == "client.no_answer"
    document["url"] = "file:///etc"
    supplier.credentials.write_text(json.dumps(document))
    assert vcx.refused("publish", token, "--credentials", supplier.credentials) == "credentials.url"


@pytest.mark.parametrize(
    ("document", "name", "code"),
    [
        ("nonsense", None, "credentials.form"),
        ('{"url": "http://x", "clients": {"a": {}, "b": {}}}', None, "credentials.client"),
        ('{"url": "http://x", "clients": {"a": {}}}', "b", "credentials.client"),
        ('{"url": "http://x", "clients": {"a": {}}}', "a", "credentials.form"),
    ],
)
def test_credentials_file_without_what_it_needs_is_refused(
    tmp_path: Path, document: str, name: str | None, code: str
) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(document)
    with pytest.raises(InvalidError) as refused:
        read_credentials(path, name)
    assert refused.value.error_code == code


def test_table_is_handed_in_as_the_client_and_read_by_the_worker(
    vcx, ctx: Context, supplier: Supplier, worker: Exchange, tmp_path: Path
) -> None:
    checked_party(ctx, operator(ctx), "Buyer", cvr=CVRS[1])
    number = supplier.subject["identity"]["product"]["supplier_product_id"]
    table = tmp_path / "deliveries.csv"
    table.write_text(f"sku;customer;qty;unit;date\n{number};{CVRS[1]};5;kg;2025-01-01\n")
    status = vcx.json("import", table, "--credentials", supplier.credentials)
    assert status["state"] == "waiting"
    run_import(worker.context(), status["id"], read_deliveries)
    done = get_import(supplier.party.ctx, status["id"])
    assert (done.filename, done.state, done.problems) == ("deliveries.csv", "published", ())


def test_the_readmes_commands_do_what_it_says(
    vcx, supplier: Supplier, worker: Exchange, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    commands = [line.split()[1:] for line in readme.splitlines() if line.startswith(".venv/bin/vcx ")]
    monkeypatch.chdir(tmp_path)
    Path("var").mkdir()
    supplier.credentials.rename("var/demo.json")
    supplier.content.rename("dataset.json")
    firm = supplier.party
    approve_identity(operator(firm.ctx.acting_as(None)), firm.id, Assurance.OPERATOR_CHECKED, None, None)
    *commands, last = commands
    for command in commands:
        vcx(*command, code=1 if command[0] == "verify" else 0)  # a token alone is never established
    assert [command[0] for command in commands] == ["keys", "keys", "status", "sign", "publish", "verify"]
    work_off(worker)
    (published,) = list_datasets(firm.ctx).items
    Path("bundle.vcx.json").write_bytes(make_bundle(firm.ctx, published.id))
    Path("vcx-trust.json").write_bytes(make_trust_root(firm.ctx))
    vcx(*last)


def test_who_publishes_without_a_status_entry_is_warned(vcx, supplier: Supplier, tmp_path: Path) -> None:
    key, entry, given = tmp_path / "key.jwk", tmp_path / "entry.json", ("--credentials", supplier.credentials)
    vcx("keys", "new", key)
    vcx("keys", "register", key, *given)
    vcx("sign", supplier.content, "--key", key)
    assert "names no status list" in vcx("publish", tmp_path / "sheet.sd-jwt", *given).stderr
    vcx("status", "reserve", "--out", entry, *given)
    vcx("sign", supplier.content, "--key", key, "--status", entry, "--out", tmp_path / "listed")
    assert "status list" not in vcx("publish", tmp_path / "listed", *given).stderr
