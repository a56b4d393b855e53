"""The page that checks a file: open to all, in words, and honest about whose word it is."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.periods import year
from exchange.domain.revocation import RevocationReason
from exchange.services import chains, file_check, reading
from exchange.services.bundles import make_bundle
from exchange.services.chains import NewChain, Target
from exchange.services.receipts import make_receipt
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.trust_root import make_trust_root
from exchange.trust import Outcome, Step, did_key
from exchange.trust.bundle.verdict import STEPS
from exchange.trust.judgement import judge_file
from exchange.trust.keys import new_private_key
from exchange.trust.log.note import vkey_of
from exchange.trust.receipt import verdict as receipt_verdict
from exchange.trust.release import verdict as release_verdict
from exchange.web.formats import NO_BREAK
from exchange.web.forms import Message
from exchange.web.reader import reader_of
from exchange.web.steps import OUTCOMES, present_steps
from exchange.web.verify_words import FAILED, FILE_WORDS, NOT_CHECKED, STEP_NAMES, WAYS_OUT
from tests.conftest import START, database_copy, settings_over, web_process, worker_process
from tests.datasets import contents
from tests.service.signed_release import signed_release
from tests.web.conftest import Browser, Page, SignIn, World, make_world
from tests.working import work_off


@dataclass(frozen=True)
class Files:
    """What somebody could hand in about one dataset."""

    bundle: bytes
    root: bytes
    token: bytes
    receipt: bytes


@pytest.fixture(scope="module")
def files(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    """The supplier's dataset with its proofs, from an exchange that is not the one asked: the page needs none."""
    folder, clock = tmp_path_factory.mktemp("files"), SteppingClock(START)
    with database_copy(template, folder) as url:
        settings = settings_over(folder, url)
        with web_process(settings, clock) as web, worker_process(settings, clock) as worker:
            world = make_world(web, worker)
            work_off(worker)
            who, dataset = world.supplier.ctx, world.dataset_id
            yield Files(
                make_bundle(who, dataset),
                make_trust_root(worker.context()),
                reading.read_dataset(who, dataset).token.encode(),
                make_receipt(who, dataset).encode(),
            )


@pytest.fixture
def bundle(files: Files) -> bytes:
    """A dataset with its proof."""
    return files.bundle


@pytest.fixture
def root(files: Files) -> bytes:
    """The trust root of the exchange it comes from."""
    return files.root


def check(browser: Browser, data: bytes, trust: bytes | None = None, **more: Any) -> Page:
    """Hand in a file, with a trust root or without."""
    form: dict[str, Any] = {"file": (io.BytesIO(data), "a.vcx.json"), **more}
    if trust is not None:
        form["trust"] = (io.BytesIO(trust), "vcx-trust.json")
    return browser.post("/verify", **form)


def outcomes(page: Page) -> list[str]:
    """The badges of the steps, in order."""
    return re.findall(r'<span class="badge badge-\w+">([^<]+)</span>', page.html)


def test_with_a_trust_root_every_step_is_told_and_everything_established(
    visit: SignIn, bundle: bytes, root: bytes
) -> None:
    page = check(visit(), bundle, root)
    assert page.status == 200
    assert (
        "Everything you asked for is established: it is from Nørre Metal A/S, unchanged, and not" in page.text
    )
    # The served trust root demands no witness here: that stands open, with its code; all else is folded.
    held = [name for name in STEPS if name != "witnesses"]
    assert outcomes(page) == ["not checked"]
    assert page.text.index("witnesses.none_demanded") < page.text.index("18 steps are established")
    folded = re.search(r'<ul class="vcx-held">(.*?)</ul>', page.html, re.S)
    assert folded is not None
    assert re.findall(r"<li>(.*?)</li>", folded[1]) == [html.escape(STEP_NAMES[name]) for name in held]


