"""Check digits of identifiers and codes of the List of Waste, wherever in a document they stand."""

from __future__ import annotations

from collections.abc import Callable

from exchange.domain.checks.check import Check, Subject, entries, holding, problem
from exchange.domain.errors import Problem
from exchange.domain.identifiers import is_valid_cvr, is_valid_gtin, is_valid_lei
from exchange.domain.waste import is_hazardous, is_known_code


def _check_digit(
    member: str, code: str, name: str, valid: Callable[[str], bool]
) -> Callable[[Subject], list[Problem]]:
    """A check of every member of that name, at any depth."""

    def find(subject: Subject) -> list[Problem]:
        return [
            problem(
                code,
                (*path, member),
                f"{found[member]} is not a valid {name}: its check digit does not fit.",
                "Look for a mistyped digit.",
            )
            for path, found in holding(subject, member)
            if not valid(found[member])
        ]

    return find


def _unknown_waste(subject: Subject) -> list[Problem]:
    lines = [(path, "code", line["code"]) for path, line in entries(subject, "breakdown", "waste")]
    lines += [(path, "waste_code", one["waste_code"]) for path, one in holding(subject, "waste_code")]
    return [
        problem(
            "waste.code_unknown",
            (*path, member),
            f"{code} is not a code of the European List of Waste.",
            "Take the six digits from the waste carrier's statement.",
        )
        for path, member, code in lines
        if not is_known_code(code)
    ]


def _hazard_flags(subject: Subject) -> list[Problem]:
    found = []
    for path, line in entries(subject, "breakdown", "waste"):
        code, flag = line["code"], line["hazardous"]
        if not is_known_code(code) or is_hazardous(code) == flag:
            continue
        is_so, said = ("is", "not hazardous") if not flag else ("is not", "hazardous")
        detail = f"Waste {code} {is_so} hazardous by the List of Waste, and the entry says it is {said}."
        advice = "Correct the flag, or choose the other code of the pair."
        found.append(problem("waste.hazard_flag", (*path, "hazardous"), detail, advice))
    return found


_DATASETS = frozenset({"product", "delivery", "organisation", "stream", "effort"})
CHECKS = (
    Check(
        "id.cvr",
        _DATASETS,
        "Each CVR number has a fitting check digit.",
        _check_digit("cvr", "id.cvr", "CVR number", is_valid_cvr),
    ),
    Check(
        "id.gtin",
        frozenset({"product"}),
        "Each GTIN has a fitting check digit.",
        _check_digit("gtin", "id.gtin", "GTIN", is_valid_gtin),
    ),
    Check(
        "id.lei",
        _DATASETS,
        "Each LEI has fitting check digits.",
        _check_digit("lei", "id.lei", "LEI", is_valid_lei),
    ),
    Check(
        "waste.code_unknown",
        frozenset({"product", "organisation", "stream"}),
        "Each waste code is one of the 842 of the European List of Waste.",
        _unknown_waste,
    ),
    Check(
        "waste.hazard_flag",
        frozenset({"product", "organisation"}),
        "The hazard flag of a waste is the list's.",
        _hazard_flags,
        group="breakdown",
    ),
)
