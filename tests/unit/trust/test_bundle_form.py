"""Files that are no bundle, bundles of another form, and schemas that are not run."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from exchange.trust import strict_json
from exchange.trust.bundle import BundlePolicy
from exchange.trust.bundle.schema import digest_sri
from tests.unit.trust.bundles import (
    COMMON_ID,
    SCHEMA_ID,
    SCHEMAS,
    Case,
    judge,
    with_log,
)

GOOD = Case().build().serialise()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bundle.json"),
        (b"{", "bundle.json"),
        (b"[]", "bundle.form"),
        (b"[" * 100_000, "bundle.json"),
        (b'{"v":"vcx-bundle/2"}', "bundle.version"),
        (b'{"v":"vcx-bundle/1"}', "bundle.form"),
        (b'{"v":"vcx-bundle/1","v":"vcx-bundle/1"}', "bundle.json"),
        (b" " * (16 * 1024 * 1024 + 1), "bundle.size"),
    ],
)
def test_file_that_is_no_bundle_is_refused_before_anything_is_believed(data: bytes, code: str) -> None:
    verdict = judge(data)
    assert (verdict.failures[0].name, verdict.failures[0].code) == ("bundle", code)
    assert {step.code for step in verdict.steps[1:]} == {"not_reached"}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'{"key"', b'{ "key"', "bundle.json"),
        (b'"index":1', b'"index":1.0', "bundle.json"),
        (b'"index":1', b'"index":-1', "bundle.form"),
        (b'"index":1', b'"index":true', "bundle.form"),
        (b'"path":["', b'"path":["A', "base64.invalid"),
        (b'"path":["', b'"path":["AAAA","', "proof.hash_length"),
        (b'"entries":[', b'"entries":[7,', "bundle.form"),
        (b'"organisation":"', b'"organisation":0,"organisatioo":"', "bundle.form"),
        (b'vcx-log-entry/1', b'vcx-log-entry/2', "entry.version"),
    ],
)  # fmt: skip
def test_bundle_of_another_form_is_refused(old: bytes, new: bytes, code: str) -> None:
    data = Case().build().serialise()
    assert old in data
    verdict = judge(data.replace(old, new, 1))
    assert (verdict.failures[0].name, verdict.failures[0].code) == ("bundle", code)


HASH = base64.b64encode(bytes(32)).decode()
ENTRIES, PLACE = "logs/0/entries", "logs/0/entries/0"
# Where in a bundle what stands instead, and the place the refusal names.
OTHER_PARTS: list[tuple[str, object, str]] = [
    ("logs", [], "/logs"),
    ("logs", {}, "/logs"),
    ("logs", [0] * 65, "/logs"),
    ("logs/0", 0, "/logs/0"),
    ("logs/0/more", 0, "/logs/0"),
    ("logs/0/keys/more", "", "/logs/0/keys"),
    ("logs/0/keys/state", 0, "/logs/0/keys/state"),
    ("logs/0/checkpoint", 0, "/logs/0/checkpoint"),
    (ENTRIES, "", f"/{ENTRIES}"),
    (ENTRIES, [0] * 17, f"/{ENTRIES}"),
    (f"{PLACE}/body", 0, f"/{PLACE}/body"),
    (f"{PLACE}/index", "1", f"/{PLACE}/index"),
    (f"{PLACE}/index", None, f"/{PLACE}/index"),
    (f"{PLACE}/path", [HASH] * 64, f"/{PLACE}/path"),
    (f"{PLACE}/path/0", 0, f"/{PLACE}/path/0"),
    ("key/more", 0, "/key"),
    ("key/record", [], "/key/record"),
    ("key/index", -1, "/key/index"),
    ("key/path", [HASH] * 64, "/key/path"),
    ("token", 0, "/token"),
    ("organisation", None, "/organisation"),
    ("state", [], "/state"),
    ("status_lists", [], "/status_lists"),
    ("status_lists", {f"https://a.example/{n}": "" for n in range(17)}, "/status_lists"),
    ("status_lists", {"a/b": 0}, "/status_lists/a~1b"),
    ("schemas", "", "/schemas"),
    ("schemas", {f"https://a.example/{n}": "" for n in range(17)}, "/schemas"),
    ("more", 0, ""),
]


@pytest.mark.parametrize(("where", "instead", "path"), OTHER_PARTS, ids=lambda value: str(value)[:30])
def test_a_part_of_another_form_is_refused_at_its_place(where: str, instead: object, path: str) -> None:
    document: Any = json.loads(GOOD)
    *way, last = where.split("/")
    part = document
    for name in way:
        part = part[int(name) if name.isdecimal() else name]
    part[int(last) if last.isdecimal() else last] = instead
    step = judge(strict_json.canonical(document)).failures[0]
    assert (step.name, step.code, step.path) == ("bundle", "bundle.form", path)


def test_index_and_base64_have_one_spelling() -> None:
    bundle = Case().build()
    log = bundle.logs[0].log_key
    respelled = log[:-1] + chr(ord(log[-1]) + 1) if log[-1] != "=" else log
    verdict = judge(with_log(bundle, log_key=respelled))
    assert verdict.failures[0].code == "bundle.keys"


def test_service_runs_no_schema_but_its_own() -> None:
    own = frozenset(digest_sri(text) for text in SCHEMAS.values())
    assert judge(Case(), policy=BundlePolicy(schemas=own)).ok
    verdict = judge(Case(), policy=BundlePolicy(schemas=own - {digest_sri(SCHEMAS[COMMON_ID])}))
    assert [step.code for step in verdict.failures] == ["schema.unknown"]


def test_schema_of_a_log_nobody_trusts_is_not_run() -> None:
    schemas = {SCHEMA_ID: "this would not even compile"}
    verdict = judge(Case(schemas=schemas), trust=None)
    assert verdict.step("schema").code == "schema.not_checked"
    assert verdict.consistent
