"""What people type into the account's forms: inputs that show it again, and numbers and dates read out of it.

A number may be written the Danish or the English way. One that can be read both ways is refused, as in a table that
is handed in: a thousand times too much must never slip in silently.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from exchange.domain.errors import ExchangeError, InvalidError, Problem
from exchange.domain.periods import Period, day_after, parse_date
from exchange.web.forms import Choice, Field, FieldError, Message, errors_of, say_problem, with_errors
from exchange.web.reader import Reader
from exchange.web.reader import mark as _

MAX_TYPED = 28  # digits and marks: more than a quantity keeps, and what decimal arithmetic does not round
HUNDRED = Decimal(100)
_SPACES = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3})")
_PLAIN = re.compile(r"-?[0-9]+")
_ONE_MARK = re.compile(r"-?[0-9]+[.,][0-9]+")
_EITHER = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")

NO_NUMBER = _("This is not a number. Write it with digits, such as 1250 or 12.5.")
EITHER = _("This can be read in two ways. Write %(whole)s, or %(decimal)s if you mean decimals.")


@dataclass(frozen=True)
class Input:
    """A field and how it is asked for.

    Text, supplier, number, day, moment, password, select, tick, ticks, area or file.
    """

    field: Field
    widget: str = "text"


@dataclass(frozen=True)
class Section:
    """Inputs under one heading, "" for none; `note` stands above them."""

    title: str
    inputs: tuple[Input, ...]
    note: str = ""


@dataclass(frozen=True)
class Blank:
    """Makes inputs in the reader's language that show what has been typed into them so far."""

    reader: Reader
    form: Mapping[str, str]

    def ask(
        self,
        name: str,
        label: str,
        hint: str = "",
        *,
        widget: str = "text",
        optional: bool = False,
        given: str = "",
    ) -> Input:
        """An input of one value; label and hint are sentences marked for translation."""
        asked = Field(
            name,
            self.reader.say(label),
            self.form.get(name, given),
            self.reader.say(hint) if hint else "",
            optional,
        )
        return Input(asked, widget)

    def choose(
        self,
        name: str,
        label: str,
        options: Mapping[str, str],
        hint: str = "",
        *,
        given: str = "",
        empty: str = "",
    ) -> Input:
        """A select of codes with sentences; `empty` is the text of a first choice that chooses nothing."""
        picked = self.form.get(name, given)
        first = (Choice("", self.reader.say(empty), not picked),) if empty else ()
        choices = tuple(Choice(code, self.reader.say(text), code == picked) for code, text in options.items())
        hint = self.reader.say(hint) if hint else ""
        return Input(Field(name, self.reader.say(label), hint=hint, choices=(*first, *choices)), "select")

    def tick(self, name: str, text: str, hint: str = "", *, given: bool = False) -> Input:
        """One box to tick; `given` is how it stands before anything was sent: an empty box sends nothing."""
        ticked = bool(self.form.get(name)) if self.form else given
        hint = self.reader.say(hint) if hint else ""
        return Input(Field(name, self.reader.say(text), "yes" if ticked else "", hint, optional=True), "tick")


