"""The account template to fill in: made for one site where it is named, so that its products need only amounts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from exchange.domain.actors import Role
from exchange.services.context import Context
from exchange.services.products import list_products
from exchange.services.site_products import list_site_products

PREFILLED = 100  # registered products that a template lists where the site has made nothing yet
STEMS = {"da": "regnskab", "en": "account"}


class TemplateFormat(StrEnum):
    """Which file: a workbook with drop-downs, or one text file."""

    XLSX = "xlsx"
    CSV = "csv"


MEDIA_TYPES = {
    TemplateFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    TemplateFormat.CSV: "text/csv",
}


@dataclass(frozen=True)
class TemplateFile:
    """A file to download."""

    filename: str
    media_type: str
    content: bytes


def account_template(
    ctx: Context,
    language: Literal["da", "en"],
    kind: TemplateFormat = TemplateFormat.XLSX,
    site_id: str | None = None,
    year: int | None = None,
) -> TemplateFile:
    """An empty template; a workbook has the site's products and the year filled in where they are asked for.

    NotFoundError for another organisation's site.
    """
    # What writes workbooks is large and seldom needed: it loads with the first template.
    from connectors.account_template import write_csv_template, write_template

    ctx.who.require(Role.VIEWER)
    products = _products(ctx, site_id) if site_id is not None else []
    if kind is TemplateFormat.CSV:
        content = write_csv_template(language)
    else:
        content = write_template(language, products=products, year=year)
    stem = STEMS[language] if year is None else f"{STEMS[language]}-{year}"
    return TemplateFile(f"{stem}.{kind.value}", MEDIA_TYPES[kind], content)


def _products(ctx: Context, site_id: str) -> list[tuple[str, str, str]]:
    """Number, name and unit of what is made at the site; of registered products where nothing is yet."""
    made = [(one.number, one.name, one.unit.value) for one in list_site_products(ctx, site_id)]
    if made:
        return made
    registered = list_products(ctx, limit=PREFILLED).items
    return [(one.supplier_product_id, one.name, one.unit) for one in registered]
