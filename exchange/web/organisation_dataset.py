"""The company's own dataset: the voluntary standard's datapoints of a year, filled from the bills, and signed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, ExchangeError, InvalidError
from exchange.domain.groups import DatasetKind, FieldGroup
from exchange.domain.periods import local_date
from exchange.domain.voluntary_standard import Lack
from exchange.services import organisation_drafts
from exchange.services.company_years import YEARS
from exchange.services.context import Context
from exchange.services.organisation_drafts import OrganisationDraft
from exchange.web import formats
from exchange.web.browser_signing import signing_page
from exchange.web.datapoint_words import DATAPOINTS, LACKS
from exchange.web.forms import Choice, FieldError, errors_of
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.session import signed_in
from exchange.web.signing_ways import is_loss_ticked, signing_errors, signing_ways
from exchange.web.words import in_sentence, word

YEARS_OFFERED = 4
SHOWN = (FieldGroup.INDICATORS, FieldGroup.BREAKDOWN, FieldGroup.COMMERCIAL)
_YEAR = re.compile(r"[0-9]{4}")
REFUSED = {"organisation.site_missing": "confirmed"}


@dataclass(frozen=True)
class Datapoint:
    """One datapoint in words, with its value and the name it has in the standard."""

    name: str
    value: str
    concept: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    base = "/organisation-dataset"
    pages.add_url_rule(base, view_func=show_dataset, endpoint="organisation_dataset")
    pages.add_url_rule(base, view_func=publish_dataset, endpoint="publish_organisation", methods=["POST"])
    pages.add_url_rule(f"{base}/publish/sign", view_func=sign_dataset, methods=["POST"])
    pages.add_url_rule(f"{base}.json", view_func=show_json, endpoint="organisation_json")


def show_dataset() -> Response:
    """The datapoints of the year asked for, last year where none is."""
    ctx = signed_in()
    return _page(ctx, _year(ctx))


def publish_dataset() -> Response:
    """The one button: the dataset goes to the worker for its signature."""
    ctx = signed_in()
    year = _year(ctx)
    try:
        submitted = organisation_drafts.publish_organisation(
            ctx, year, is_confirmed=_is_confirmed(), may_lose=is_loss_ticked()
        )
    except (ConflictError, InvalidError) as error:
        return _page(ctx, year, error)
    return redirect(url_for("web.show_publication", publication_id=submitted.id), 303)


def sign_dataset() -> Response:
    """The page whose script signs the year's dataset."""
    ctx, kid = signed_in(), request.form.get("kid", "")
    year = _year(ctx)
    try:
        unsigned = organisation_drafts.prepare_organisation(
            ctx, year, kid, is_confirmed=_is_confirmed(), may_lose=is_loss_ticked()
        )
    except InvalidError as error:
        return _page(ctx, year, error)
    back, file = url_for("web.organisation_dataset", year=year), url_for("web.organisation_json", year=year)
    return signing_page(
        ctx, unsigned, kid, DatasetKind.ORGANISATION, back=back, section="web.development", file=file
    )


def _is_confirmed() -> bool:
    """Whether the person said that the figures may be published without some sites."""
    return bool(request.form.get("confirmed"))


