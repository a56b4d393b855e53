"""The form that registers a product, so that datasets can be published and customers can ask about it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import ConflictError, InvalidError
from exchange.services import products
from exchange.services.products import NewProduct
from exchange.web import formats
from exchange.web.forms import Choice, Field, FieldError, errors_of, required, with_errors
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in

USUAL_UNITS = ("H87", "KGM", "TNE", "MTR", "MTK", "MTQ", "LTR", "KWH", "MWH", "TKM", "HUR")
POINTERS = {
    "/supplier_product_id": "number", "/name": "name", "/unit": "unit", "/category": "category",
    "/gtin": "gtin", "": "number",
}  # fmt: skip


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/products/new", view_func=new_product, methods=["GET", "POST"])


def new_product() -> Response:
    """Register one product of the organisation."""
    ctx, reader = signed_in(), current_reader()
    form = request.form
    if request.method == "GET":
        return _page(reader, form, [])
    errors = required(reader, form, _labels(reader))
    if errors:
        return _page(reader, form, errors)
    wanted = NewProduct(
        form["number"].strip(), form["name"].strip(), form["unit"], form["category"].strip(),
        form.get("gtin", "").strip() or None,
    )  # fmt: skip
    try:
        product = products.register_product(ctx, wanted)
    except (InvalidError, ConflictError) as error:
        return _page(reader, form, errors_of(reader, error, POINTERS))
    return redirect(url_for("web.show_product", product_id=product.id, done="product"), 303)


def _labels(reader: Reader) -> dict[str, str]:
    """What the form calls the fields that must be filled in."""
    return {
        "name": reader.say("Name of the product"),
        "number": reader.say("Product number"),
        "unit": reader.say("Declared unit"),
        "category": reader.say("Category"),
    }


def _page(reader: Reader, form: Mapping[str, str], errors: list[FieldError]) -> Response:
    unit, labels = form.get("unit", "H87"), _labels(reader)
    fields = (
        Field("name", labels["name"], form.get("name", "")),
        Field("number", labels["number"], form.get("number", ""),
              hint=reader.say("The number your customers order it by.")),
        Field("unit", labels["unit"], hint=reader.say("All figures are given per this unit."),
              choices=tuple(Choice(c, formats.unit(c, reader.language), c == unit) for c in USUAL_UNITS)),
        Field("category", labels["category"], form.get("category", ""),
              hint=reader.say("What customers' recipes call it, in small letters: steel-sheet, for example.")),
        Field("gtin", reader.say("GTIN"), form.get("gtin", ""), optional=True,
              hint=reader.say("The number under the bar code.")),
    )  # fmt: skip
    status = 422 if errors else 200
    return render("product_form.html", status=status, errors=errors, fields=with_errors(fields, errors))
