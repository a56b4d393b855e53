"""How what a page shows may be signed and published, for the one form part that asks: by the exchange, or oneself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from exchange.domain.errors import ExchangeError, Problem
from exchange.domain.groups import DatasetKind
from exchange.services.browser_signing import ways_to_sign
from exchange.services.context import Context
from exchange.services.keys import SigningKey
from exchange.services.replaced_content import CODE, Change
from exchange.web import formats
from exchange.web.datapoint_words import DATAPOINTS
from exchange.web.forms import Choice, Field, FieldError, Message, errors_of, with_errors
from exchange.web.reader import Reader
from exchange.web.words import field_name, word

MAY_LOSE = "may_lose"


@dataclass(frozen=True)
class SigningWays:
    """What the form part needs: whose keys can sign, where it is sent, and what the content would take out of force.

    `kid` offers the keys a browser can hold, of which a script leaves those of the `organisation` that this one holds;
    `file` is where the unsigned document is to be had, "" where the person
    has it. `lost` names what nobody would read any more, or would read otherwise, to be ticked in `may_lose`.
    """

    has_own: bool
    has_custody: bool
    organisation: str
    kid: Field
    sign_link: str
    file: str
    kind: str
    lost: tuple[str, ...]
    may_lose: Field


def signing_ways(
    ctx: Context,
    reader: Reader,
    kind: DatasetKind,
    sign_link: str,
    *,
    file: str = "",
    errors: Sequence[FieldError] = (),
    refused: ExchangeError | None = None,
) -> SigningWays:
    """For content of a kind that `sign_link` prepares for an own key; `refused` is why the last try came to nothing."""
    ways = ways_to_sign(ctx)
    fields = with_errors(
        [
            Field("kid", reader.say("Your own key"), choices=_choices(reader, ways.in_browser)),
            Field(MAY_LOSE, reader.say("Publish it like this"), optional=True),
        ],
        errors,
    )
    return SigningWays(
        ways.has_own,
        ways.has_custody,
        ctx.who.organisation_id,
        fields["kid"],
        sign_link,
        file,
        kind.value,
        _lost(reader, refused),
        fields[MAY_LOSE],
    )


def is_loss_ticked() -> bool:
    """Whether the person said that what the version in force says may go."""
    return bool(request.form.get(MAY_LOSE))


def signing_errors(reader: Reader, error: ExchangeError) -> list[FieldError]:
    """A refusal of content or key as errors of the form part's fields."""
    if error.error_code == CODE:
        said = reader.say("Tick that the new version may say less than this, or something else.")
        return [FieldError(MAY_LOSE, Message(said))]
    return errors_of(reader, error, {"/kid": "kid"})


def _lost(reader: Reader, refused: ExchangeError | None) -> tuple[str, ...]:
    if refused is None or refused.error_code != CODE:
        return ()
    return tuple(_said(reader, one) for one in refused.problems)


def _said(reader: Reader, problem: Problem) -> str:
    name = _name(reader, problem.path.removeprefix("/"))
    if not isinstance(problem, Change):
        return name
    if not problem.gone:
        return reader.say("%(what)s: would change", what=name)
    return reader.say(
        "%(what)s: would change, without %(names)s", what=name, names=reader.list_of(problem.gone)
    )


def _name(reader: Reader, path: str) -> str:
    concept = path.rpartition("/")[2]
    return word(reader, DATAPOINTS, concept) if concept in DATAPOINTS else field_name(reader, path)


def _choices(reader: Reader, keys: Sequence[SigningKey]) -> tuple[Choice, ...]:
    """Keys by their last signs, which are what tells them apart."""
    return tuple(
        Choice(
            key.kid,
            reader.say(
                "ends in %(end)s, registered %(when)s",
                end=key.kid[-6:],
                when=formats.moment(key.bound_at, reader.language),
            ),
            is_chosen=key.kid == request.form.get("kid"),
        )
        for key in keys
    )