def test_it_shows_first_who_signed_what_with_which_figures_and_whether_it_was_taken_back(
    visit: SignIn, bundle: bytes, root: bytes
) -> None:
    page = check(visit(), bundle, root)
    text = page.text.replace(NO_BREAK, " ")
    for fact in (
        "Signed by Nørre Metal A/S, DK, CVR 10000009",
        "How that was checked Identity checked by the exchange",
        "Who held the key the exchange, for the organisation",
        "Product Beslag B12",
        "Period 2025",
        "In the log number ",
        "Revocation not revoked, as of 2 March 2026",
        "Whether a newer version replaces it: a file does not show that; ask the exchange.",
        "CO2 emissions 0.35 kg CO₂e 4.15 kg CO₂e 4.5 kg CO₂e",
        "60% measured, 30% allocated, 10% secondary",
    ):
        assert fact in text, fact
    key = judge_file(bundle, trust=None, now=datetime.now(UTC)).signed
    assert key is not None
    assert (
        page.html.count(key.issuer) == 1 and f"<code>{key.issuer[:19]}…{key.issuer[-8:]}</code>" in page.html
    )
    assert text.index("Signed by") < text.index("CO2 emissions") < text.index("The check, step by step")


def test_without_a_trust_root_it_is_consistent_and_the_page_says_what_that_means(
    visit: SignIn, bundle: bytes
) -> None:
    page = check(visit(), bundle)
    assert "Consistent, origin not established." in page.text
    assert "whoever made the file could have made those too" in page.text
    assert "Everything you asked for is established" not in page.text
    assert "What the file says" in page.text and "What is established" not in page.text
    assert NOT_CHECKED["trust.none"] in page.text


def test_a_changed_byte_is_refused_with_the_way_out(visit: SignIn, bundle: bytes, root: bytes) -> None:
    document = json.loads(bundle)
    signature = document["token"].partition("~")[0]
    last = "A" if signature[-3] != "A" else "B"
    broken = bundle.replace(signature.encode(), (signature[:-3] + last + signature[-2:]).encode())
    page = check(visit(), broken, root)
    assert "Do not rely on this file." in page.text
    assert WAYS_OUT["signature"] in page.text and outcomes(page)[0] == "not so"
    # Nothing is shown to be signed, so nothing is told; what lies beyond the failure is folded.
    assert "What the file says" not in page.text and "Nørre Metal" not in page.text
    assert "a newer version" not in page.text
    assert "steps were not reached, because one before them failed" in page.text
    assert "not_reached" not in page.html


def test_another_log_s_trust_root_is_told_as_such(visit: SignIn, bundle: bytes, root: bytes) -> None:
    other = json.loads(root)
    log = other["logs"][0]
    for kind in ("log_keys", "state_keys"):
        log[kind] = [_vkey_like(key) for key in log[kind]]
    page = check(visit(), bundle, json.dumps(other).encode())
    assert page.status == 200 and "Do not rely on this file." in page.text
    assert html.unescape(FAILED["trust.keys"]) in page.text
    assert FAILED["status.revoked"] not in page.text


def test_a_signed_file_alone_is_checked_as_far_as_it_goes(visit: SignIn, files: Files) -> None:
    page = check(visit(), files.token)
    assert "This is a signed file without its proof" in page.text
    assert "The signature holds. Revocation, log and identity are not established." in page.text
    assert "Everything you asked for is established" not in page.text
    assert NOT_CHECKED["log.not_checked"] in page.text
    assert "a key alone says nothing of who holds it" in page.text and "Product Beslag B12" in page.text


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"{", b"[]", b"%PDF-1.7", b"\x00" * 100, b"a.b.c~", b"{" * 10_000]
)
def test_whatever_is_handed_in_is_answered_in_words(visit: SignIn, data: bytes, root: bytes) -> None:
    page = check(visit(), data, root)
    assert page.status in {200, 422} and "Traceback" not in page.html
    assert "Everything you asked for is established" not in page.text
    assert "Do not rely on this file." in page.text or "Please correct this" in page.text


@pytest.mark.parametrize(
    ("trust", "code"),
    [
        (b"{}", "trust_root.form"),
        (b"no json", "json.syntax"),
        (b'{"v":1}', "trust_root.form"),
        (b"x" * 300_000, "json.size"),
    ],
)
def test_a_trust_root_that_is_none_is_refused_at_its_field(
    visit: SignIn, bundle: bytes, trust: bytes, code: str
) -> None:
    page = check(visit(), bundle, trust)
    assert page.status == 422 and "Everything" not in page.text
    assert 'href="#trust"' in page.html and "vcx-trust.json" in page.text


