"""How commands speak: words for a person, or one JSON document with `--json`; refusals in one shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import click

from exchange.domain.errors import Problem

F = TypeVar("F", bound=Callable[..., Any])

JSON_WANTED = "vcx.json"

DONE, REFUSED, USAGE = 0, 1, 2


def json_option(function: F) -> F:
    """Give a command `--json`."""
    option = click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_remember,
        help="Report as one JSON document.",
    )
    return option(function)


def report(data: Mapping[str, Any], lines: Iterable[str]) -> None:
    """Print the outcome: `data` with `--json`, else the sentences."""
    if wants_json():
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        for line in lines:
            click.echo(line)


def report_refusal(error: Exception) -> None:
    """Print why something was refused: code, words, advice, and every single problem."""
    refusal = _refusal(error)
    if wants_json():
        click.echo(json.dumps({"refused": refusal}, ensure_ascii=False, indent=2))
        return
    click.echo(f"Refused ({refusal['code']}): {refusal['detail']}", err=True)
    for problem in getattr(error, "problems", ()):
        click.echo(problem_line(problem), err=True)
    if refusal["advice"]:
        click.echo(refusal["advice"], err=True)


def problem_line(problem: Problem) -> str:
    """One problem for a person: where, what, and its code."""
    return f"  {problem.path or '/'}: {problem.detail} ({problem.code})"


def problem_data(problem: Problem) -> dict[str, str]:
    """One problem for a program."""
    return {"code": problem.code, "detail": problem.detail, "path": problem.path}


def wants_json() -> bool:
    """True when the running command was given `--json`."""
    return bool(click.get_current_context().meta.get(JSON_WANTED, False))


def _remember(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        context.meta[JSON_WANTED] = True


def _refusal(error: Exception) -> dict[str, Any]:
    return {
        "code": getattr(error, "error_code", None) or getattr(error, "code", "error"),
        "detail": getattr(error, "detail", str(error)),
        "path": getattr(error, "path", ""),
        "advice": getattr(error, "advice", ""),
        "problems": [problem_data(problem) for problem in getattr(error, "problems", ())],
    }
