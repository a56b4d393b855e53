"""The form with which a customer asks a supplier: first whom, then about which products, what and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from exchange.domain.errors import ConflictError, InvalidError
from exchange.domain.groups import Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.periods import local_date, year
from exchange.services import organisations, products, requests
from exchange.services.context import Context
from exchange.services.organisations import Organisation
from exchange.web import formats
from exchange.web.forms import Choice, Field, FieldError, Message, choose, errors_of, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.words import ASSURANCES, FIELD_GROUPS, INDICATORS, PURPOSES, word

CUSTOMARY = timedelta(days=21)
YEARS = 4
SATURDAY, DAYS_OF_WEEK = 5, 7  # as date.weekday counts, Monday 0
WHOLE_GROUPS = ("quality", "breakdown", "composition", "substances", "circularity", "packaging",
                "process", "taxonomy", "evidence")  # fmt: skip
USUAL = {*(f"indicators/{indicator}" for indicator in Indicator), "quality"}
BEGUN = ("purpose", "year")  # what an address may name for a request to start from
FOR_TOTALS = USUAL | {"process"}  # a total that follows a recipe tells amounts of it
POINTERS = {"/lines": "products", "/lines/0/due": "due", "/lines/0/fields": "fields",
            "/lines/0/note": "note", "": "products"}  # fmt: skip


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/requests/new", view_func=new_request)
    pages.add_url_rule("/requests/new/<supplier_id>", view_func=request_from, methods=["GET", "POST"])


def new_request() -> Response:
    """Choose the supplier: the directory, searched by name or CVR number."""
    ctx, reader = signed_in(), current_reader()
    text = request.args.get("q", "")
    begun: dict[str, Any] = {name: request.args[name] for name in BEGUN if name in request.args}
    page = organisations.find_organisations(ctx, text, request.args.get("after"), 200)
    older = url_for("web.new_request", q=text, after=page.next_cursor, **begun) if page.next_cursor else ""
    return render(
        "request_whom.html",
        begun=begun,
        search=Field("q", reader.say("Name or CVR number"), text),
        suppliers=[
            {"link": url_for("web.request_from", supplier_id=one.id, **begun), "name": one.name, "cvr": one.cvr or "",
             "assurance": word(reader, ASSURANCES, one.assurance)}
            for one in sorted(page.items, key=lambda one: formats.by_name(one.name))
            if one.id != ctx.who.organisation_id
        ],
        older=older,
    )  # fmt: skip


def request_from(supplier_id: str) -> Response:
    """The request to one supplier; an address may name the purpose and the year to start from."""
    ctx, reader = signed_in(), current_reader()
    supplier = organisations.get_organisation(ctx, supplier_id)
    if request.method == "GET":
        return _page(ctx, reader, supplier, MultiDict(), [])
    form = request.form
    errors = _missing(reader, form)
    if errors:
        return _page(ctx, reader, supplier, form, errors)
    try:
        sent = requests.send_request(ctx, _document(supplier_id, form))
    except (InvalidError, ConflictError) as error:
        return _page(ctx, reader, supplier, form, errors_of(reader, error, POINTERS))
    return redirect(url_for("web.show_request", request_id=sent.id, done="requested"), 303)


def _missing(reader: Reader, form: MultiDict[str, str]) -> list[FieldError]:
    errors = []
    if not form.getlist("products"):
        errors.append(FieldError("products", Message(reader.say("Choose at least one product."))))
    if not form.getlist("fields"):
        errors.append(FieldError("fields", Message(reader.say("Choose at least one thing to ask for."))))
    purpose = form.get("purpose", "")
    if purpose not in PURPOSES:
        errors.append(FieldError("purpose", Message(reader.say("Choose a purpose."))))
    elif Purpose(purpose).needs_basis and not form.get("basis", "").strip():
        errors.append(
            FieldError("basis", Message(reader.say("Name the article, contract clause or tender.")))
        )
    if not form.get("year", "").isdecimal():
        errors.append(FieldError("year", Message(reader.say("Choose a year."))))
    return errors


def _document(supplier_id: str, form: MultiDict[str, str]) -> dict[str, Any]:
    """The request under its schema: one line per product, the same fields and purpose in each."""
    purpose, basis = form["purpose"], form.get("basis", "").strip()
    fields = [
        {"field": path, "group": path.partition("/")[0], "purpose": purpose,
         "mandatory": form.get("mandatory") == "yes", **({"basis_reference": basis} if basis else {})}
        for path in form.getlist("fields")
    ]  # fmt: skip
    said = {name: " ".join(form.get(name, "").split()) for name in ("due", "note")}  # a note is one line
    optional = {name: text for name, text in said.items() if text}
    line = {"period": year(int(form["year"])).to_wire(), "fields": fields, **optional}
    return {
        "supplier": f"urn:uuid:{supplier_id}",
        "lines": [
            {"subject": {"type": "product", "id": f"urn:uuid:{product_id}"}, **line}
            for product_id in form.getlist("products")
        ],
    }


def _page(
    ctx: Context, reader: Reader, supplier: Organisation, form: MultiDict[str, str], errors: list[FieldError]
) -> Response:
    offered = products.find_products_of(ctx, supplier.id, limit=200).items
    chosen = form.getlist("products")
    listed = Field(
        "products", reader.say("Products"),
        choices=tuple(Choice(one.id, one.name, one.id in chosen, one.supplier_product_id) for one in offered),
    )  # fmt: skip
    fields = [listed, *_fields(reader, form, local_date(ctx.now()))]
    return render(
        "request_form.html",
        status=422 if errors else 200,
        errors=errors,
        supplier=supplier,
        assurance=word(reader, ASSURANCES, supplier.assurance),
        has_products=bool(offered),
        fields=with_errors(fields, errors),
    )


def _fields(reader: Reader, form: MultiDict[str, str], today: date) -> list[Field]:
    purpose = form.get("purpose", request.args.get("purpose", Purpose.CSRD_REPORTING.value))
    usual = FOR_TOTALS if purpose == Purpose.CHAIN_ROLLUP.value else USUAL
    asked = form.getlist("fields") or (usual if not form else ())
    things = {f"indicators/{code}": name for code, name in INDICATORS.items()}
    things |= {code: FIELD_GROUPS[code] for code in WHOLE_GROUPS}
    must = {"yes": reader.say("We need all of this to report")}
    return [
        Field("year", reader.say("Year"), choices=_years(form, today)),
        Field("fields", reader.say("What do you ask for?"), choices=choose(things, asked, reader)),
        Field("purpose", reader.say("What do you need it for?"), choices=choose(PURPOSES, [purpose], reader)),
        Field("basis", reader.say("Article, contract clause or tender"), form.get("basis", ""), optional=True,
              hint=reader.say("Needed for every purpose except sustainability reporting (CSRD).")),
        Field("due", reader.say("Answer wanted by"), form.get("due", customary_due(today).isoformat()),
              hint=reader.say("At least ten working days are customary.")),
        Field("note", reader.say("A word to the supplier"), form.get("note", ""), optional=True),
        Field("mandatory", "", choices=choose(must, form.getlist("mandatory"), reader)),
    ]  # fmt: skip


def customary_due(today: date) -> date:
    """The usual time to answer, ending on a working day: a weekend moves on to its Monday."""
    due = today + CUSTOMARY
    return due + timedelta(days=DAYS_OF_WEEK - due.weekday() if due.weekday() >= SATURDAY else 0)


def _years(form: Mapping[str, str], today: date) -> tuple[Choice, ...]:
    chosen = form.get("year", request.args.get("year", str(today.year - 1)))
    return tuple(
        Choice(str(number), str(number), str(number) == chosen)
        for number in range(today.year, today.year - YEARS - 1, -1)
    )
