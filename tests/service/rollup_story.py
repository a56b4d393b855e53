"""Two makers and a chain, small enough to work out by hand; published through the services."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from exchange.domain.groups import DatasetKind, FieldGroup, Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.linking import Prefer
from exchange.domain.periods import Period, year
from exchange.services import grants, publish
from exchange.services.chain_cells import ChainCell, chain_cells
from exchange.services.chain_views import ChainView
from exchange.services.chains import NewChain, Target, create_chain
from exchange.services.context import Context
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.dataset_entry import Published
from exchange.services.grants import GrantView, NewGrant
from exchange.services.products import Product
from exchange.services.rollup.running import RollupResult, run_rollup
from exchange.services.suppliers import confirm_supplier
from exchange.trust import sign
from tests.datasets import OwnKey, own_key, product, product_subject, quantity
from tests.factories import Party, party

MEASURED = {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}
Document = dict[str, Any]


@dataclass(frozen=True)
class Maker:
    """A party with the key it signs with."""

    party: Party
    key: OwnKey

    @classmethod
    def new(cls, ctx: Context, name: str) -> Maker:
        one = party(ctx, name)
        return cls(one, own_key(one))

    def publish(self, kind: DatasetKind, subject: Document) -> Published:
        ctx = self.party.ctx
        draft = draft_credential(
            kind, subject, credential_id=str(uuid.uuid4()), issuer=self.key.did, valid_from=ctx.now()
        )
        token = sign(draft, groups=groups_of(subject), key=self.key.private, kid=self.key.kid)
        return publish.publish_token(ctx, token.serialise())


@dataclass(frozen=True)
class Story:
    """Steel of one maker goes into chairs of another; a facilitator looks at the chain of the chairs.

    Per kg of steel: 2 kg CO2e, 1 kg resources (collected scrap, cut off), 3 DKK value added, nothing else goes in.
    Per chair: 1 kg CO2e, 5 kg resources before netting (4 of them the steel, 1 collected plastic), 20 DKK, 4 kg
    steel of which half the amount is measured.
    """

    ctx: Context
    steel_maker: Maker
    chair_maker: Maker
    facilitator: Party
    steel: Product
    chair: Product
    grants: dict[str, GrantView] = field(default_factory=dict)

    @classmethod
    def new(cls, ctx: Context) -> Story:
        one, other = Maker.new(ctx, "Granhøj Stål"), Maker.new(ctx, "Lindebo Møbler")
        return cls(
            ctx,
            one,
            other,
            party(ctx, "Bakkesund Klynge"),
            product(one.party, "Steel wire", category="steel-wire"),
            product(other.party, "Chair", category="chair", unit="H87"),
        )

    def publish_steel(
        self, *, in_year: int = 2025, co2e: str = "2", produced: str = "1000", **groups: Any
    ) -> None:
        subject = maker_subject(
            self.steel_maker,
            self.steel,
            in_year,
            effects(co2e=co2e, resources="1"),
            process={"inputs": []},
            breakdown=scrap("1"),
            commercial=commercial("3", produced, "KGM"),
        )
        self.steel_maker.publish(DatasetKind.PRODUCT, {**subject, **groups})

    def publish_chair(
        self, *, in_year: int = 2025, co2e: str = "1", value: str = "20", **groups: Any
    ) -> None:
        line = {
            "line": "1",
            "category": "steel-wire",
            "name": "Steel wire",
            "amount": quantity("4", "KGM"),
            "measured_share": "0.5",
            "explains": {"resources": quantity("4", "KGM")},
        }
        subject = maker_subject(
            self.chair_maker,
            self.chair,
            in_year,
            effects(co2e=co2e, resources="5"),
            process={"inputs": [line]},
            breakdown=scrap("1"),
            commercial=commercial(value, "100", "H87"),
        )
        subject["identity"]["mass"] = quantity("4", "KGM")
        self.chair_maker.publish(DatasetKind.PRODUCT, {**subject, **groups})

    def publish_delivery(
        self, *, in_year: int = 2025, amount: str = "400", confirmed: bool = True, **groups: Any
    ) -> None:
        self.steel_maker.publish(
            DatasetKind.DELIVERY,
            delivery_subject(self.steel_maker, self.chair_maker, self.steel, amount, year(in_year), **groups),
        )
        if confirmed:
            confirm_supplier(self.chair_maker.party.ctx, self.steel_maker.party.id)

    def publish_all(self, *, in_year: int = 2025) -> None:
        self.publish_steel(in_year=in_year)
        self.publish_chair(in_year=in_year)
        self.publish_delivery(in_year=in_year)

    def create_chain(self, *years: int, prefer: Prefer = Prefer.LINKED, **amounts: str) -> ChainView:
        """Ten chairs a year unless told otherwise (`chair="10", steel="50"`)."""
        wanted = amounts or {"chair": "10"}
        targets = tuple(
            Target({"chair": self.chair, "steel": self.steel}[name].id, year(number), Decimal(amount))
            for number in years or (2025,)
            for name, amount in wanted.items()
        )
        return create_chain(self.facilitator.ctx, NewChain("Chairs", targets, prefer))

    def roll_up(self, number: int = 2025) -> RollupResult:
        (result,) = run_rollup(self.ctx, year(number).start, year(number).end)
        return result

    def grant_all(self, *groups: FieldGroup, period: Period | None = None) -> None:
        opened = groups or (FieldGroup.INDICATORS, FieldGroup.COMMERCIAL, FieldGroup.PROCESS)
        for maker, about in ((self.steel_maker, self.steel), (self.chair_maker, self.chair)):
            self.grants[about.id] = self.grant(maker, about, *opened, period=period)

    def grant(
        self, maker: Maker, about: Product, *groups: FieldGroup, period: Period | None = None, **more: Any
    ) -> GrantView:
        facts: dict[str, Any] = {"purpose": Purpose.CHAIN_ROLLUP, "resolution": "exact", **more}
        until = maker.party.ctx.now() + timedelta(days=365)
        return grants.give_grant(
            maker.party.ctx,
            NewGrant(
                self.facilitator.id,
                DatasetKind.PRODUCT,
                about.id,
                frozenset(groups),
                valid_until=until,
                period=period,
                **facts,
            ),
        )

    def cell(
        self,
        chain: ChainView,
        indicator: Indicator = Indicator.CO2E,
        *,
        viewer: Party | None = None,
        at: int = 2025,
    ) -> ChainCell:
        seen = chain_cells((viewer or self.facilitator).ctx, chain.id)
        (found,) = [one for one in seen.cells if (one.indicator, one.period) == (indicator, year(at))]
        return found


def effects(**own: str) -> Document:
    """All five indicators with their own effects, zero where nothing is said, all measured."""
    amounts = {indicator.value: own.get(indicator.value, "0") for indicator in Indicator}
    return {
        "indicators": {
            name: {
                "own": quantity(amount, Indicator(name).unit.value),
                **({"zero_reason": "None occurs."} if amount == "0" else {}),
            }
            for name, amount in amounts.items()
        },
        "quality": dict.fromkeys(amounts, MEASURED),
    }


def line_of(about: Product, kilograms: str, number: str = "1") -> Document:
    """A line of a recipe that names a product, all of its amount measured."""
    amount = quantity(kilograms, "KGM")
    named = {"product": f"urn:uuid:{about.id}", "name": about.name}
    return {"line": number, **named, "amount": amount, "measured_share": "1"}


def scrap(kilograms: str) -> Document:
    """Secondary post-consumer material among the resources: nothing stands behind it."""
    return {"resources": {"secondary_post_consumer": quantity(kilograms, "KGM")}}


def commercial(value_added: str, produced: str, unit: str) -> Document:
    """Output and value added in constant prices."""
    value = {"amount": value_added, "currency": "DKK", "price_basis": "constant", "basis": "measured"}
    return {"produced": quantity(produced, unit), "value_added": value}


def maker_subject(maker: Maker, about: Product, in_year: int, figures: Document, **groups: Any) -> Document:
    return product_subject(maker.party, about, year=in_year, **figures, **groups)


def delivery_subject(
    sender: Maker, recipient: Maker, about: Product, amount: str, period: Period, **groups: Any
) -> Document:
    identity = {
        "kind": "delivery",
        "organisation": {"id": f"urn:uuid:{sender.party.id}", "name": sender.party.organisation.name},
        "product": {"id": f"urn:uuid:{about.id}", "name": about.name},
        "recipient": {"id": f"urn:uuid:{recipient.party.id}", "name": recipient.party.organisation.name},
        "period": period.to_wire(),
        "declared_unit": quantity("1", about.unit),
    }
    return {
        "id": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, about.id + recipient.party.id)}",
        "identity": identity,
        "commercial": {
            "deliveries": [{"quantity": quantity(amount, about.unit), "window": period.to_wire()}]
        },
        **groups,
    }
