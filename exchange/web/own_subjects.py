"""The company, its sites and its products as choices of a form: `organisation`, `site:…`, `product:…`."""

from __future__ import annotations

from collections.abc import Mapping

from exchange.domain.errors import NotFoundError
from exchange.domain.own_development import Level, Subject
from exchange.web.forms import Choice
from exchange.web.reader import Reader
from exchange.web.reader import mark as _

LEVELS: dict[str, str] = {
    "organisation": _("Company"),
    "site": _("Site"),
    "product": _("Product"),
}


def code_of(subject: Subject) -> str:
    """How a form names the subject."""
    return f"{subject.level.value}:{subject.id}"


def subject_of(code: str, names: Mapping[Subject, str]) -> Subject:
    """The subject a form names; the company where it names none. NotFoundError for anybody else's."""
    known = {code_of(subject): subject for subject in names}
    if not code:
        return next(subject for subject in names if subject.level is Level.ORGANISATION)
    if code not in known:
        raise NotFoundError
    return known[code]


def subject_names(reader: Reader, names: Mapping[Subject, str]) -> dict[str, str]:
    """By code, the whole first: `Site: the factory in Skive`."""
    order = list(Level)
    ordered = sorted(names.items(), key=lambda one: (order.index(one[0].level), one[1], one[0].id))
    return {
        code_of(subject): f"{reader.say(LEVELS[subject.level.value])}: {name}" for subject, name in ordered
    }


def subject_choices(reader: Reader, names: Mapping[Subject, str], chosen: Subject) -> tuple[Choice, ...]:
    """The same for a select."""
    picked = code_of(chosen)
    return tuple(Choice(code, text, code == picked) for code, text in subject_names(reader, names).items())
