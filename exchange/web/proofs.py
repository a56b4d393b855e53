"""The proof of a dataset as its pages offer it: the number in the log, the receipt, the bundle."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import NotFoundError
from exchange.domain.groups import Purpose
from exchange.services import reading
from exchange.services.bundles import bundle_of
from exchange.services.reading import DatasetView
from exchange.services.receipts import LogPlace, dataset_receipt
from exchange.web import formats
from exchange.web.file_names import as_download, dataset_file
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in


@dataclass(frozen=True)
class ProofView:
    """Where a dataset stands in the log in words; no links while it waits."""

    logged: str
    bundle_link: str = ""
    receipt_link: str = ""


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/answers/<dataset_id>/bundle", view_func=download_bundle)
    pages.add_url_rule("/answers/<dataset_id>/receipt", view_func=download_receipt)


def download_bundle(dataset_id: str) -> Response:
    """What is granted of a dataset with all that proves it, as one file; a read like any other."""
    ctx = signed_in()
    granted = reading.read_dataset(ctx, dataset_id, purpose_asked())
    name = bundle_name(current_reader(), granted.dataset)
    return as_download(bundle_of(ctx, granted), "application/json", name)


def download_receipt(dataset_id: str) -> Response:
    """The proof that the dataset is logged, no figure of it."""
    ctx = signed_in()
    dataset = reading.read_header(ctx, dataset_id, purpose_asked())
    name = dataset_file(current_reader(), dataset, _("receipt"), ".tlog-proof")
    return as_download(dataset_receipt(ctx, dataset), "text/plain; charset=utf-8", name)


def bundle_name(reader: Reader, dataset: DatasetView) -> str:
    """What the file of a dataset's bundle is called."""
    return dataset_file(reader, dataset, _("bundle"), ".vcx.json")


def present_proof(
    reader: Reader, places: Mapping[str, LogPlace], dataset_id: str, digest: str, purpose: str = ""
) -> ProofView:
    """The proof of the dataset with this digest, under the purpose it is read for ("" for its owner)."""
    place = places.get(digest)
    if place is None:
        return ProofView(reader.say("It waits for the log, which takes a second or two."))
    logged = reader.say(
        "Logged as number %(number)s, %(when)s",
        number=place.index, when=formats.moment(place.received_at, reader.language),
    )  # fmt: skip
    asked = purpose or None
    return ProofView(
        logged,
        url_for("web.download_bundle", dataset_id=dataset_id, purpose=asked),
        url_for("web.download_receipt", dataset_id=dataset_id, purpose=asked),
    )


def purpose_asked() -> Purpose | None:
    """What the address says a dataset is read for, None where it says nothing; NotFoundError for no purpose at all."""
    given = request.args.get("purpose")
    if not given:
        return None
    try:
        return Purpose(given)
    except ValueError:
        raise NotFoundError from None