def test_a_file_that_is_too_large_is_refused(visit: SignIn, bundle: bytes, app: Any, settings: Any) -> None:
    exchange = app.extensions["vcx"]
    app.extensions["vcx"] = replace(exchange, settings=settings.model_copy(update={"max_import_bytes": 1024}))
    page = check(visit(), b"x" * 1025)
    assert page.status == 422 and 'href="#file"' in page.html
    assert visit().post("/verify", file=(io.BytesIO(b"x" * 400_000), "big")).status == 413


def test_it_needs_no_sign_in_no_script_and_keeps_nothing(
    visit: SignIn, bundle: bytes, root: bytes, worker: Exchange
) -> None:
    before = contents(worker.store)
    check(visit(), bundle, root)
    check(visit(), bundle)
    assert contents(worker.store) == before
    page = visit().get("/verify")
    assert "<script" not in page.html and "This page is the exchange's own word." in page.text
    assert 'href="/.well-known/vcx-trust.json"' in page.html


def test_an_identity_nobody_checked_suffices_only_where_it_is_allowed(
    visit: SignIn, bundle: bytes, root: bytes
) -> None:
    demanding = check(visit(), bundle, root, assurance="own_domain")
    assert FAILED["issuer_identity.assurance"] in demanding.text and "Do not rely" in demanding.text
    assert "Everything" in check(visit(), bundle, root, assurance="self_declared").text
    assert "Everything" in check(visit(), bundle, root, assurance="nonsense").text  # the default then