def show_json() -> Response:
    """What the dataset would hold, as the JSON that is signed."""
    ctx = signed_in()
    draft = organisation_drafts.draft_organisation(ctx, _year(ctx))
    text = json.dumps(draft.content, ensure_ascii=False, indent=2)
    response = Response(text, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _year(ctx: Context) -> int:
    given = request.values.get("year", "")
    if not given:
        return local_date(ctx.now()).year - 1
    if not _YEAR.fullmatch(given) or int(given) not in YEARS:
        raise InvalidError("This is not a year.", code="year.range", path="/year")
    return int(given)


def _errors(reader: Reader, error: ExchangeError) -> list[FieldError]:
    if error.error_code in REFUSED:
        at = REFUSED[error.error_code]
        return [FieldError(at, one.message) for one in errors_of(reader, error, {})]
    return signing_errors(reader, error)


def _page(ctx: Context, year: int, refused_now: ExchangeError | None = None) -> Response:
    reader, this_year = current_reader(), local_date(ctx.now()).year
    errors = _errors(reader, refused_now) if refused_now else []
    draft, refused = _draft(ctx, year)
    json_link = url_for("web.organisation_json", year=year)
    return render(
        "organisation_dataset.html",
        section="web.development",
        status=422 if errors else 200,
        errors=errors,
        year=year,
        years=[
            Choice(url_for("web.organisation_dataset", year=one), str(one), one == year)
            for one in range(this_year, this_year - YEARS_OFFERED, -1)
        ],
        refused=[one.message for one in errors_of(reader, refused, {})] if refused else [],
        datapoints=list(_datapoints(reader, draft.content)) if draft else [],
        lacks=_lacks(reader, draft.lacks) if draft else (),
        without=draft.without if draft else (),
        json_link=json_link,
        is_confirmed=_is_confirmed(),
        publish_link=url_for("web.publish_organisation"),
        ways=signing_ways(
            ctx,
            reader,
            DatasetKind.ORGANISATION,
            url_for("web.sign_dataset"),
            file=json_link,
            errors=errors,
            refused=refused_now,
        ),
        may_publish=ctx.who.may(Role.SIGNER),
    )


def _draft(ctx: Context, year: int) -> tuple[OrganisationDraft | None, InvalidError | None]:
    """The year's draft, or why there is none."""
    try:
        return organisation_drafts.draft_organisation(ctx, year), None
    except InvalidError as error:
        return None, error


def _datapoints(reader: Reader, content: Mapping[str, Any]) -> Iterator[Datapoint]:
    for group in SHOWN:
        for concept, value in content.get(group.value, {}).items():
            if concept in DATAPOINTS:
                yield from _datapoint(reader, concept, value)
    for one in content.get(FieldGroup.BREAKDOWN.value, {}).get("waste", ()):
        yield from _listed(reader, one, one["code"])
    for one in content.get(FieldGroup.COMPOSITION.value, {}).get("materials", ()):
        yield from _listed(reader, one, one["NameOfMaterialUsed"])


def _listed(reader: Reader, entry: Mapping[str, Any], called: str) -> Iterator[Datapoint]:
    """One entry of a list, such as a waste code, by its amounts."""
    for concept, value in entry.items():
        if concept in DATAPOINTS and isinstance(value, Mapping):
            name = f"{called}: {in_sentence(word(reader, DATAPOINTS, concept))}"
            yield Datapoint(name, _amount(reader, value), concept)


def _datapoint(reader: Reader, concept: str, value: object) -> Iterator[Datapoint]:
    name = word(reader, DATAPOINTS, concept)
    if not isinstance(value, Mapping):
        yield Datapoint(name, str(value), concept)
    elif "amount" in value:
        yield Datapoint(name, _amount(reader, value), concept)
    else:
        for member, inner in value.items():
            part = word(reader, DATAPOINTS, member)
            yield Datapoint(f"{name}: {part}", _amount(reader, inner), f"{concept}/{member}")


def _amount(reader: Reader, value: Mapping[str, str]) -> str:
    amount, unit = Decimal(value["amount"]), value.get("unit", "")
    if "currency" in value:
        return f"{formats.number(amount, reader.language)}{formats.NO_BREAK}{value['currency']}"
    shown = formats.quantity(amount, unit, reader.language)
    return f"{shown}/{value['per']}" if "per" in value else shown


def _lacks(reader: Reader, lacks: Iterable[Lack]) -> tuple[str, ...]:
    """Each lack as a sentence with the way out, said once."""
    said = (
        reader.say(
            LACKS[one.kind.value],
            datapoint=word(reader, DATAPOINTS, one.datapoint.rpartition("/")[2]),
            names=reader.list_of(one.names) or reader.say("the whole company"),
        )
        for one in lacks
    )
    return tuple(dict.fromkeys(said))
