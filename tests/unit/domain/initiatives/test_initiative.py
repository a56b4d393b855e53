"""An initiative's rules, its payback, and that its codes are those of the effort survey."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from exchange.domain.errors import InvalidError
from exchange.domain.initiatives import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    Initiative,
    Motive,
    Place,
)

D = Decimal
EFFORT = Path(__file__).parents[4] / "schemas" / "effort" / "0.1.0.json"


def less(flow: str, value: str = "-0.12") -> ExpectedChange:
    return ExpectedChange(flow, ChangeKind.RELATIVE, D(value))


COMPRESSOR = Initiative(
    title="New compressor",
    effort=EffortIndicator.INVESTMENT,
    in_force=date(2025, 3, 1),
    place=Place("site", ("electricity",)),
    motive=Motive.COST_SAVINGS,
    changes=(less("electricity"),),
    investment=D(250000),
    saving=D(60000),
    customer_demand="urn:uuid:00000000-0000-4000-8000-000000000001",
)


def codes(**changes: object) -> list[tuple[str, str]]:
    """The code and path of every problem of the initiative with these parts changed."""
    with pytest.raises(InvalidError) as refused:
        replace(COMPRESSOR, **changes)  # type: ignore[arg-type]
    assert refused.value.error_code == refused.value.problems[0].code
    return [(problem.code, problem.path) for problem in refused.value.problems]


def test_codes_are_those_of_the_survey() -> None:
    survey = json.loads(EFFORT.read_text(encoding="utf-8"))["properties"]
    described = {
        name: field["description"]
        for name, field in {**survey["process"]["properties"], "circularity": survey["circularity"]}.items()
    }
    for number, effort in enumerate(EffortIndicator, start=1):
        assert described[effort.value].startswith(f"Effort indicator {number}:")
    motives = survey["process"]["properties"]["data_and_decisions"]["properties"]["motives"]
    assert list(Motive) == motives["items"]["enum"]


def test_payback_is_investment_over_yearly_saving() -> None:
    # 250 000 / 60 000 = 4 1/6 years
    assert COMPRESSOR.payback_years == Fraction(25, 6)
    assert replace(COMPRESSOR, investment=D(0)).payback_years == 0
    for unknown in ({"saving": D(0)}, {"saving": D(-5)}, {"saving": None}, {"investment": None}):
        assert replace(COMPRESSOR, **unknown).payback_years is None  # type: ignore[arg-type]


def test_every_problem_is_named_at_its_place() -> None:
    assert codes(title=" ") == [("initiative.title", "/title")]
    assert codes(title="x" * 201) == [("initiative.title", "/title")]
    assert codes(place=Place("")) == [("initiative.site", "/place/site")]
    assert codes(changes=(less("gas"),)) == [("initiative.flow", "/changes/0/flow")]
    twice = (less("electricity"), less("electricity"))
    assert codes(changes=twice) == [("initiative.flow_twice", "/changes/1/flow")]
    for value in ("0", "-1.01", "NaN", "Infinity"):
        assert codes(changes=(less("electricity", value),)) == [("initiative.change", "/changes/0/value")]
    assert codes(investment=D(-1)) == [("initiative.investment", "/investment")]
    assert codes(saving=D("NaN")) == [("initiative.saving", "/saving")]
    assert codes(title="", investment=D("NaN")) == [
        ("initiative.title", "/title"),
        ("initiative.investment", "/investment"),
    ]


def test_all_of_a_flow_may_fall_away_and_an_amount_may_be_any() -> None:
    assert replace(COMPRESSOR, changes=(less("electricity", "-1"),)).changes[0].value == -1
    fall = ExpectedChange("electricity", ChangeKind.AMOUNT, D(-40000))
    assert replace(COMPRESSOR, changes=(fall,)).changes == (fall,)


def test_it_applies_to_the_flows_named_else_to_those_that_change_else_to_all() -> None:
    assert COMPRESSOR.reach == Place("site", ("electricity",))
    unnamed = replace(COMPRESSOR, place=Place("site", product="bracket"), changes=(less("gas"),))
    assert unnamed.reach == Place("site", ("gas",), "bracket")
    assert unnamed.reach.holds("bracket", "gas")
    assert not unnamed.reach.holds("flange", "gas")
    assert not unnamed.reach.holds("bracket", "electricity")
    assert replace(COMPRESSOR, place=Place("site"), changes=()).reach.holds("", "anything")
