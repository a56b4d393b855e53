"""The registrar's statement on an organisation: read back, and refused where it does not say what it must."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from exchange.trust import TrustError
from exchange.trust.organisation_credential import (
    Assurance,
    OrganisationIdentity,
    organisation_credential,
    read_organisation,
)
from tests.unit.trust.bundles import (
    BOUND,
    IDENTITY,
    NOW,
    ORGANISATION_STATUS,
    REGISTRAR,
    REGISTRAR_DID,
    SUPPLIER_DID,
    signed,
)
from tests.unit.trust.credentials import check


def stated(identity: OrganisationIdentity = IDENTITY, types: Any = None, **subject: Any) -> Any:
    """The verified credential with members of its subject replaced; None takes one away."""
    document = organisation_credential(
        identity, credential_id="urn:x:1", issuer=REGISTRAR_DID, issued=BOUND, status=ORGANISATION_STATUS.document()
    )  # fmt: skip
    members = {**document["credentialSubject"], **subject}  # type: ignore[dict-item]
    document["credentialSubject"] = {name: value for name, value in members.items() if value is not None}
    dataset = check(signed({**document, "type": types or document["type"]}, REGISTRAR), now=NOW).dataset
    assert dataset is not None
    return dataset


@pytest.mark.parametrize(
    "identity",
    [
        IDENTITY,
        replace(IDENTITY, registered_id="", id_scheme="", register_type=""),
        replace(IDENTITY, assurance=Assurance.OWN_DOMAIN, domain="nordstaal.example"),
    ],
)
def test_identity_reads_back_to_itself(identity: OrganisationIdentity) -> None:
    assert read_organisation(stated(identity)) == identity


def test_members_are_those_of_the_digital_identity_anchor() -> None:
    assert IDENTITY.subject() == {
        "id": SUPPLIER_DID,
        "organisation": "urn:uuid:01970000-0000-7000-8000-0000000000aa",
        "name": "Nordstål Eksempel A/S",
        "country": "DK",
        "assurance": "operator_checked",
        "registeredId": "12345674",
        "idScheme": "https://datacvr.virk.dk",
        "registerType": "Business",
    }


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "urn:x:not-a-did"}, "organisation.form"),
        ({"organisation": "01970000-0000-7000-8000-0000000000aa"}, "organisation.form"),
        ({"organisation": None}, "organisation.form"),
        ({"name": ""}, "organisation.form"),
        ({"name": 7}, "organisation.form"),
        ({"name": "x" * 501}, "organisation.form"),
        ({"country": "Denmark"}, "organisation.form"),
        ({"registeredId": None}, "organisation.form"),
        ({"idScheme": None}, "organisation.form"),
        ({"vat": "DK12345674"}, "organisation.form"),
        ({"domain": ["a.example"]}, "organisation.form"),
        ({"assurance": "notarised"}, "organisation.assurance"),
        ({"assurance": None}, "organisation.form"),
    ],
)
def test_statement_of_another_form_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(TrustError) as caught:
        read_organisation(stated(**change))
    assert caught.value.code == code


def test_credential_of_another_type_is_no_statement() -> None:
    with pytest.raises(TrustError) as caught:
        read_organisation(stated(types=["VerifiableCredential", "ProductDataset"]))
    assert caught.value.code == "organisation.type"


def test_assurance_grows_from_own_word_to_own_domain() -> None:
    order = [Assurance.SELF_DECLARED, Assurance.INVITED, Assurance.OPERATOR_CHECKED, Assurance.OWN_DOMAIN]
    for weaker, stronger in pairwise(order):
        assert stronger.meets(weaker)
        assert weaker.meets(weaker)
        assert not weaker.meets(stronger)
