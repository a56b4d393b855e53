"""Flows: the things that go into or out of a site, each entered once however many bills it has."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field

from exchange.api.operation import Resource
from exchange.api.wire import (
    AmountText,
    DecimalText,
    Id,
    In,
    OptionalDecimalText,
    Out,
    Text,
    UnitText,
    decimal_of,
)
from exchange.domain.actors import Role
from exchange.domain.calculation.account import Energy, FlowDetail, Material, Waste, Water
from exchange.domain.calculation.flow_rules import (
    OPERATIONS,
    ORIGINS,
    PACKAGING_LEVELS,
    TREATMENTS,
    WATER_SOURCES,
)
from exchange.domain.own_factors import CARRIERS
from exchange.domain.quantities import UnitCode, parse_decimal, parse_unit
from exchange.services import flows
from exchange.services.context import Context

resource = Resource("flows", "What goes into or out of a site: energy, water, materials, packaging, waste.")

Carrier = Annotated[str, Field(max_length=20, json_schema_extra={"enum": sorted(CARRIERS)})]
Origin = Annotated[str, Field(max_length=20, json_schema_extra={"enum": list(ORIGINS)})]
WaterSource = Annotated[str, Field(max_length=20, json_schema_extra={"enum": list(WATER_SOURCES)})]
Level = Annotated[str, Field(max_length=10, json_schema_extra={"enum": ["", *PACKAGING_LEVELS]})]
Treatment = Annotated[str, Field(max_length=20, json_schema_extra={"enum": list(TREATMENTS)})]
Treated = Annotated[str, Field(max_length=3, json_schema_extra={"enum": ["", *OPERATIONS]})]


class EnergyIn(In):
    """Final energy of one carrier."""

    kind: Literal["energy"]
    carrier: Carrier
    origin: Origin = "mixed"

    def to_detail(self) -> Energy:
        """The domain's description."""
        return Energy(self.carrier, self.origin)


class WaterIn(In):
    """Water withdrawn, by source."""

    kind: Literal["water"]
    source: WaterSource = "public_supply"

    def to_detail(self) -> Water:
        """The domain's description."""
        return Water(self.source)


class MaterialIn(In):
    """Purchased material, or packaging where `level` names one.

    `mass` is kg for one unit of what is not counted by mass; the three shares are parts of 1 of the mass.
    """

    kind: Literal["material"]
    mass: AmountText | None = None
    pre_consumer: AmountText = "0"
    post_consumer: AmountText = "0"
    bio_based: AmountText = "0"
    is_by_product: bool = False
    level: Level = ""
    country: Annotated[str, Field(max_length=2)] = ""
    supplier: Annotated[str, Field(max_length=200)] = ""

    def to_detail(self) -> Material:
        """The domain's description; raises InvalidError `quantity.amount`."""
        shares = {
            name: parse_decimal(getattr(self, name), f"/detail/{name}", signed=True)
            for name in ("pre_consumer", "post_consumer", "bio_based")
        }
        return Material(
            mass=decimal_of(self.mass, "/detail/mass"),
            is_by_product=self.is_by_product,
            level=self.level,
            country=self.country,
            supplier=self.supplier,
            **shares,
        )


class WasteIn(In):
    """Waste handed over: six digits of the European List of Waste, treatment, and recovery or disposal operation."""

    kind: Literal["waste"]
    code: Annotated[str, Field(max_length=20, examples=["120101"])]
    treatment: Treatment
    operation: Treated = ""

    def to_detail(self) -> Waste:
        """The domain's description."""
        return Waste(self.code, self.treatment, self.operation)


