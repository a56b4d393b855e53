"""Where the owner of a chain asks for access to the figures that are confidential in it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from exchange.domain.groups import Purpose
from exchange.domain.periods import Period
from exchange.services.chain_views import ChainView
from exchange.services.context import Context
from exchange.web.formats import by_name
from exchange.web.reader import Reader

MOST_ASKED = 12  # names in one line; everybody is found by the search that the page offers beside them


@dataclass(frozen=True)
class AskLink:
    """An organisation of the chain, or the search for one, and the request begun for totals of value chains."""

    name: str
    link: str


def ask_links(ctx: Context, reader: Reader, chain: ChainView, period: Period) -> list[AskLink]:
    """The makers of a chain's products, or its members, but for one's own, by name; last the search for others."""
    named = {one.maker_id: one.maker_name for one in chain.targets if one.period == period}
    named |= {one.organisation_id: one.name for one in chain.members if one.period == period}
    named.pop(ctx.who.organisation_id, None)
    found = sorted(named.items(), key=lambda one: by_name(one[1]))[:MOST_ASKED]
    purpose, year = Purpose.CHAIN_ROLLUP.value, period.start.year
    links = [
        AskLink(name, url_for("web.request_from", supplier_id=organisation, purpose=purpose, year=year))
        for organisation, name in found
    ]
    others = url_for("web.new_request", purpose=purpose, year=year)
    return [*links, AskLink(reader.say("choose a supplier"), others)]
