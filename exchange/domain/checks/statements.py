"""Statements that need another one beside them, or that contradict one."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from exchange.domain.checks.check import Check, Path, Subject, at, entries, problem
from exchange.domain.errors import Problem
from exchange.domain.indicators import Indicator

SVHC_THRESHOLD = Fraction(1, 1000)
WORST_RATING = {"PEF": 5, "PACT": 3}
OBJECTIVES = frozenset({"CCM", "CCA", "WTR", "CE", "PPC", "BIO"})
_INDICATORS = tuple(one.value for one in Indicator)
ARTICLE_5_TESTS = ("certain_use", "no_further_processing", "integral_part", "lawful_use")


def _allocation(subject: Subject) -> list[Problem]:
    found = []
    for name, shares in (at(subject, "quality") or {}).items():
        method = at(shares, "allocation", "method")
        if Decimal(shares["allocated"]) == 0 or method not in (None, "none_direct_measurement"):
            continue
        detail = "Part of the figure is allocated, and nothing says how."
        advice = "Give allocation with its method, key and scope."
        found.append(problem("allocated.needs_key", ("quality", name, "allocation"), detail, advice))
    return found


def _ratings(subject: Subject) -> list[Problem]:
    found = []
    for name, shares in (at(subject, "quality") or {}).items():
        rating = shares.get("dqr", {})
        worst = WORST_RATING.get(rating.get("scale"), 0)
        for aspect in ("technology", "geography", "time"):
            if aspect in rating and not 1 <= Fraction(rating[aspect]) <= worst:
                detail = f"On the scale of {rating['scale']} a rating lies between 1 and {worst}."
                place = ("quality", name, "dqr", aspect)
                found.append(problem("quality.dqr_range", place, detail, "Correct the rating or the scale."))
    return found


def _zeros(subject: Subject) -> list[Problem]:
    stated = at(subject, "indicators") or {}
    return [
        problem(
            "zero.reason",
            ("indicators", name, "total"),
            "A total of zero needs its reason, so that nobody takes a gap for a zero.",
            "Add zero_reason, or leave the indicator out if the figure is not known.",
        )
        for name in _INDICATORS
        if "total" in (slices := stated.get(name, {}))
        and Fraction(slices["total"]["amount"]) == 0
        and "zero_reason" not in slices
    ]


def _boundary(subject: Subject) -> list[Problem]:
    if at(subject, "identity", "boundary") != "gate_to_gate":
        return []
    return [
        problem(
            "boundary.slices",
            ("indicators", indicator.value, part),
            "The boundary is gate to gate, and this figure reaches further.",
            "Declare the boundary cradle_to_gate, or give the own figure only.",
        )
        for indicator in Indicator
        for part in ("upstream", "total")
        if at(subject, "indicators", indicator.value, part) is not None
    ]


def _byproducts(subject: Subject) -> list[Problem]:
    claims: list[tuple[Path, Subject]] = list(entries(subject, "byproducts", "outputs"))
    claims.append((("byproducts",), at(subject, "byproducts") or {}))
    return [
        problem(
            "byproduct.tests",
            (*path, "article5"),
            "A by-product passes all four tests of the Waste Framework Directive Article 5; this one does not.",
            "Tick the four tests where there is evidence, or call it waste.",
        )
        for path, claim in claims
        if claim.get("status") == "by_product"
        and not all(at(claim, "article5", test) for test in ARTICLE_5_TESTS)
    ]


def _substances(subject: Subject) -> list[Problem]:
    if at(subject, "substances", "svhc_above_threshold") is not False:
        return []
    return [
        problem(
            "substances.threshold",
            (*path, "concentration"),
            "The substance makes up 0.1 % or more, and the dataset says that none does.",
            "Correct svhc_above_threshold, or the concentration.",
        )
        for path, substance in entries(subject, "substances", "svhc")
        if any(Fraction(share) >= SVHC_THRESHOLD for share in substance.get("concentration", {}).values())
    ]


def _alignment(subject: Subject) -> list[Problem]:
    found = []
    for path, statement in entries(subject, "taxonomy", "statements"):
        if statement["aligned"] == "aligned" and (lacking := _lacking(statement)):
            detail = f"The activity is called aligned, and this is not shown: {', '.join(lacking)}."
            advice = "Add what is lacking, or state eligible_not_aligned."
            found.append(problem("taxonomy.aligned", path, detail, advice))
    return found


def _lacking(statement: Subject) -> list[str]:
    """What an aligned activity must show and this one does not (Regulation (EU) 2020/852 Article 3)."""
    criteria = statement.get("substantial_contribution", [])
    others = OBJECTIVES - {statement["objective"]}
    safeguards = (
        at(statement, "minimum_safeguards", name) for name in ("oecd_guidelines", "ungp", "ilo_core")
    )
    shown = {
        "eligibility": statement["eligible"],
        "substantial contribution": criteria and all(one["met"] for one in criteria),
        "no significant harm to the other objectives": all(
            at(statement, "dnsh", one, "met") for one in others
        ),
        "minimum safeguards": all(safeguards),
    }
    return [name for name, holds in shown.items() if not holds]


def _season(subject: Subject) -> list[Problem]:
    stream = at(subject, "byproducts") or {}
    if stream.get("continuity") != "seasonal" or "month_shares" in stream:
        return []
    detail = "The stream is seasonal, and nothing says when it comes."
    place = ("byproducts", "month_shares")
    return [problem("stream.season", place, detail, "Give the share of each month, January to December.")]


def _request_groups(subject: Subject) -> list[Problem]:
    return [
        problem(
            "request.field_group",
            (*path, "fields", number, "group"),
            f'The field "{field["field"]}" is in the group {field["field"].split("/")[0]}, '
            f"not in {field['group']}.",
            "Name the group the field starts with.",
        )
        for path, line in entries(subject, "lines")
        for number, field in enumerate(line["fields"])
        if field["field"].split("/")[0] != field["group"]
    ]


_PRODUCT = frozenset({"product"})
_STREAM = frozenset({"stream"})
CHECKS = (
    Check(
        "allocated.needs_key",
        frozenset({"product", "delivery", "organisation", "stream"}),
        "A figure that is allocated in part names method, key and scope.",
        _allocation,
    ),
    Check(
        "quality.dqr_range",
        frozenset({"product", "delivery", "organisation", "stream"}),
        "A data quality rating lies on its named scale: PEF 1 to 5, PACT 1 to 3.",
        _ratings,
    ),
    Check("zero.reason", _PRODUCT, "A total of zero gives its reason.", _zeros),
    Check("boundary.slices", _PRODUCT, "A gate-to-gate dataset gives own figures only.", _boundary),
    Check(
        "byproduct.tests",
        _PRODUCT | _STREAM,
        "A by-product passes the four tests of the Waste Framework Directive Article 5.",
        _byproducts,
        group="byproducts",
    ),
    Check(
        "substances.threshold",
        _PRODUCT,
        "The flag for substances of very high concern agrees with their concentrations.",
        _substances,
        group="substances",
    ),
    Check(
        "taxonomy.aligned",
        frozenset({"product", "organisation"}),
        "An aligned activity shows contribution, no significant harm and safeguards.",
        _alignment,
        group="taxonomy",
    ),
    Check("stream.season", _STREAM, "A seasonal stream gives its months.", _season),
    Check(
        "request.field_group",
        frozenset({"request"}),
        "Each requested field is named with its own field group.",
        _request_groups,
    ),
)