class FlowIn(In):
    """A flow to add, in any unit of its kind: energy is accounted in KWH, water in MTQ, waste and mass in KGM.

    `category` (an input class) or `product` (id of a supplier's listed product) say which recipe line it fills.
    `key_id` null: spread by the site's key by mass.
    """

    name: Text
    detail: Annotated[EnergyIn | WaterIn | MaterialIn | WasteIn, Field(discriminator="kind")]
    unit: UnitText
    category: Annotated[str, Field(max_length=80)] = ""
    product: Id | Literal[""] = ""
    key_id: Id | None = None

    def to_flow(self) -> flows.NewFlow:
        """What the service takes; raises InvalidError `quantity.amount`, `unit.unknown`."""
        unit = parse_unit(self.unit, "/unit")
        return flows.NewFlow(
            self.name, self.detail.to_detail(), unit, self.category, self.product, self.key_id
        )


class FlowKeyIn(In):
    """The key of the same site that spreads the flow from the next calculation on."""

    key_id: Id


class FlowInputIn(In):
    """Which recipe line the flow fills: an input class, a supplier's product, both, or none ("")."""

    category: Annotated[str, Field(max_length=80)] = ""
    product: Id | Literal[""] = ""


class EnergyOut(Out):
    """Final energy of one carrier."""

    kind: Literal["energy"] = "energy"
    carrier: str
    origin: str


class WaterOut(Out):
    """Water withdrawn, by source."""

    kind: Literal["water"] = "water"
    source: str


class MaterialOut(Out):
    """Purchased material, or packaging where `level` names one; shares are parts of 1 of the mass."""

    kind: Literal["material"] = "material"
    mass: OptionalDecimalText
    pre_consumer: DecimalText
    post_consumer: DecimalText
    bio_based: DecimalText
    is_by_product: bool
    level: str
    country: str
    supplier: str


class WasteOut(Out):
    """Waste handed over, by code and treatment."""

    kind: Literal["waste"] = "waste"
    code: str
    treatment: str
    operation: str


Described: TypeAlias = EnergyOut | WaterOut | MaterialOut | WasteOut
_KINDS: dict[type[FlowDetail], type[Described]] = {
    Energy: EnergyOut,
    Water: WaterOut,
    Material: MaterialOut,
    Waste: WasteOut,
}


def _described(detail: Any) -> Any:
    """The outward form of a domain description; anything else is left to Pydantic."""
    kind = _KINDS.get(type(detail))
    return kind.of(detail) if kind else detail


class FlowOut(Out):
    """A flow as stored, counted in `unit`."""

    id: Id
    site_id: Id
    name: str
    detail: Annotated[Described, BeforeValidator(_described), Field(discriminator="kind")]
    unit: UnitCode
    category: str
    product: str
    key_id: Id
    created_at: datetime


class FlowsOut(Out):
    """All flows of a site, by kind and name."""

    items: list[FlowOut]


@resource.operation("GET", "/sites/{site_id}/flows")
def list_of(ctx: Context, site_id: Id) -> FlowsOut:
    """List what goes into and out of a site."""
    return FlowsOut(items=[FlowOut.of(flow) for flow in flows.list_flows(ctx, site_id)])


@resource.operation("POST", "/sites/{site_id}/flows", role=Role.EDITOR, status=201)
def add(ctx: Context, site_id: Id, body: FlowIn) -> FlowOut:
    """Add a flow; the same name and description give the flow that is there."""
    return FlowOut.of(flows.add_flow(ctx, site_id, body.to_flow()))


@resource.operation("PUT", "/flows/{flow_id}/key", role=Role.EDITOR)
def set_key(ctx: Context, flow_id: Id, body: FlowKeyIn) -> FlowOut:
    """Spread a flow by another key of its site."""
    return FlowOut.of(flows.set_flow_key(ctx, flow_id, body.key_id))


@resource.operation("PUT", "/flows/{flow_id}/input", role=Role.EDITOR)
def set_input(ctx: Context, flow_id: Id, body: FlowInputIn) -> FlowOut:
    """Say which recipe line a flow fills."""
    return FlowOut.of(flows.set_flow_input(ctx, flow_id, body.category, body.product))
