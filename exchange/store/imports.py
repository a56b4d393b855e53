"""Queries on imported files, and on what their rows name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from exchange.store.tables.accounts import OrganisationRow
from exchange.store.tables.datasets import DatasetRow, DisclosureRow
from exchange.store.tables.imports import ImportFileRow, ImportPublicationRow


def find_own_import(session: Session, organisation_id: str, import_id: str) -> ImportFileRow | None:
    """The import if it is the organisation's."""
    return session.exec(
        select(ImportFileRow).where(
            ImportFileRow.id == import_id, ImportFileRow.organisation_id == organisation_id
        )
    ).first()


def publications_of(session: Session, import_id: str) -> Sequence[ImportPublicationRow]:
    """What an import asked to have published."""
    return session.exec(
        select(ImportPublicationRow)
        .where(ImportPublicationRow.import_id == import_id)
        .order_by(col(ImportPublicationRow.subject_id), col(ImportPublicationRow.period_start))
    ).all()


def organisations_named(session: Session, name: str) -> Sequence[OrganisationRow]:
    """Organisations of exactly this name; names are not unique."""
    return session.exec(select(OrganisationRow).where(OrganisationRow.name == name).limit(2)).all()


def deliveries_in_force(
    session: Session, organisation_id: str, start: date, end: date
) -> Sequence[tuple[str, str, str]]:
    """Dataset id, subject id and disclosed identity of the organisation's deliveries of exactly this period."""
    return session.exec(
        select(DatasetRow.id, DatasetRow.subject_id, DisclosureRow.disclosure).where(
            DisclosureRow.dataset_id == DatasetRow.id,
            DisclosureRow.field_group == "identity",
            DatasetRow.organisation_id == organisation_id,
            DatasetRow.kind == "delivery",
            DatasetRow.status == "active",
            DatasetRow.period_start == start,
            DatasetRow.period_end == end,
        )
    ).all()


def has_group(session: Session, dataset_id: str, field_group: str) -> bool:
    """True when the dataset carries the field group."""
    return session.get(DisclosureRow, (dataset_id, field_group)) is not None
