"""Publishing a dataset about a product: its content as JSON, checked at once, signed by the worker."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

import schemas
from exchange.domain.errors import ExchangeError, InvalidError
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import local_date
from exchange.services import organisations, products, publish, reading
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.trust import JsonError
from exchange.trust.strict_json import loads
from exchange.web import formats
from exchange.web.forms import Field, FieldError, Message, errors_of, say_problem, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.products import newest_period_first
from exchange.web.publication_draft import TO_FILL_IN, draft_text
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, signed_in
from exchange.web.words import PUBLICATION_STATES, word

HOW_TO_FILL_IN = _(
    "Put your figures where %(sign)s stands, or paste other content. A file chosen below is read instead."
)


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule(
        "/products/<product_id>/publish",
        view_func=publish_dataset,
        endpoint="publish",
        methods=["GET", "POST"],
    )
    pages.add_url_rule("/publications/<publication_id>", view_func=show_publication)


def publish_dataset(product_id: str) -> Response:
    """Take a dataset's content, check it fully, and hand it to the worker for its signature."""
    ctx, reader = signed_in(), current_reader()
    product = products.get_product(ctx, product_id)
    if request.method == "GET":
        organisation = organisations.get_organisation(ctx, ctx.who.organisation_id)
        return _page(ctx, product, draft_text(product, organisation, local_date(ctx.now())), [])
    data = _submitted()
    if not data.strip():
        empty = Message(reader.say("Paste the content, or choose a file."))
        return _page(ctx, product, "", [FieldError("content", empty)])
    text = data.decode("utf-8", "replace")
    try:
        content = _read(data, product_id)
        submitted = publish.submit_for_custody(ctx, DatasetKind.PRODUCT, content)
    except JsonError as error:
        return _page(ctx, product, text, [_located(f"{error.detail} {error.advice}".strip(), error.path)])
    except InvalidError as error:
        return _page(ctx, product, text, _problems(reader, error))
    return redirect(url_for("web.show_publication", publication_id=submitted.id), 303)


def show_publication(publication_id: str) -> Response:
    """How far a publication has come; the page reloads itself while it waits."""
    ctx, reader = signed_in(), current_reader()
    found = publish.get_publication(ctx, publication_id)
    return render(
        "publication.html",
        is_waiting=found.state == "waiting",
        state=word(reader, PUBLICATION_STATES, found.state),
        is_published=found.state == "published",
        dataset_link=url_for("web.show_answer", dataset_id=found.dataset_id) if found.dataset_id else "",
        problems=[(say_problem(reader, problem), problem.path) for problem in found.problems],
    )


def _submitted() -> bytes:
    """The file's bytes where one was sent, else the text area's."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return sent.stream.read()
    return request.form.get("content", "").encode()


def _read(data: bytes, product_id: str) -> dict[str, Any]:
    """The submitted object; one that names no product is about the page's."""
    content = loads(data, max_bytes=exchange().settings.max_body_bytes)
    if not isinstance(content, dict):
        raise InvalidError("The dataset is a JSON object.", code="dataset.shape")
    about = {"id": f"urn:uuid:{product_id}"} | content
    if about["id"] != f"urn:uuid:{product_id}":
        raise InvalidError("The dataset is about another product.", code="subject.foreign", path="/id")
    return cast(dict[str, Any], about)


def _problems(reader: Reader, error: ExchangeError) -> list[FieldError]:
    if error.problems:
        return [_located(f"{one.detail} {one.advice}".strip(), one.path) for one in error.problems]
    return errors_of(reader, error, {"": "content"})


def _located(text: str, path: str) -> FieldError:
    return FieldError("content", Message(f"{path}: {text}" if path else text, "en"))


def _in_force(ctx: Context, reader: Reader, product_id: str) -> list[str]:
    """What a new version of the same period would replace."""
    found = reading.list_datasets(ctx, limit=100, subject_id=product_id).items
    return [
        reader.say(
            "%(period)s: version %(number)s, published %(when)s",
            period=formats.period(one.period.start, one.period.end, reader.language),
            number=one.version, when=formats.moment(one.received_at, reader.language),
        )
        for one in newest_period_first(found)
        if one.status == "active" and one.period
    ]  # fmt: skip


def _page(ctx: Context, product: Product, text: str, errors: list[FieldError]) -> Response:
    reader, schema = current_reader(), schemas.latest(DatasetKind.PRODUCT.value)
    fields = [
        Field("content", reader.say("Dataset as JSON"), text, optional=True,
              hint=reader.say(HOW_TO_FILL_IN, sign=TO_FILL_IN)),
        Field("file", reader.say("File"), optional=True),
    ]  # fmt: skip
    return render(
        "publish.html",
        status=422 if errors else 200,
        errors=errors,
        product=product,
        in_force=_in_force(ctx, reader, product.id),
        schema_link=url_for("api.schemas_get", kind=schema.kind, version=schema.version),
        back=url_for("web.show_product", product_id=product.id),
        fields=with_errors(fields, errors),
    )
