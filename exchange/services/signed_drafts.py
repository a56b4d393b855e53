"""A calculation whose draft its owner signed: it knows so, exactly as when the worker has signed it.

Whether in the browser or with `vcx sign`, the token comes back without a word on where its content is from. The
dataset's own evidence says it: the digest of the calculation's sheet, which no other calculation has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from exchange.domain.errors import ConflictError, ExchangeError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.periods import Period
from exchange.services.calculation_views import get_calculation
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.ownership import read_subject
from exchange.services.product_content import EVIDENCE_KIND, is_as_drafted, product_content, sheet_digest
from exchange.store import calculations, datasets, parties, publications
from exchange.store.tables.calculations import CalculationProductRow
from exchange.store.tables.datasets import PublicationRow
from exchange.trust import strict_json


@dataclass(frozen=True)
class NamedDraft:
    """The calculation that a document's evidence names, of its product and period.

    `is_whole`: the document says all that the calculation's draft says. Only then is it the draft.
    """

    calculation_id: str
    product_id: str
    period: Period
    is_whole: bool


def find_named_draft(ctx: Context, document: Mapping[str, Any]) -> NamedDraft | None:
    """The calculation of the actor's organisation that a dataset's content is from, by the content's own evidence.

    `document` has passed the checks of its kind. None where it names none of its product and period.
    """
    named = _named(document)
    if not named:
        return None
    subject = read_subject(DatasetKind.PRODUCT, document)
    if subject.period is None:
        return None
    with ctx.store.read() as session:
        own = ctx.who.organisation_id
        rows = calculations.products_of_period(session, own, subject.id, subject.period)
    for row in rows:
        if sheet_digest(row.calculation_id, row.content) in named:
            is_whole = _is_whole(ctx, row, document)
            return NamedDraft(row.calculation_id, subject.id, subject.period, is_whole)
    return None


def names_calculation(document: Mapping[str, Any]) -> bool:
    """Whether the document names calculations as its evidence: only then can it be a draft of one."""
    return bool(_named(document))


def refuse_older_draft(ctx: Context, session: Session, draft: NamedDraft, digest: str) -> None:
    """Raise ConflictError `calculation.replaced` where the account has been worked out anew since.

    A page with the draft may have been open all the while: signed now, it would replace the newer figures. What is
    entered already (by its `digest`) is no news, and never refused.
    """
    own = ctx.who.organisation_id
    parties.lock_organisation(
        session, own
    )  # whoever publishes the newer one has done so, or comes after this
    before = datasets.find_by_digest(session, digest)
    if before is not None and before.organisation_id == own:
        return
    newest = calculations.products_of_period(session, own, draft.product_id, draft.period)[0]
    if newest.calculation_id != draft.calculation_id:
        raise ConflictError(
            "These figures are of a calculation that a newer one of the same product and period has replaced.",
            code="calculation.replaced",
            advice="Open the newest calculation and sign its draft; this one was prepared before it.",
        )


def note_signed_draft(
    ctx: Context, session: Session, published: Published, draft: NamedDraft, document: Mapping[str, Any]
) -> None:
    """Where the entered dataset is a calculation's whole draft under an own signature, mark that draft as published.

    While the worker is to sign the same draft nothing is marked: what it signs is newer. Nor for a dataset that was
    entered before and has been replaced since.
    """
    entered = datasets.find_dataset(session, published.dataset_id)
    row = calculations.find_product(session, draft.calculation_id, draft.product_id, lock=True)
    if not draft.is_whole or row is None or _stands(session, row, published):
        return
    if entered is None or entered.status != "active":
        return
    publication = PublicationRow(
        id=ctx.new_id(),
        organisation_id=ctx.who.organisation_id,
        created_by_user=ctx.who.user_id,
        created_by_client=ctx.who.client_id,
        kind=DatasetKind.PRODUCT.value,
        subject=strict_json.dumps(dict(document)).decode(),
        job_id="",  # no worker had to do with it
        state="published",
        dataset_id=published.dataset_id,
        created_at=ctx.now(),
    )
    session.add(publication)
    session.flush()
    row.publication_id = publication.id
    session.add(row)


def _named(document: Mapping[str, Any]) -> set[str]:
    """The sheets a product's dataset names as what it was calculated from."""
    if document[FieldGroup.IDENTITY.value]["kind"] != DatasetKind.PRODUCT.value:
        return set()
    items = document.get(FieldGroup.EVIDENCE.value, {}).get("items", ())
    return {one["sha256"] for one in items if one["kind"] == EVIDENCE_KIND}


def _is_whole(ctx: Context, row: CalculationProductRow, document: Mapping[str, Any]) -> bool:
    """Whether the document is the draft as the calculation makes it today, completed by hand at most."""
    calculation = get_calculation(ctx, row.calculation_id)
    (product,) = (one for one in calculation.products if one.id == row.product_id)
    try:
        return is_as_drafted(document, product_content(ctx, calculation, product))
    except ExchangeError:  # no draft comes of it any more
        return False


def _stands(session: Session, row: CalculationProductRow, published: Published) -> bool:
    """Whether the draft's publication waits for the worker, or is this dataset already."""
    if row.publication_id is None:
        return False
    standing = publications.find_publication(session, row.publication_id)
    return standing is not None and (
        standing.state == "waiting" or standing.dataset_id == published.dataset_id
    )