def test_only_the_exchange_s_own_schemas_are_run(
    visit: SignIn, bundle: bytes, root: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trust root somebody brings may vouch for any schema, one that never ends too."""
    monkeypatch.setattr(file_check, "schemas", SimpleNamespace(released=lambda: ()))
    page = check(visit(), bundle, root)
    assert FAILED["schema.unknown"] in page.text
    assert "Everything you asked for is established" not in page.text


def test_names_in_a_file_are_shown_and_never_run(visit: SignIn, bundle: bytes) -> None:
    page = check(visit(), bundle.replace(b"registrar", b"<script>alert(1)</script>"))
    assert "<script>alert" not in page.html


def test_somebody_who_asks_without_end_is_asked_to_wait(visit: SignIn, app: Any, settings: Any) -> None:
    exchange = app.extensions["vcx"]
    app.extensions["vcx"] = replace(
        exchange, settings=settings.model_copy(update={"rate_import": "3/minute"})
    )
    assert [check(visit(), b"x").status for _ in range(4)] == [422, 422, 422, 429]


def test_every_step_and_outcome_has_its_words() -> None:
    known = {*STEPS, *receipt_verdict.STEPS, *release_verdict.STEPS}
    assert set(STEP_NAMES) == set(WAYS_OUT) == known
    assert set(OUTCOMES) == {"established", "failed", "not_checked"}


def test_a_step_of_a_form_this_page_has_no_words_for_is_still_told() -> None:
    steps = (
        Step("salts", Outcome.FAILED, "salts.form", "A salt is short."),
        Step("x", Outcome.NOT_CHECKED, "y", ""),
    )
    told = present_steps(reader_of("en"), steps, FILE_WORDS)
    assert [(one.name, one.code, one.advice) for one in told.open] == [
        ("salts", "salts.form", ""),
        ("x", "y", ""),
    ]
    assert told.open[0].technical == Message("A salt is short.", "en") and told.open[1].technical is None
    assert told.established == () and told.is_any_failed


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 ...", "This is a PDF"),
        (b"PK\x03\x04xl/workbook.xml", "This is a spreadsheet, a text document or a packed folder."),
        (b"\xd0\xcf\x11\xe0 old office", "This is a spreadsheet, a text document or a packed folder."),
        (b"\x89PNG\r\n", "This is a picture"),
        (b"\n <!doctype html><html>", "This is a web page or an XML file"),
        (b"\xef\xbb\xbfname;amount\n", "This is no signed file."),
        (b"\x00" * 100, "This is no signed file."),
        (b'{"amount": "1"}', "This is not a signed token"),
    ],
)
def test_another_kind_of_file_is_named_with_what_to_bring(visit: SignIn, data: bytes, said: str) -> None:
    page = check(visit(), data)
    assert (page.status, said in page.text) == (422, True), page.text
    assert 'href="#file"' in page.html and "undle" in page.text.partition("Please correct this")[2]
    danish = check(visit(language="da"), data)
    assert danish.status == 422 and "Technical message" not in danish.text


def test_a_trust_root_in_the_place_of_the_file_is_told_where_it_belongs(visit: SignIn, root: bytes) -> None:
    page = check(visit(), root)
    assert (page.status, "This is a trust root" in page.text) == (422, True)


def test_a_receipt_alone_says_what_it_shows_and_what_to_bring(
    visit: SignIn, files: Files, root: bytes
) -> None:
    page = check(visit(), files.receipt, root)
    assert page.status == 200 and "Everything you asked for is established." in page.text
    assert "This is a receipt of the log" in page.text and "Bring the bundle for that." in page.text
    assert "What was logged a dataset was published In the log number " in page.text
    assert "Signed by" not in page.text and "CO2" not in page.text
    assert NOT_CHECKED["document.none"] in page.text
    assert "Consistent, origin not established." in check(visit(), files.receipt).text


def test_a_statement_on_a_chain_shows_what_was_released_and_what_that_is_worth(
    visit: SignIn, world: World
) -> None:
    target = Target(world.product.id, year(2025), Decimal(1000))
    chain = chains.create_chain(world.supplier.ctx, NewChain("Beslag", (target,)))
    period = year(2025)
    statement_id = signed_release(world.supplier.ctx, chain.id, period.start, period.end)
    token = visit(world.supplier).client.get(f"/releases/{statement_id}").data
    page = check(visit(), token)
    text = page.text.replace(NO_BREAK, " ")
    assert "This is a statement of what the exchange released of a chain." in text
    assert "The signature holds." in text and "Signed by the registrar did:key:" in text
    assert "Period 2025" in text and "Method " in text
    assert "In force at " in text and "In force from" not in text
    assert "Whether a newer version replaces it: a file does not show that" in text
    assert re.search(r"CO2 emissions .*[0-9.,]+ kg CO₂e", text)
    assert text.index("Signed by the registrar") < text.index("CO2 emissions")


def test_a_revoked_dataset_is_told_as_such_at_once(visit: SignIn, world: World, worker: Exchange) -> None:
    work_off(worker)
    revoke_dataset(world.supplier.ctx, world.dataset_id, RevocationReason.OTHER)
    work_off(worker)
    page = check(
        visit(), make_bundle(world.supplier.ctx, world.dataset_id), make_trust_root(worker.context())
    )
    assert "It has been revoked. Do not rely on this file." in page.text
    assert "Revocation revoked, as of" in page.text and "What the file says" in page.text
    assert page.text.index(FAILED["status.revoked"]) < page.text.index("steps are established")


def test_only_a_revocation_is_told_as_one_and_a_stranger_s_registrar_as_that(
    visit: SignIn, bundle: bytes, root: bytes
) -> None:
    other = json.loads(root)
    other["registrars"] = [did_key(new_private_key().public_key())]
    page = check(visit(), bundle, json.dumps(other).encode())
    assert page.text.count(FAILED["status.registrar"]) == 2  # of the revocations and of the issuer
    assert FAILED["status.revoked"] not in page.text


def test_words_go_by_the_code_and_else_by_the_step() -> None:
    def words(name: str, code: str) -> str:
        return FILE_WORDS.advice(Step(name, Outcome.FAILED, code, ""))

    assert (
        words("status", "status.revoked") == "The issuer has taken it back. Ask the issuer what replaces it."
    )
    for code in ("status.registrar", "status.not_newest", "status.missing", "time.expired", "status.old"):
        assert "taken it back" not in words("status", code)
    assert words("issuer_identity", "issuer_identity.revoked") != words("issuer_identity", "bundle.form")


def _vkey_like(vkey: str) -> str:
    """Another key under the same name."""
    return vkey_of(vkey.partition("+")[0], new_private_key().public_key())