@dataclass
class Typed:
    """A form as it is read, field by field; what cannot be read is noted in `errors` at its field."""

    reader: Reader
    form: Mapping[str, str]
    labels: Mapping[str, str]
    errors: list[FieldError] = field(default_factory=list)

    def text(self, name: str) -> str:
        """A text that may be empty, without the spaces around it."""
        return self.form.get(name, "").strip()

    def needed(self, name: str) -> str:
        """A text that must be there."""
        given = self.text(name)
        if not given:
            self.refuse(name, self.reader.say("Fill in: %(field)s.", field=self.labels.get(name, name)))
        return given

    def code(self, name: str, known: Iterable[str]) -> str:
        """One of the codes a select offers."""
        given = self.text(name)
        if given not in set(known):
            self.refuse(name, self.reader.say("Choose: %(field)s.", field=self.labels.get(name, name)))
        return given

    def is_ticked(self, name: str) -> bool:
        """Whether a box is ticked."""
        return bool(self.text(name))

    def number(self, name: str) -> Decimal | None:
        """A number; None where the field is empty or cannot be read."""
        given = self.text(name)
        if not given:
            return None
        try:
            return parse_number(given)
        except ValueError as error:
            self.refuse(name, self.reader.say(str(error), **both_readings(given, self.reader)))
            return None

    def needed_number(self, name: str) -> Decimal:
        """A number that must be there; 0 stands for one that was refused."""
        return (self.number(name) or Decimal(0)) if self.needed(name) else Decimal(0)

    def share(self, name: str) -> Decimal | None:
        """A percentage as a part of one."""
        percent = self.number(name)
        return None if percent is None else percent / HUNDRED

    def year(self, name: str) -> int:
        """A year; 0 stands for one that was refused."""
        given = self.needed(name)
        if re.fullmatch("[0-9]{4}", given, re.ASCII):
            return int(given)
        if given:
            self.refuse(name, self.reader.say("Write the year with four digits, such as 2025."))
        return 0

    def day(self, name: str) -> date | None:
        """A date that must be there; None where it was refused."""
        given = self.needed(name)
        try:
            return parse_date(given) if given else None
        except InvalidError as error:
            self.errors += errors_of(self.reader, error, {"": name})
            return None

    def period(self) -> Period | None:
        """The days from `first` to `last`, the last one included; None where that was refused."""
        first, last = self.day("first"), self.day("last")
        if first is None or last is None:
            return None
        try:
            return Period(first, day_after(last))
        except (InvalidError, OverflowError):
            self.refuse("last", self.reader.say("The last day is before the first one."))
            return None

    def refuse(self, name: str, text: str) -> None:
        """Note what is wrong with a field."""
        self.errors.append(FieldError(name, Message(text)))


def parse_number(text: str) -> Decimal:
    """The number as typed, exactly. Raises ValueError with the sentence to show, filled from `both_readings`."""
    compact = _SPACES.sub("", text.strip().replace("\N{MINUS SIGN}", "-"))
    if len(compact) > MAX_TYPED:
        raise ValueError(NO_NUMBER)
    if _EITHER.fullmatch(compact):
        raise ValueError(EITHER)
    if _PLAIN.fullmatch(compact) or _ONE_MARK.fullmatch(compact):
        return Decimal(compact.replace(",", "."))
    if not _GROUPED.fullmatch(compact):
        raise ValueError(NO_NUMBER)
    mark = max(",.", key=compact.rfind)
    is_decimal = compact.count(mark) == 1
    group = ({",", "."} - {mark}).pop() if is_decimal else mark
    return Decimal(compact.replace(group, "").replace(",", "."))


def both_readings(text: str, reader: Reader) -> dict[str, str]:
    """How to write a number such as `4.600` as one reading or the other: `whole` 4600, `decimal` 4.6000."""
    mark = "," if reader.language == "da" else "."
    return {"whole": re.sub("[.,]", "", text), "decimal": re.sub("[.,]", mark, f"{text}0")}


def show_number(value: Decimal | None, reader: Reader) -> str:
    """A number as somebody would type it, so that it is read as the same again."""
    if value is None:
        return ""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = text + "0" if _EITHER.fullmatch(text) else text
    return text.replace(".", ",") if reader.language == "da" else text


def labels_of(sections: Iterable[Section]) -> dict[str, str]:
    """What the inputs are called, by name."""
    return {one.field.name: one.field.label for section in sections for one in section.inputs}


def marked(sections: Sequence[Section], errors: Sequence[FieldError]) -> tuple[Section, ...]:
    """The sections with each error at its input."""
    fields = with_errors((one.field for section in sections for one in section.inputs), errors)
    return tuple(
        replace(one, inputs=tuple(replace(each, field=fields[each.field.name]) for each in one.inputs))
        for one in sections
    )


def refused(reader: Reader, error: ExchangeError, at: Mapping[str, str]) -> list[FieldError]:
    """A refusal as errors of the form; `at` gives the input of an error code, or of a JSON pointer.

    In English the service's own sentence is shown: it names the rows. Other languages have a sentence for the code.
    """
    problems = error.problems or (Problem(error.error_code, error.detail, error.path, error.advice),)
    return [
        FieldError(at.get(one.code, at.get(one.path, "")), say_entry_problem(reader, one)) for one in problems
    ]


def say_entry_problem(reader: Reader, problem: Problem) -> Message:
    """What is wrong with an entry, naming what it clashes with where the reader's language allows."""
    if reader.language == "en":
        return Message(f"{problem.detail} {problem.advice}".strip())
    return say_problem(reader, problem)
