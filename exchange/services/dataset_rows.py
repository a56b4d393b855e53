"""The rows of a dataset: its exact bytes and its figures as typed columns, members by column name."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from exchange.domain.checks.check import amount_in
from exchange.domain.groups import FieldGroup
from exchange.domain.indicators import Indicator
from exchange.domain.quantities import exact_decimal
from exchange.services.ownership import Subject
from exchange.store.datasets import About
from exchange.trust import VerifiedDataset

Row = dict[str, Any]
SLICES = ("own", "upstream", "total")
SHARES = ("measured", "allocated", "secondary", "unknown")


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
        _figure(dataset_id, indicator, name, slices[name], quality.get(indicator.value, {}))
        for indicator in Indicator
        if (slices := indicators.get(indicator.value))
        for name in SLICES
        if name in slices
    ]


def _figure(
    dataset_id: str, indicator: Indicator, name: str, figure: Mapping[str, str], shares: Mapping[str, str]
) -> Row:
    exact = amount_in(figure, indicator.unit)
    if exact is None:
        raise AssertionError("the named checks let no other dimension pass")
    amount = exact_decimal(exact)
    return {
        "dataset_id": dataset_id,
        "indicator": indicator.value,
        "slice": name,
        "amount": amount,
        "amount_order": float(amount),
        "unit": indicator.unit.value,
        **{share: Decimal(shares[share]) if share in shares else None for share in SHARES},
    }
