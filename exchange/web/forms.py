"""Form fields as templates show them, and refusals tied to the field they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from exchange.domain.errors import ExchangeError, Problem
from exchange.web.formats import Language
from exchange.web.reader import Reader
from exchange.web.refusals import REFUSALS


@dataclass(frozen=True)
class Message:
    """A sentence and the language it is in, None for the page's own."""

    text: str
    language: Language | None = None


@dataclass(frozen=True)
class FieldError:
    """One thing to correct; `field` is the id of the input, "" for the form as a whole."""

    field: str
    message: Message


@dataclass(frozen=True)
class Choice:
    """One option of a select, radio group or check-box group."""

    value: str
    text: str
    is_chosen: bool = False
    hint: str = ""


@dataclass(frozen=True)
class Field:
    """One labelled input."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    optional: bool = False
    errors: tuple[Message, ...] = ()
    choices: tuple[Choice, ...] = ()

    @property
    def id(self) -> str:
        """The element's id; names may hold `/`, ids that links point at do not."""
        return self.name.replace("/", "-")


def with_errors(fields: Iterable[Field], errors: Sequence[FieldError]) -> dict[str, Field]:
    """The fields by name, each carrying all of its own errors, in their order."""
    by_field: dict[str, tuple[Message, ...]] = {}
    for error in errors:
        by_field[error.field] = (*by_field.get(error.field, ()), error.message)
    return {field.name: replace(field, errors=by_field.get(field.id, ())) for field in fields}


def choose(options: Mapping[str, str], chosen: Iterable[str], reader: Reader) -> tuple[Choice, ...]:
    """Choices from codes and their sentences, in the order given."""
    picked = set(chosen)
    return tuple(Choice(code, reader.say(text), code in picked) for code, text in options.items())


def required(reader: Reader, values: Mapping[str, str], labels: Mapping[str, str]) -> list[FieldError]:
    """An error for each field left empty, calling it by its label in the reader's language."""
    return [
        FieldError(name, Message(reader.say("Fill in: %(field)s.", field=label)))
        for name, label in labels.items()
        if not values.get(name, "").strip()
    ]


def errors_of(reader: Reader, error: ExchangeError, fields: Mapping[str, str]) -> list[FieldError]:
    """A refusal as errors of the form; `fields` maps JSON pointers of the service to input ids."""
    problems = error.problems or (Problem(error.error_code, error.detail, error.path, error.advice),)
    return [FieldError(_field(problem.path, fields), say_problem(reader, problem)) for problem in problems]


def say_problem(reader: Reader, problem: Problem) -> Message:
    """A refusal in the reader's language where its code has a sentence, else the service's own English."""
    if problem.code in REFUSALS:
        return Message(reader.say(REFUSALS[problem.code]))
    return Message(f"{problem.detail} {problem.advice}".strip(), "en")


def _field(path: str, fields: Mapping[str, str]) -> str:
    while path and path not in fields:
        path = path.rpartition("/")[0]
    return fields.get(path, "")
