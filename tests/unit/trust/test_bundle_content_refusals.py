"""Each reason for which what a proof bundle says is refused: truly signed, and one thing wrong with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from exchange.trust.log.note import vkey_of
from exchange.trust.organisation_credential import Assurance
from exchange.trust.status_list import StatusEntry
from tests.unit.trust.bundles import (
    COMMON_ID,
    DATASET_STATUS,
    IDENTITY,
    LIST_URL,
    NOW,
    OLD_ORIGIN,
    ORGANISATION_STATUS,
    ORIGIN,
    SCHEMA_ID,
    SCHEMAS,
    WITNESSES,
    Case,
    Log,
    edit_json,
    with_log,
)
from tests.unit.trust.wrong_bundles import OTHER, STRANGER, STRANGER_DID, Wrong, must_be_refused, other_state

WRONG: dict[str, Wrong] = {
    "entry that proves nothing of it": (
        Case(extra=[("publish", "sha256:" + "0" * 64)]),
        ("bundle", "bundle.unused"),
    ),
    "identity of the future": (
        Case(registered=NOW + timedelta(hours=1)),
        ("issuer_identity", "issuer_identity.future"),
    ),
    "list of another address": (
        Case(list_url="https://exchange.example/status/9"),
        ("status", "status.address"),
    ),
    "dataset of the future": (
        Case(dataset={"validFrom": "2026-07-01T00:00:00Z"}),
        ("time", "time.not_yet_valid"),
    ),
    "expired dataset": (Case(dataset={"validUntil": "2026-05-01T00:00:00Z"}), ("time", "time.expired")),
    "schema the log does not vouch for": (
        Case(named_schemas={COMMON_ID: SCHEMAS[COMMON_ID]}),
        ("schema", "schema.unknown"),
    ),
    "schema with other bytes": (
        Case(bundle=lambda b: replace(b, schemas={**b.schemas, COMMON_ID: b.schemas[COMMON_ID] + " "})),
        ("schema", "schema.unknown"),
    ),
    "schema that is not there": (
        Case(bundle=lambda b: replace(b, schemas={})),
        ("schema", "schema.unknown"),
    ),
    "schema that another one refers to is not there": (
        Case(schemas={SCHEMA_ID: SCHEMAS[SCHEMA_ID]}),
        ("schema", "schema.missing_file"),
    ),
    "schema under another name": (
        Case(schemas={SCHEMA_ID: SCHEMAS[COMMON_ID]}),
        ("schema", "schema.file"),
    ),
    "schema that is none": (
        Case(schemas={SCHEMA_ID: SCHEMAS[SCHEMA_ID].replace('["id"]', "7"), COMMON_ID: SCHEMAS[COMMON_ID]}),
        ("schema", "schema.file"),
    ),
    "content that breaks the schema": (
        Case(dataset={"credentialSubject": {"id": "urn:x:y", "identity": {}, "indicators": {"co2e": {}}}}),
        ("schema", "schema.invalid"),
    ),
    "revoked": (Case(revoked=[DATASET_STATUS.index]), ("status", "status.revoked")),
    "no status": (Case(status=None), ("status", "status.none")),
    "status in a list that is not there": (
        Case(status=StatusEntry("https://exchange.example/status/2", 7)),
        ("status", "status.missing"),
    ),
    "position beyond the list": (Case(status=StatusEntry(LIST_URL, 131072)), ("status", "status.index")),
    "old issue of the list": (
        Case(state=other_state(status_lists={LIST_URL: "sha256:" + "0" * 64})),
        ("status", "status.not_newest"),
    ),
    "list that was never logged": (
        Case(unlogged=frozenset({"status-list"})),
        ("status", "status.not_logged"),
    ),
    "list by nobody's registrar": (Case(list_signer=STRANGER), ("status", "status.registrar")),
    "list of the future": (
        Case(list_issued=NOW + timedelta(hours=1)),
        ("status", "time.not_yet_valid"),
    ),
    "identity by nobody's registrar": (
        Case(registrar=STRANGER),
        ("issuer_identity", "issuer_identity.registrar"),
    ),
    "identity never logged": (
        Case(unlogged=frozenset({"organisation-credential"})),
        ("issuer_identity", "issuer_identity.not_logged"),
    ),
    "identity withdrawn": (
        Case(revoked=[ORGANISATION_STATUS.index]),
        ("issuer_identity", "issuer_identity.revoked"),
    ),
    "identity of another DID": (
        Case(identity=replace(IDENTITY, did=STRANGER_DID)),
        ("issuer_identity", "issuer_identity.did"),
    ),
    "dataset that names another organisation": (
        Case(identity=replace(IDENTITY, organisation="urn:uuid:01970000-0000-7000-8000-0000000000ab")),
        ("issuer_identity", "issuer_identity.other"),
    ),
    "identity nobody checked": (
        Case(identity=replace(IDENTITY, assurance=Assurance.INVITED)),
        ("issuer_identity", "issuer_identity.assurance"),
    ),
    "dataset in the place of the organisation credential": (
        Case(bundle=lambda b: replace(b, organisation=b.token)),
        ("issuer_identity", "bundle.form"),
    ),
    "the same entry twice": (
        Case(bundle=edit_json(lambda d: d["logs"][0]["entries"].append(d["logs"][0]["entries"][0]))),
        ("bundle", "bundle.unused"),
    ),
    "status list that says nothing of it": (
        Case(
            bundle=lambda b: replace(
                b, status_lists={**b.status_lists, "https://exchange.example/status/2": "x"}
            )
        ),
        ("bundle", "bundle.unused"),
    ),
    "schema that is not used": (
        Case(
            schemas={**SCHEMAS, "https://vcx.example/schemas/x/0.1.0.json": "{}"},
        ),
        ("bundle", "bundle.unused"),
    ),
    "log of which it proves nothing": (
        Case(bundle=lambda b: replace(b, logs=(Log(OLD_ORIGIN).bundled(list(WITNESSES)[:2]), *b.logs))),
        ("bundle", "bundle.unused"),
    ),
    "two logs of one origin": (
        Case(bundle=lambda b: replace(b, logs=b.logs * 2)),
        ("bundle", "bundle.keys"),
    ),
    "one key for checkpoints and states": (
        Case(bundle=lambda b: with_log(b, state_key=b.logs[-1].log_key)),
        ("bundle", "bundle.keys"),
    ),
    "one key for checkpoints and states under both names": (
        Case(
            bundle=lambda b: with_log(b, state_key=vkey_of(f"{ORIGIN}/state", Log(ORIGIN).key.public_key()))
        ),
        ("bundle", "bundle.keys"),
    ),
    "key for the states of another log": (
        Case(bundle=lambda b: with_log(b, state_key=OTHER.state_vkey)),
        ("bundle", "bundle.keys"),
    ),
    "key that cannot be read": (
        Case(bundle=lambda b: with_log(b, log_key="x+y")),
        ("bundle", "bundle.keys"),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_bundle_with_one_thing_wrong_is_refused_with_its_own_code(name: str) -> None:
    must_be_refused(WRONG[name])
