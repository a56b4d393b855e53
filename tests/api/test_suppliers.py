"""Suppliers over the API: listed with their state, confirmed and refused by the customer."""

from __future__ import annotations

from exchange.services.context import Context
from tests import datasets
from tests.api.conftest import Caller
from tests.api.test_tenants import supplier_of


def test_a_supplier_waits_until_the_customer_decides(
    ctx: Context, supplier: Caller, customer: Caller
) -> None:
    supplier_id = supplier_of(customer, datasets.own_key(customer.party), supplier)
    listed = customer.get("/suppliers").json
    assert listed is not None
    assert listed["next_cursor"] is None
    assert listed["items"] == [
        {
            "id": supplier_id,
            "name": supplier.party.organisation.name,
            "cvr": None,
            "assurance": "self_declared",
            "delivered": {"start": "2025-01-01", "end": "2026-01-01"},
            "state": "waiting",
            "decided_at": None,
        }
    ]
    for act, state in (("confirmation", "confirmed"), ("refusal", "refused")):
        answer = customer.post(f"/suppliers/{supplier_id}/{act}")
        assert (answer.status_code, (answer.json or {})["state"]) == (200, state)
        assert (customer.get(f"/suppliers?state={state}").json or {})["items"] == [answer.json]
        assert (customer.get("/suppliers?state=waiting").json or {})["items"] == []
    assert supplier.get("/suppliers").json == {"items": [], "next_cursor": None}
