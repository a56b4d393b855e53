"""What is prepared for a browser to sign: checked as if published, exact, for keys a browser can hold."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import InvalidError, NotPermittedError
from exchange.domain.groups import DatasetKind
from exchange.services import keys, publish
from exchange.services.browser_signing import keys_to_sign_with, prepare_signing
from exchange.services.context import Context
from exchange.services.key_rotation import end_key
from exchange.store.tables.datasets import DatasetRow, PublicationRow
from exchange.store.tables.revocation import StatusEntryRow
from exchange.trust import Policy, Token, base64url, resolve_did_key, strict_json, verify
from exchange.trust.disclosure import SALT_BYTES
from exchange.trust.token import Unsigned
from tests.datasets import full_subject, own_key, product, product_subject, rows
from tests.factories import PASSWORD, Party, acting, party


def prepared(firm: Party, subject: dict[str, object], kid: str) -> Unsigned:
    return prepare_signing(firm.ctx, DatasetKind.PRODUCT, subject, kid)


def test_prepared_bytes_signed_with_the_key_are_published_as_any_token(ctx: Context) -> None:
    firm = party(ctx)
    key, subject = own_key(firm), full_subject(firm, product(firm))
    unsigned = prepared(firm, subject, key.kid)
    token = unsigned.complete(key.private.sign(unsigned.text.encode("ascii")))
    published = publish.publish_token(firm.ctx, token.serialise())
    assert not published.custody
    (row,) = rows(ctx.store, DatasetRow)
    assert row.jwt == token.jwt
    verdict = verify(
        token, resolve=resolve_did_key, now=ctx.now(), policy=Policy(required=frozenset({"time"}))
    )
    assert verdict.dataset is not None
    assert verdict.dataset.credential["credentialSubject"] == subject


def test_only_the_reserved_status_entry_is_stored_and_the_credential_names_it(ctx: Context) -> None:
    firm = party(ctx)
    key = own_key(firm)
    unsigned = prepared(firm, product_subject(firm, product(firm)), key.kid)
    payload = strict_json.loads(base64url.decode(unsigned.text.split(".")[1]), max_bytes=100_000)
    (entry,) = rows(ctx.store, StatusEntryRow)
    assert isinstance(payload, dict)
    status = payload["credentialStatus"]
    assert isinstance(status, dict) and status["statusListIndex"] == str(entry.position)
    assert entry.organisation_id == firm.id and entry.credential_digest is None
    assert rows(ctx.store, DatasetRow) == [] and rows(ctx.store, PublicationRow) == []


def test_every_group_is_concealed_with_a_salt_of_its_own(ctx: Context) -> None:
    firm = party(ctx)
    subject = full_subject(firm, product(firm))
    unsigned = prepared(firm, subject, own_key(firm).kid)
    payload = json.loads(base64url.decode(unsigned.text.split(".")[1]))
    assert set(payload["credentialSubject"]) == {"id", "_sd"}
    salts = {json.loads(base64url.decode(one))[0] for one in unsigned.disclosures.values()}
    assert set(unsigned.disclosures) == set(subject) - {"id"}
    assert len(salts) == len(unsigned.disclosures) == len(payload["credentialSubject"]["_sd"])
    assert {len(base64url.decode(salt)) for salt in salts} == {SALT_BYTES}


def test_text_and_disclosures_have_the_one_spelling_the_page_reads(ctx: Context) -> None:
    """The script compares JSON.stringify(JSON.parse(text)) with the text; compact JSON in one order is the same."""
    firm = party(ctx, 'Nørre "Metal" & Søn A/S')
    about = product(firm, "Vinkel 90° \\ 3 µm \U0001f529")
    unsigned = prepared(firm, full_subject(firm, about), own_key(firm).kid)
    for part in (*unsigned.text.split("."), *unsigned.disclosures.values()):
        text = base64url.decode(part).decode()
        assert json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":")) == text


@pytest.mark.parametrize("why", ["custody", "retired", "compromised", "foreign", "unknown"])
def test_a_key_that_no_browser_of_the_organisation_can_use_is_refused(ctx: Context, why: str) -> None:
    firm, other = party(ctx), party(ctx)
    kid = own_key(other if why == "foreign" else firm).kid
    if why == "retired":
        end_key(firm.ctx, kid, PASSWORD)
    elif why == "compromised":
        end_key(firm.ctx, kid, PASSWORD, exposed_since=ctx.now() - timedelta(days=1))
    elif why == "unknown":
        kid = "did:key:z6MkNobody#z6MkNobody"
    elif why == "custody":
        with ctx.store.write() as session:
            row = session.get_one(keys.SigningKeyRow, kid)
            row.custody = True
            session.add(row)
    assert kid not in {key.kid for key in keys_to_sign_with(firm.ctx)}
    with pytest.raises(InvalidError) as caught:
        prepared(firm, product_subject(firm, product(firm)), kid)
    assert (caught.value.error_code, caught.value.path) == ("signing.key", "/kid")
    assert rows(ctx.store, StatusEntryRow) == []


def test_content_is_checked_before_anything_is_prepared(ctx: Context) -> None:
    firm, other = party(ctx), party(ctx)
    key = own_key(firm)
    wrong = product_subject(firm, product(firm), indicators={"co2e": {"own": {"amount": "?", "unit": "KGM"}}})
    for subject in (wrong, product_subject(other, product(other)), product_subject(firm, product(other))):
        with pytest.raises(InvalidError) as caught:
            prepared(firm, subject, key.kid)
        assert caught.value.error_code != "signing.key"
    assert rows(ctx.store, StatusEntryRow) == []


def test_only_a_signer_prepares(ctx: Context) -> None:
    firm = party(ctx)
    key, subject = own_key(firm), product_subject(firm, product(firm))
    with pytest.raises(NotPermittedError):
        prepare_signing(acting(firm, Role.EDITOR), DatasetKind.PRODUCT, subject, key.kid)


def test_what_was_prepared_for_one_product_cannot_be_changed_afterwards(ctx: Context) -> None:
    firm = party(ctx)
    key = own_key(firm)
    unsigned = prepared(firm, product_subject(firm, product(firm)), key.kid)
    signature = key.private.sign(unsigned.text.encode("ascii"))
    other = prepared(firm, product_subject(firm, product(firm)), key.kid)
    mixed = Token(unsigned.complete(signature).jwt, other.disclosures)
    with pytest.raises(InvalidError) as caught:
        publish.publish_token(firm.ctx, mixed.serialise())
    assert caught.value.error_code == "disclosure.unreferenced"
