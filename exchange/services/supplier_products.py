"""How a purchase names its supplier's product: by its id here, or by the supplier's name and article number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from sqlmodel import Session

from exchange.store import sites as query

Named: TypeAlias = tuple[str, str]  # the supplier's product as written, and the supplier's name

_ID = re.compile(r"(?:urn:uuid:)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def resolve_products(
    session: Session, organisation_id: str, named: Iterable[Named]
) -> dict[Named, str | None]:
    """The id of each product; "" for an article number of a supplier that is not here; None for an unknown id.

    An article number counts only beside the exact name of a supplier that lists it, and only one such.
    """
    wanted = sorted({one for one in named if one[0]})
    ids = {one: found[1] for one in wanted if (found := _ID.fullmatch(one[0]))}
    reachable = query.reachable_products(session, organisation_id, sorted(set(ids.values())))
    result: dict[Named, str | None] = {one: (id_ if id_ in reachable else None) for one, id_ in ids.items()}
    by_number = [one for one in wanted if one not in ids]
    listed = query.listed_products(session, sorted({number for number, _ in by_number}))
    for number, supplier in by_number:
        fitting = [
            id_ for id_, known, maker in listed if (known, _plain(maker)) == (number, _plain(supplier))
        ]
        result[number, supplier] = fitting[0] if len(fitting) == 1 else ""
    return result


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
