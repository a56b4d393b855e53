"""What the page says of a bundle whose proof is not one: the step that refuses it, in words, and nothing is kept."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from exchange.bootstrap import Exchange
from exchange.services import file_check
from exchange.services.bundles import make_bundle
from exchange.services.trust_root import make_trust_root
from exchange.trust import strict_json
from exchange.trust.judgement import judge_file
from exchange.trust.trust_root import read_trust_root
from exchange.web.verify_words import STEP_NAMES
from tests.datasets import contents
from tests.unit.trust.bundles import ORIGIN, Log
from tests.unit.trust.releases import Release
from tests.web.conftest import SignIn, World
from tests.working import work_off

HASH = "A" * 43 + "="


def _dataset_entry(bundle: Any) -> Any:
    return next(entry for entry in bundle["logs"][0]["entries"] if '"publish"' in entry["body"])


# What is wrong with the bundle, the step that says so and its code.
WRONG: dict[str, tuple[Callable[[Any], object], str, str]] = {
    "truncated proof": (lambda b: _dataset_entry(b)["path"].pop(), "log", "proof.length"),
    "another root": (lambda b: _dataset_entry(b)["path"].__setitem__(0, HASH), "log", "proof.root"),
    "proof of another log": (
        lambda b: b["logs"][0].update(checkpoint=Log(ORIGIN).note(())),
        "checkpoint",
        "checkpoint.unsigned",
    ),
    "another log": (
        lambda b: b["logs"][0].update(keys={"log": Log(ORIGIN).vkey, "state": Log(ORIGIN).state_vkey}),
        "trust",
        "trust.origin",
    ),
}


def test_a_proof_that_is_none_is_refused_in_words_and_nothing_is_kept(
    visit: SignIn, world: World, worker: Exchange
) -> None:
    work_off(worker)
    bundle, root = make_bundle(world.supplier.ctx, world.dataset_id), make_trust_root(worker.context())
    before = contents(worker.store)
    for what, (spoil, step, code) in WRONG.items():
        document = json.loads(bundle)
        spoil(document)
        data = strict_json.canonical(document)
        found = judge_file(data, trust=read_trust_root(root), now=world.supplier.ctx.now()).verdict.failures[
            0
        ]
        assert (found.name, found.code) == (step, code), what
        files = {"file": (data, "a.vcx.json"), "trust": (root, "vcx-trust.json")}
        page = visit().post("/verify", **{name: (io.BytesIO(data), to) for name, (data, to) in files.items()})
        assert page.status == 200, what
        assert "Do not rely on this file." in page.text, what
        assert STEP_NAMES[step] in page.text and html.unescape(found.detail) in page.text, what
        assert "Traceback" not in page.html, what
    assert contents(worker.store) == before


def test_a_file_that_would_fill_the_memory_is_refused_unread(
    visit: SignIn, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_check, "MAX_FILE_BYTES", 1024)
    page = visit().post("/verify", file=(io.BytesIO(b"[" * 1025), "a.vcx.json"))
    assert page.status == 422
    assert 'href="#file"' in page.html


LATEST = "9999-12-31T23:59:59Z"


def _received_last(release: Release) -> bytes:
    return replace(release, received=datetime.fromisoformat(LATEST)).build().serialise()


def test_instants_without_a_date_in_copenhagen_are_shown_as_they_are_written(visit: SignIn) -> None:
    """The last two hours of the year 9999, of a stranger's statement and of a log that nobody vouches for."""
    stated = Release(subject={"asOf": LATEST}, credential={"validFrom": "2026-01-01T00:00:00Z"})
    for data in (stated.signed().serialise().encode(), stated.build().serialise(), _received_last(Release())):
        page = visit().post("/verify", file=(io.BytesIO(data), "a.vcx.json"))
        assert page.status == 200 and LATEST in page.text
        assert "Everything you asked for is established" not in page.text


def test_what_is_demanded_of_an_organisation_is_not_passed_over_where_none_is_named(visit: SignIn) -> None:
    release = Release().build()
    for data in (release.serialise(), release.token.encode()):
        form = {"file": (io.BytesIO(data), "a.vcx.json")}
        page = visit().post("/verify", assurance="own_domain", **form)
        assert page.status == 422 and 'href="#assurance"' in page.html
        assert "Only the bundle of a dataset says how well its organisation was checked." in page.text
        form = {"file": (io.BytesIO(data), "a.vcx.json")}
        assert visit().post("/verify", assurance="operator_checked", **form).status == 200


def test_only_some_files_are_checked_at_once_and_the_next_is_told_when_to_come_back(
    visit: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, token = visit(), Release().build().token.encode()
    monkeypatch.setattr(file_check, "WAIT_SECONDS", 0.01)
    for _ in range(file_check.AT_ONCE):
        assert file_check._places.acquire(blocking=False)
    try:
        busy = browser.client.post("/verify", data={"file": (io.BytesIO(token), "a")})
    finally:
        for _ in range(file_check.AT_ONCE):
            file_check._places.release()
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "0.01")
    for _ in range(file_check.AT_ONCE + 1):  # whatever came of it, a check gives its place back
        assert browser.post("/verify", file=(io.BytesIO(token), "a")).status == 200
        assert browser.post("/verify", file=(io.BytesIO(b"{}"), "a")).status == 422
