"""The low entry: the little a dataset must carry to be published (the schema asks only what a reader holds)."""

from __future__ import annotations

from exchange.domain.checks.check import Check, Subject, at, dimension_of, problem
from exchange.domain.errors import Problem
from exchange.domain.quantities import Dimension

NEEDED_GROUP = {"product": "indicators", "delivery": "commercial", "stream": "byproducts"}
WITH_MASS = frozenset({Dimension.COUNT, Dimension.LENGTH, Dimension.AREA, Dimension.VOLUME})


def _minimum(subject: Subject) -> list[Problem]:
    kind = at(subject, "identity", "kind")
    group = NEEDED_GROUP.get(kind)
    if group is None:
        return [] if set(subject) - {"id", "identity"} else [_lacking("", "at least one answer or datapoint")]
    if group not in subject:
        return [_lacking(group, f"the field group {group}")]
    if kind == "delivery" and not at(subject, "commercial", "deliveries"):
        return [_lacking("commercial", "at least one delivery")]
    return []


def _lacking(group: str, what: str) -> Problem:
    path = (group,) if group else ()
    return problem("publish.minimum", path, f"To be published, the dataset needs {what}.", "Add it.")


def _quality(subject: Subject) -> list[Problem]:
    stated = at(subject, "quality") or {}
    return [
        problem(
            "quality.missing",
            ("quality", name),
            f"Nothing says how the figure for {name} came about.",
            "Give its measured, allocated, secondary and unknown shares; unknown 1 is an answer too.",
        )
        for name in at(subject, "indicators") or {}
        if stated.get(name) is None
    ]


def _mass(subject: Subject) -> list[Problem]:
    dimension = dimension_of(at(subject, "identity", "declared_unit"))
    if dimension not in WITH_MASS or at(subject, "identity", "mass") is not None:
        return []
    detail = "The product is declared by something other than its mass, and its mass is missing."
    advice = 'Give the mass of one declared unit; a product without mass has "0".'
    return [problem("mass.missing", ("identity", "mass"), detail, advice)]


_DATASETS = frozenset({"product", "delivery", "organisation", "stream", "effort"})
CHECKS = (
    Check(
        "publish.minimum",
        _DATASETS,
        "A published dataset carries the field group it is about.",
        _minimum,
        publishing_only=True,
    ),
    Check(
        "quality.missing",
        frozenset({"product", "delivery"}),
        "Each published indicator says how it came about.",
        _quality,
        publishing_only=True,
    ),
    Check(
        "mass.missing",
        frozenset({"product"}),
        "A published product that has mass gives it, unless its unit is a mass.",
        _mass,
        publishing_only=True,
    ),
)
