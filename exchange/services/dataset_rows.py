"""The rows of a dataset: its exact bytes and its figures as typed columns, members by column name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Context, Decimal
from functools import cache, lru_cache
from typing import Any

from exchange.domain.checks.check import REMEMBERED, decimal_in
from exchange.domain.groups import FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import UnitCode, exact_decimal
from exchange.services.ownership import Subject
from exchange.store.datasets import About
from exchange.trust import VerifiedDataset

Row = dict[str, Any]
SLICES = ("own", "upstream", "total")
SHARES = ("measured", "allocated", "secondary", "unknown")
_INDICATORS = tuple((one.value, one.unit, one.unit.value) for one in Indicator)
# An amount has 27 digits, and a factor into a unit of the indicators 7: their product is never rounded.
_EXACT = Context(prec=60)
_NOTHING: Mapping[str, str] = {}


def about(subject: Subject) -> About:
    """What the versions of a dataset of this subject are versions of."""
    period = subject.period
    return About(
        subject.kind.value, subject.id, period.start if period else None, period.end if period else None
    )


def dataset_row(dataset_id: str, verified: VerifiedDataset, subject: Subject) -> Row:
    """What the row of a verified dataset says whoever stores it and whatever came before it."""
    reference, claims = verified.claims.schema, verified.claims
    return {
        "id": dataset_id,
        **about(subject)._asdict(),
        "schema_id": reference.id if reference else "",
        "schema_digest": reference.digest_sri if reference else "",
        "subject_type": subject.kind.subject_type.value,
        "recipient_id": subject.recipient_id,
        "jwt": verified.token.jwt,
        "issuer_did": verified.issuer,
        "kid": verified.kid,
        "valid_from": claims.valid_from,
        "valid_until": claims.valid_until,
    }


def disclosure_rows(dataset_id: str, verified: VerifiedDataset) -> list[Row]:
    """The disclosures of its token, in the token's order."""
    return [
        {"dataset_id": dataset_id, "field_group": group, "disclosure": text}
        for group, text in verified.token.disclosures.items()
    ]


def figure_rows(dataset_id: str, document: Mapping[str, Any]) -> list[Row]:
    """The indicators of its schema-valid subject, each in the indicator's unit."""
    quality = document.get(FieldGroup.QUALITY.value, {})
    indicators = document.get(FieldGroup.INDICATORS.value, {})
    return [
        {
            "dataset_id": dataset_id,
            "indicator": indicator,
            "slice": name,
            **_amount(slices[name], unit),
            "unit": code,
            **_shares(*map(quality.get(indicator, _NOTHING).get, SHARES)),
        }
        for indicator, unit, code in _INDICATORS
        if (slices := indicators.get(indicator))
        for name in SLICES
        if name in slices
    ]


def _amount(figure: Mapping[str, str], unit: UnitCode) -> Row:
    product = _EXACT.multiply(Decimal(figure["amount"]), _factor(figure["unit"], unit))
    # Zero added: neither an exponent above zero, nor a sign before zero, is left.
    amount = _EXACT.add(_EXACT.normalize(product), Decimal(0))
    return {"amount": amount, "amount_order": float(amount)}


@cache
def _factor(code: str, unit: UnitCode) -> Decimal:
    exact = decimal_in(Decimal(1), code, unit)
    if exact is None:
        raise AssertionError("the named checks let no other dimension pass")
    return exact_decimal(exact)


# Whoever publishes much states the same shares again and again.
@lru_cache(maxsize=REMEMBERED)
def _shares(*shares: str | None) -> Row:
    return {
        name: None if share is None else Decimal(share) for name, share in zip(SHARES, shares, strict=True)
    }
