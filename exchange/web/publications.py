"""Publishing a dataset about a product: its content as JSON, checked at once, signed by the worker or oneself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

import schemas
from exchange.domain.errors import ExchangeError, InvalidError
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import local_date
from exchange.services import organisations, products, publish, reading
from exchange.services.browser_signing import prepare_signing
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.services.reading import DatasetView
from exchange.services.replaced_content import CODE as LOSSES
from exchange.trust import JsonError
from exchange.trust.strict_json import loads
from exchange.web import formats
from exchange.web.browser_signing import signing_page
from exchange.web.forms import Field, FieldError, Message, errors_of, say_problem, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.products import newest_period_first
from exchange.web.publication_draft import TO_FILL_IN, draft_text
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import exchange, signed_in
from exchange.web.signing_ways import is_loss_ticked, signing_errors, signing_ways
from exchange.web.words import PUBLICATION_STATES, word

HOW_TO_FILL_IN = _(
    "Put your figures where %(sign)s stands, or paste other content. A file chosen below is read instead."
)
HOW_TO_CHANGE = _(
    "This is what the newest period's version in force says. Change what is different and leave the rest, or paste "
    "other content. A file chosen below is read instead."
)
HOW_TO_PASTE = _("A file chosen below is read instead.")
EXAMPLE = "example"
KIND = DatasetKind.PRODUCT


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule(
        "/products/<product_id>/publish",
        view_func=publish_dataset,
        endpoint="publish",
        methods=["GET", "POST"],
    )
    pages.add_url_rule("/products/<product_id>/publish/sign", view_func=sign_in_browser, methods=["POST"])
    pages.add_url_rule("/publications/<publication_id>", view_func=show_publication)


def publish_dataset(product_id: str) -> Response:
    """Take a dataset's content, check it fully, and hand it to the worker for its signature."""
    ctx = signed_in()
    product = products.get_product(ctx, product_id)
    if request.method == "GET":
        return _page(ctx, product, _start(ctx, product), [])

    def hand_in(content: dict[str, Any]) -> Response:
        submitted = publish.submit_for_custody(ctx, KIND, content, may_lose=is_loss_ticked())
        return redirect(url_for("web.show_publication", publication_id=submitted.id), 303)

    return _with_content(ctx, product, hand_in)


def sign_in_browser(product_id: str) -> Response:
    """Check the content as if it were published, and show the page whose script signs it."""
    ctx = signed_in()
    product = products.get_product(ctx, product_id)
    kid = request.form.get("kid", "")

    def prepare(content: dict[str, Any]) -> Response:
        unsigned = prepare_signing(ctx, KIND, content, kid, may_lose=is_loss_ticked())
        back = url_for("web.publish", product_id=product.id)
        return signing_page(ctx, unsigned, kid, KIND, back=back, section="web.products")

    return _with_content(ctx, product, prepare)


def _start(ctx: Context, product: Product) -> str:
    """The content to start from: what is in force for the newest period, else an example."""
    in_force = [] if request.args.get("start") == EXAMPLE else _versions_in_force(ctx, product.id)
    if in_force:
        content = reading.read_dataset(ctx, in_force[0].id).subject
        return json.dumps(content, ensure_ascii=False, indent=2)
    organisation = organisations.get_organisation(ctx, ctx.who.organisation_id)
    return draft_text(product, organisation, local_date(ctx.now()))


def _with_content(ctx: Context, product: Product, go_on: Callable[[dict[str, Any]], Response]) -> Response:
    """What `go_on` makes of the submitted content; the form again, with what is wrong, where it refuses."""
    reader, data = current_reader(), _submitted()
    if not data.strip():
        empty = Message(reader.say("Paste the content, or choose a file."))
        return _page(ctx, product, "", [FieldError("content", empty)])
    text = data.decode("utf-8", "replace")
    try:
        return go_on(_read(data, product.id))
    except JsonError as error:
        return _page(ctx, product, text, [_located(f"{error.detail} {error.advice}".strip(), error.path)])
    except InvalidError as error:
        return _page(ctx, product, text, _problems(reader, error), error)


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
    if error.error_code == LOSSES:
        return signing_errors(reader, error)
    if error.problems:
        return [_located(f"{one.detail} {one.advice}".strip(), one.path) for one in error.problems]
    return errors_of(reader, error, {"": "content", "/kid": "kid"})


def _located(text: str, path: str) -> FieldError:
    return FieldError("content", Message(f"{path}: {text}" if path else text, "en"))


def _versions_in_force(ctx: Context, product_id: str) -> list[DatasetView]:
    """Newest period first."""
    found = reading.list_datasets(ctx, limit=100, subject_id=product_id).items
    return [one for one in newest_period_first(found) if one.status == "active" and one.period]


def _in_force(ctx: Context, reader: Reader, product_id: str) -> list[str]:
    """What a new version of the same period would replace."""
    return [
        reader.say(
            "%(period)s: version %(number)s, published %(when)s",
            period=formats.period(one.period.start, one.period.end, reader.language),
            number=one.version, when=formats.moment(one.received_at, reader.language),
        )
        for one in _versions_in_force(ctx, product_id)
        if one.period
    ]  # fmt: skip


def _hint(reader: Reader, text: str) -> str:
    """What to do with the text that stands in the field."""
    if f'"{TO_FILL_IN}"' in text:
        return reader.say(HOW_TO_FILL_IN, sign=TO_FILL_IN)
    is_prefilled = request.method == "GET"
    return reader.say(HOW_TO_CHANGE) if is_prefilled else reader.say(HOW_TO_PASTE)


def _page(
    ctx: Context, product: Product, text: str, errors: list[FieldError], refused: ExchangeError | None = None
) -> Response:
    reader, schema = current_reader(), schemas.latest(KIND.value)
    in_force = _in_force(ctx, reader, product.id)
    fields = [
        Field("content", reader.say("Dataset as JSON"), text, optional=True, hint=_hint(reader, text)),
        Field("file", reader.say("File"), optional=True),
    ]
    sign_link = url_for("web.sign_in_browser", product_id=product.id)
    return render(
        "publish.html",
        status=422 if errors else 200,
        errors=errors,
        product=product,
        in_force=in_force,
        example_link=url_for("web.publish", product_id=product.id, start=EXAMPLE) if in_force else "",
        schema_link=url_for("api.schemas_get", kind=schema.kind, version=schema.version),
        back=url_for("web.show_product", product_id=product.id),
        publish_link=url_for("web.publish", product_id=product.id),
        ways=signing_ways(ctx, reader, KIND, sign_link, errors=errors, refused=refused),
        fields=with_errors(fields, errors),
    )
