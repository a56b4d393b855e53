"""Operations of the API: a handler, its path and method, and all else read off its type annotations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter

from exchange.api.wire import JSON, In, Query, Reply
from exchange.domain.actors import Role

Handler = TypeVar("Handler", bound=Callable[..., Any])
_PARAMETER = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Operation:
    """One method on one path. `role` is the right a caller needs; None marks an operation open to anybody.

    `handler(ctx, <path values>, query=…, body=…, media_type=…)` takes what it names. `answers` maps statuses
    to their content where the return type does not say it; `produces` lists media types the caller may
    choose from. `has_secret`: the answer is
    shown once and never kept.
    """

    tag: str
    method: str
    path: str
    handler: Callable[..., Any]
    role: Role | None
    status: int = 200
    answers: Mapping[int, Any] = field(default_factory=dict)
    produces: tuple[str, ...] = (JSON,)
    has_secret: bool = False

    @property
    def name(self) -> str:
        """Unique name, as OpenAPI's operationId."""
        return f"{self.tag.replace('-', '_')}_{self.handler.__name__}"

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The handler's annotations with their constraints."""
        return get_type_hints(self.handler, include_extras=True)

    @cached_property
    def path_types(self) -> dict[str, TypeAdapter[str]]:
        """Validators of the path's values, by name."""
        return {name: TypeAdapter(self.hints[name]) for name in _PARAMETER.findall(self.path)}

    @property
    def query(self) -> type[Query] | None:
        """The model of the query string, if the handler takes one."""
        return self.hints.get("query")

    @property
    def bodies(self) -> tuple[type, ...]:
        """The kinds of body the handler takes, each with its media types."""
        wanted = self.hints.get("body")
        if wanted is None:
            return ()
        return get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,)

    @property
    def returns(self) -> Mapping[int, Any]:
        """The type of the content by status; NoneType for none."""
        answer = self.hints["return"]
        return self.answers or {self.status: get_args(answer)[0] if get_origin(answer) is Reply else answer}

    @property
    def is_write(self) -> bool:
        """True when the operation changes something."""
        return self.method != "GET"

    @property
    def takes_media_type(self) -> bool:
        """True when the handler wants to know which media type was chosen."""
        return "media_type" in self.hints

    @property
    def rule(self) -> str:
        """The path as Flask spells it."""
        return _PARAMETER.sub(r"<\1>", self.path)


def media_types_of(body: type) -> tuple[str, ...]:
    """The media types a kind of body comes in."""
    if issubclass(body, In):
        return (JSON,)
    known: tuple[str, ...] = body.media_types  # type: ignore[attr-defined]
    return known


class Resource:
    """The operations of one resource, in the order they were declared."""

    def __init__(self, tag: str, description: str) -> None:
        self.tag = tag
        self.description = description
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        path: str,
        *,
        role: Role | None = Role.VIEWER,
        status: int = 200,
        answers: Mapping[int, Any] | None = None,
        produces: tuple[str, ...] = (JSON,),
        has_secret: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated handler as the operation `method path`."""

        def declare(handler: Handler) -> Handler:
            made = Operation(
                self.tag,
                method,
                path,
                handler,
                role,
                status,
                answers or {},
                produces,
                has_secret,
            )
            _check_signature(made)
            self.operations.append(made)
            return handler

        return declare


def _check_signature(operation: Operation) -> None:
    """A handler takes ctx, exactly the path's values, and what else it names of query, body, media_type."""
    taken = set(inspect.signature(operation.handler).parameters)
    needed = {"ctx", *_PARAMETER.findall(operation.path)}
    if not needed <= taken or taken - needed - {"query", "body", "media_type"}:
        raise TypeError(f"{operation.name} takes {sorted(taken)}, its path gives {sorted(needed)}")
