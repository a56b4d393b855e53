"""What a checked file shows, in the order an auditor asks: verdict, signer, product, figures, log, revocation.

Everything here comes from a stranger's file: it is read with care, and never run, looked up or taken as true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from exchange.trust.judgement import Judgement
from exchange.trust.organisation_credential import CVR_SCHEME
from exchange.trust.report import Document, document
from exchange.trust.strict_json import JsonObject
from exchange.web import formats
from exchange.web.figures import FigureRow, declared_unit, figure_rows
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.shown_content import period_of, product_of, released_subject, safe_subject, visible
from exchange.web.steps import StepLines, StepWords, present_steps
from exchange.web.verify_words import FILE_WORDS, STATEMENT_WORDS
from exchange.web.words import ASSURANCES, FIELD_GROUPS, word

LONGEST = 28  # characters of an identifier that are shown before it is opened
VERDICTS: dict[str, str] = {
    "ok": _("Everything you asked for is established."),
    "consistent": _("Consistent, origin not established."),
    "token": _("The signature holds. Revocation, log and identity are not established."),
    "revoked": _("It has been revoked. Do not rely on this file."),
    "refused": _("Not everything is established. Do not rely on this file."),
}
ALL_SHOWN = _(
    "Everything you asked for is established: it is from %(organisation)s, unchanged, and not revoked as of %(when)s."
)

REPLACEMENT = _("Whether a newer version replaces it: a file does not show that; ask the exchange.")

ABOUT: dict[str, str] = {
    "receipt": _(
        "This is a receipt of the log: it shows that a document with this checksum was logged, and when. It shows no "
        "figure, not who signed, and not whether it was revoked. Bring the bundle for that."
    ),
    "statement": _(
        "This is a statement of what the exchange released of a chain. It does not show that what suppliers reported "
        "is right."
    ),
}
EVENTS: dict[str, str] = {
    "publish": _("a dataset was published"),
    "supersede": _("a new version of a dataset was published"),
    "revoke": _("a dataset was revoked"),
    "rollup": _("figures of a chain were released"),
    "key-binding": _("a signing key was bound to an organisation"),
    "key-retirement": _("a signing key ended"),
    "key-compromise": _("a signing key was reported as lost to others"),
    "organisation-credential": _("it was stated who an organisation is"),
    "status-list": _("a list of revocations was issued"),
}


@dataclass(frozen=True)
class Fact:
    """Something the file shows; `whole` is the identifier that `value` shortens, "" where nothing is left out."""

    label: str
    value: str
    whole: str = ""


@dataclass(frozen=True)
class Findings:
    """A judgement as the page shows it.

    `answer` is a key of VERDICTS and `verdict` its sentence, `about` what is to be said of a file of this kind,
    `not_shown` what no such file can show ("" where nothing is shown at all).
    """

    answer: str
    verdict: str
    judged: str
    about: str
    facts: tuple[Fact, ...]
    not_shown: str
    title: str
    unit: str
    figures: tuple[FigureRow, ...]
    figures_hidden: bool
    steps: StepLines


def present_findings(reader: Reader, judgement: Judgement) -> Findings:
    """What the offline verifier found, whatever kind of file it was."""
    told = document(judgement)
    kind, subject = _kind(judgement, told), _subject(judgement, told)
    answer = _answer(judgement, told)
    return Findings(
        answer=answer,
        verdict=_verdict(reader, answer, told),
        judged=formats.moment(judgement.at, reader.language),
        about=reader.say(ABOUT[kind]) if kind in ABOUT else "",
        facts=tuple(_facts(reader, told, subject)) if judgement.signed or kind == "receipt" else (),
        not_shown=reader.say(REPLACEMENT) if judgement.signed else "",
        title=_title(reader, subject),
        unit=declared_unit(reader, subject),
        figures=figure_rows(reader, subject),
        figures_hidden=judgement.signed is not None and not subject.get("indicators"),
        steps=present_steps(reader, judgement.verdict.steps, _words(kind)),
    )


def _kind(judgement: Judgement, told: Mapping[str, Document]) -> str:
    """What kind of file it is, by the steps that were gone through and what it says."""
    names = {step.name for step in judgement.verdict.steps} | ({"statement"} if "release" in told else set())
    return next((kind for kind in ("receipt", "statement", "bundle") if kind in names), "token")


def _words(kind: str) -> StepWords:
    return STATEMENT_WORDS if kind == "statement" else FILE_WORDS


def _subject(judgement: Judgement, told: Mapping[str, Document]) -> JsonObject:
    release = told.get("release")
    if isinstance(release, dict):
        return released_subject(release)
    return safe_subject(judgement.signed) if judgement.signed else {}


def _answer(judgement: Judgement, told: Mapping[str, Document]) -> str:
    if judgement.verdict.ok:
        return "ok"
    if judgement.is_token_that_holds:
        return "token"
    if judgement.is_consistent_alone:
        return "consistent"
    return "revoked" if told.get("revoked") is True and told.get("origin_established") is True else "refused"


def _verdict(reader: Reader, answer: str, told: Mapping[str, Document]) -> str:
    organisation, when = _text(told, "organisation", "name"), _moment(reader, told, "as_of")
    if answer == "ok" and organisation and when and told.get("revoked") is False:
        return reader.say(ALL_SHOWN, organisation=organisation, when=when)
    return word(reader, VERDICTS, answer)


def _facts(reader: Reader, told: Mapping[str, Document], subject: JsonObject) -> Iterator[Fact]:
    yield from _statement(reader, told) if "release" in told else _signer(reader, told)
    if product := product_of(subject):
        yield Fact(reader.say("Product"), product)
    if period := period_of(subject):
        yield Fact(reader.say("Period"), formats.period(period.start, period.end, reader.language))
    if event := _text(told, "event"):
        yield Fact(reader.say("What was logged"), word(reader, EVENTS, event))
    yield from _log(reader, told)
    if isinstance(revoked := told.get("revoked"), bool):
        said = _("revoked, as of %(when)s") if revoked else _("not revoked, as of %(when)s")
        yield Fact(reader.say("Revocation"), reader.say(said, when=_moment(reader, told, "as_of")))
    if names := [word(reader, FIELD_GROUPS, name) for name in _names(told, "groups") if name in FIELD_GROUPS]:
        yield Fact(reader.say("Shown"), "; ".join(names))
    if digest := _text(told, "digest"):
        yield _identifier(reader.say("Digest"), digest)


def _signer(reader: Reader, told: Mapping[str, Document]) -> Iterator[Fact]:
    issuer = _text(told, "issuer")
    if not issuer:
        return
    if name := _text(told, "organisation", "name"):
        country, number = _text(told, "organisation", "country"), _registered(told)
        yield Fact(reader.say("Signed by"), ", ".join(part for part in (name, country, number) if part))
        checked = word(reader, ASSURANCES, _text(told, "organisation", "assurance"))
        domain = _text(told, "organisation", "domain")
        yield Fact(reader.say("How that was checked"), f"{checked} ({domain})" if domain else checked)
    else:
        yield Fact(reader.say("Signed by"), reader.say("not shown: a key alone says nothing of who holds it"))
    if isinstance(custody := told.get("custody"), bool):
        held = _("the exchange, for the organisation") if custody else _("the organisation itself")
        yield Fact(reader.say("Who held the key"), reader.say(held))
    yield _identifier(reader.say("Signing key"), issuer)


def _statement(reader: Reader, told: Mapping[str, Document]) -> Iterator[Fact]:
    if issuer := _text(told, "issuer"):
        yield _identifier(reader.say("Signed by the registrar"), issuer)
    yield _identifier(reader.say("Chain"), _text(told, "release", "chain"))
    yield Fact(
        reader.say("In force at"),
        _moment(reader, told, "release", "as_of") or _text(told, "release", "as_of"),
    )
    yield Fact(reader.say("Method"), _text(told, "release", "method"))
    yield Fact(reader.say("Factor set"), _text(told, "release", "factor_set"))
    release = told.get("release")
    if isinstance(release, dict) and isinstance(counted := release.get("inputs"), int):
        yield Fact(reader.say("Datasets counted"), str(counted))
    if own := len(_names(told, "own_inputs")):
        yield Fact(
            reader.say("Proven to be counted"), reader.say_many("one dataset", "%(count)s datasets", own)
        )


def _registered(told: Mapping[str, Document]) -> str:
    """The number in a register and which register that is; "" for none."""
    number, scheme = (_text(told, "organisation", name) for name in ("registered_id", "id_scheme"))
    return f"{'CVR' if scheme == CVR_SCHEME else scheme} {number}".strip() if number else ""


def _log(reader: Reader, told: Mapping[str, Document]) -> Iterator[Fact]:
    log = told.get("log")
    number = log.get("index") if isinstance(log, dict) else None
    if isinstance(number, int):
        place = reader.say(
            "number %(number)s, %(when)s", number=number, when=_moment(reader, told, "log", "received")
        )
        yield Fact(reader.say("In the log"), f"{place}, {_text(told, 'log', 'origin')}")
    witnesses = told.get("witnesses")
    seen = (
        [_text(one, "name") for one in witnesses if isinstance(one, dict)]
        if isinstance(witnesses, list)
        else []
    )
    if seen:
        yield Fact(reader.say("Witnesses"), reader.list_of(seen))


def _title(reader: Reader, subject: JsonObject) -> str:
    period = period_of(subject)
    said = formats.period(period.start, period.end, reader.language) if period else ""
    return ", ".join(part for part in (product_of(subject), said) if part)


def _identifier(label: str, whole: str) -> Fact:
    if len(whole) <= LONGEST:
        return Fact(label, whole)
    return Fact(label, f"{whole[: LONGEST - 9]}…{whole[-8:]}", whole)


def _text(told: Mapping[str, Document], *path: str) -> str:
    """A text of the report, "" where it has none there."""
    found: Document = dict(told)
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return visible(found) if isinstance(found, str) else ""


def _names(told: Mapping[str, Document], name: str) -> list[str]:
    found = told.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _moment(reader: Reader, told: Mapping[str, Document], *path: str) -> str:
    text = _text(told, *path)
    try:
        instant = datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        return formats.moment(instant, reader.language)
    except ValueError:
        return ""
    except OverflowError:  # the last hours there are have no date in Copenhagen
        return text
