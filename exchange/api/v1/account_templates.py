"""The account template: an empty file whose filled-in form is handed in as an import of an account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from exchange.api.operation import Resource
from exchange.api.wire import Id, Query, Reply
from exchange.services.account_templates import MEDIA_TYPES, TemplateFormat, account_template
from exchange.services.company_years import YEARS
from exchange.services.context import Context

resource = Resource("account-template", "The file to fill in with bills and production, Danish or English.")


class TemplateQuery(Query):
    """Language and format; the workbook of a site names its products, and the days of a `year`."""

    language: Literal["da", "en"] = "da"
    format: TemplateFormat = TemplateFormat.XLSX
    site_id: Id | None = None
    year: Annotated[int | None, Field(ge=YEARS[0], le=YEARS[-1])] = None


@resource.operation("GET", "/account-template", produces=tuple(MEDIA_TYPES.values()), answers={200: bytes})
def get(ctx: Context, query: TemplateQuery) -> Reply[bytes]:
    """Download the template."""
    file = account_template(ctx, query.language, query.format, query.site_id, query.year)
    named = {"Content-Disposition": f'attachment; filename="{file.filename}"'}
    return Reply(file.content, headers=named, media_type=file.media_type)
