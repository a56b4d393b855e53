"""A request names fields by group and name, as the schemas have them."""

from __future__ import annotations

import json
from pathlib import Path

import schemas

EXAMPLES = Path(schemas.__file__).parent / "examples"


def test_fields_are_groups_and_what_lies_in_them() -> None:
    fields = schemas.field_paths(schemas.latest("product"))
    assert {"indicators", "indicators/co2e", "indicators/co2e/own", "breakdown/waste/code"} <= fields
    assert "indicators/co2e/own/amount" not in fields
    assert "id" not in fields


def test_a_field_of_another_kind_is_unknown() -> None:
    request = json.loads((EXAMPLES / "request/valid/product-line.json").read_text("utf-8"))
    assert schemas.unknown_fields(request) == []
    request["lines"][0]["fields"][1]["field"] = "composition/TotalVolumeOfMaterialUsed"
    (problem,) = schemas.unknown_fields(request)
    assert (problem.code, problem.path) == ("request.field_unknown", "/lines/0/fields/1/field")
    request["lines"][0]["subject"]["type"] = "organisation"
    assert [one.path for one in schemas.unknown_fields(request)] == ["/lines/0/fields/0/field"]
