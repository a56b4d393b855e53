"""The sentence that a calculation would come out otherwise today, shown where its figures are."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from exchange.domain.errors import InvalidError, Problem
from exchange.services import revisions
from exchange.services.calculation_views import CalculationView
from exchange.services.context import Context
from exchange.web.forms import Message, say_problem
from exchange.web.reader import Reader


@dataclass(frozen=True)
class Offer:
    """What changed, in one sentence, and where it is shown figure by figure; `link` "" where nothing can be."""

    message: Message
    link: str


def say_offer(ctx: Context, reader: Reader, found: CalculationView) -> Offer | None:
    """None where bills, keys, factors and suppliers' datasets are what they were."""
    try:
        revision = revisions.preview_revision(ctx, found.header.id)
    except InvalidError as error:
        problem = Problem(error.error_code, error.detail, error.path, error.advice)
        return Offer(say_problem(reader, problem), "")
    if revision.is_current:
        return None
    said = (
        reader.say_many(
            "%(count)s factor has changed since this was calculated.",
            "%(count)s factors have changed since this was calculated.",
            len(revision.factors),
        )
        if revision.factors
        else reader.say("Bills, keys or records have changed since this was calculated.")
    )
    return Offer(Message(said), url_for("web.show_revision", calculation_id=found.header.id))
