"""What a new version of a dataset no longer says, or says otherwise, of what the version in force has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from exchange.domain.groups import FieldGroup

# What an owner states of a product: no other amount of the same thing, as in figures that are calculated anew.
STATED = (
    (FieldGroup.COMPOSITION.value,),
    (FieldGroup.SUBSTANCES.value,),
    (FieldGroup.CIRCULARITY.value,),
    (FieldGroup.PACKAGING.value,),
    (FieldGroup.COMMERCIAL.value, "value_added"),
)
NAMED_BY = ("material", "name")  # how the schemas name an entry of a list of these groups


@dataclass(frozen=True)
class Changed:
    """A part that both versions have and whose content differs.

    `path` is a JSON pointer into the old one; `gone` names the entries of its lists that the new one lacks.
    """

    path: str
    gone: tuple[str, ...]


def what_disappears(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """JSON pointers into `old` of what `new` lacks, in the fixed order of groups; both are credentialSubjects.

    `/indicators/<name>` for each indicator, `/<group>` for any other field group; () where nothing is lost. Other
    amounts of the same indicator are a change, which is what a new version is for.
    """
    name = FieldGroup.INDICATORS.value
    stated = new.get(name, {})
    indicators = [f"/{name}/{one}" for one in old.get(name, {}) if one not in stated]
    groups = [
        f"/{group.value}"
        for group in FieldGroup
        if group is not FieldGroup.INDICATORS and group.value in old and group.value not in new
    ]
    return (*indicators, *groups)


def what_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Changed, ...]:
    """The `STATED` parts whose group both credentialSubjects have and that differ, in their fixed order.

    The order of a list's entries is no difference.
    """
    return tuple(
        Changed("/" + "/".join(part), _gone(before, after))
        for part in STATED
        if part[0] in new
        and (before := _part_of(old, part)) is not None
        and _unordered(before) != _unordered(after := _part_of(new, part))
    )


def _part_of(subject: Mapping[str, Any], part: Iterable[str]) -> Any:
    found: Any = subject
    for name in part:
        found = found.get(name) if found is not None else None
    return found


def _gone(before: Any, after: Any) -> tuple[str, ...]:
    kept = _names(after)
    return tuple(name for name in _names(before) if name not in kept)


def _names(content: Any) -> tuple[str, ...]:
    """What the lists of a part name, each once, in their order."""
    if not isinstance(content, Mapping):
        return ()
    entries = [one for several in content.values() if isinstance(several, list) for one in several]
    named = [one for one in entries if isinstance(one, Mapping)]
    return tuple(dict.fromkeys(one[by] for one in named for by in NAMED_BY if by in one))


def _unordered(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {name: _unordered(content[name]) for name in sorted(content)}
    if isinstance(content, list):
        return sorted((_unordered(one) for one in content), key=repr)
    return content
