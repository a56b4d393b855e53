"""Suppliers: a delivery takes part only where its recipient knows the sender; nobody rewrites a stranger's chain."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from exchange.domain.actors import Role
from exchange.domain.errors import NotFoundError, NotPermittedError
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import Period, year
from exchange.services.chain_cells import ChainCell, chain_cells
from exchange.services.chain_views import ChainView
from exchange.services.chains import list_chains
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.services.suppliers import (
    Supplier,
    SupplierState,
    confirm_supplier,
    page_suppliers,
    refuse_supplier,
)
from exchange.store.tables.relations import SupplierRelationRow
from exchange.store.tables.requests import AuditRow
from exchange.store.tables.rollup import NetworkRow, ReleaseRow
from tests.datasets import product, quantity
from tests.factories import Party, checked_party, operator, party
from tests.service.rollup_story import (
    Maker,
    Story,
    commercial,
    delivery_subject,
    effects,
    maker_subject,
)

WAITING, CONFIRMED, REFUSED = SupplierState
UNKNOWN = "00000000-0000-7000-8000-000000000001"


@pytest.fixture
def story(ctx: Context) -> Story:
    made = Story.new(ctx)
    made.publish_all()
    made.grant_all()
    return made


@pytest.fixture
def mallory(ctx: Context) -> Maker:
    return Maker.new(ctx, "Mallory Metal")


def attack(story: Story, mallory: Maker, *, amount: str = "1000", **groups: Any) -> Product:
    """A product of the class the chairs take, far dirtier, and a delivery of it nobody asked for."""
    about = dirty_wire(mallory)
    deliver(mallory, story.chair_maker, about, amount, **groups)
    return about


def dirty_wire(mallory: Maker) -> Product:
    """A published product of the class the chairs take: 50 kg CO2e per kg, 1000 kg made."""
    about = product(mallory.party, "Wire", category="steel-wire")
    figures = effects(co2e="50", resources="1")
    made = maker_subject(
        mallory,
        about,
        2025,
        figures,
        process={"inputs": []},
        commercial=commercial("1", "1000", "KGM"),
    )
    mallory.publish(DatasetKind.PRODUCT, made)
    return about


def deliver(sender: Maker, recipient: Maker, about: Product, amount: str, **groups: Any) -> None:
    subject = delivery_subject(sender, recipient, about, amount, year(2025), **groups)
    sender.publish(DatasetKind.DELIVERY, subject)


def cells(story: Story, chain: ChainView) -> tuple[ChainCell, ...]:
    return tuple(chain_cells(story.facilitator.ctx, chain.id).cells)


def releases(story: Story) -> list[dict[str, Any]]:
    with story.ctx.store.read() as session:
        rows = session.exec(select(ReleaseRow).order_by(col(ReleaseRow.id))).all()
        return [row.model_dump() for row in rows]


def states(party: Party) -> dict[str, SupplierState]:
    return {one.name: one.state for one in page_suppliers(party.ctx).items}


def test_a_delivery_nobody_asked_for_changes_no_cell_and_opens_no_chain(story: Story, mallory: Maker) -> None:
    chain, about = story.create_chain(), dirty_wire(mallory)
    first = story.roll_up()
    before, released = repr(cells(story, chain)), releases(story)
    assert story.cell(chain).value == 90  # as without the stranger's product
    deliver(mallory, story.chair_maker, about, "1000")
    again = story.roll_up()
    assert (again.identity, again.is_new, again.released) == (first.identity, False, 0)
    assert (repr(cells(story, chain)), releases(story)) == (before, released)
    assert story.cell(chain).status == "released"
    with pytest.raises(NotFoundError):
        chain_cells(mallory.party.ctx, chain.id)
    assert list_chains(mallory.party.ctx) == ()


def test_a_delivery_nobody_asked_for_cannot_stop_the_roll_up(story: Story, mallory: Maker) -> None:
    attack(story, mallory, amount="1000000")  # a thousand times what was produced
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).value == 90


def test_a_measured_delivery_of_a_stranger_takes_no_part(story: Story, mallory: Maker) -> None:
    shares = {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}
    attack(story, mallory, indicators={"co2e": {"own": quantity("90", "KGM")}}, quality={"co2e": shares})
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).value == 90


def test_a_confirmed_suppliers_delivery_enters_and_a_refused_ones_leaves(
    story: Story, mallory: Maker
) -> None:
    attack(story, mallory, amount="400")
    chain, owner = story.create_chain(), story.chair_maker.party
    unknown = story.roll_up()
    confirm_supplier(owner.ctx, mallory.party.id)
    confirmed = story.roll_up()
    assert confirmed.identity != unknown.identity
    # half the steel now comes from each: 10 x (1 + 2 x 2 + 2 x 50) = 1050, and nobody granted the second half
    (newest, _) = sorted(
        (row for row in releases(story) if row["indicator"] == "co2e"),
        key=lambda row: row["created_at"],
        reverse=True,
    )
    assert newest["value"] == 1050
    assert story.cell(chain).status == "confidential"
    refuse_supplier(owner.ctx, mallory.party.id)
    refused = story.roll_up()
    assert refused.identity == unknown.identity  # the same datasets take part as before
    assert story.cell(chain).value == 90


def test_without_a_confirmed_delivery_a_class_is_a_gap(ctx: Context) -> None:
    story = Story.new(ctx)
    story.publish_steel()
    story.publish_chair()
    story.publish_delivery(confirmed=False)
    story.grant_all()
    chain = story.create_chain()
    story.roll_up()
    assert [one.reason for one in story.cell(chain).missing] == ["no_delivery"]
    assert story.cell(chain).value == 10


def measured_for_a_named_line(ctx: Context) -> Story:
    """The chairs' recipe names the wire; 400 kg of it were measured at 0.5 kg CO2e, the average is 2."""
    story = Story.new(ctx)
    line = {
        "line": "1",
        "product": f"urn:uuid:{story.steel.id}",
        "name": "Steel wire",
        "amount": quantity("4", "KGM"),
        "measured_share": "1",
    }
    story.publish_steel()
    story.publish_chair(process={"inputs": [line]})
    shares = {"measured": "1", "allocated": "0", "secondary": "0", "unknown": "0"}
    own = {"co2e": {"own": quantity("0.5", "KGM")}}
    story.publish_delivery(confirmed=False, indicators=own, quality={"co2e": shares})
    story.create_chain()
    return story


def co2e_released(story: Story) -> list[Any]:
    rows = sorted(releases(story), key=lambda row: row["created_at"])
    return [row["value"] for row in rows if row["indicator"] == "co2e"]


def test_a_recipe_that_names_the_product_confirms_its_deliveries(ctx: Context) -> None:
    story = measured_for_a_named_line(ctx)
    story.roll_up()
    assert co2e_released(story) == [30]  # 10 x (1 + 4 x 0.5)


def test_a_refusal_outweighs_a_recipe_that_names_the_product(ctx: Context) -> None:
    story = measured_for_a_named_line(ctx)
    refuse_supplier(story.chair_maker.party.ctx, story.steel_maker.party.id)
    story.roll_up()
    assert co2e_released(story) == [90]  # the line reads the supplier's average: 10 x (1 + 4 x 2)


def test_somebody_elses_recipe_confirms_nothing(story: Story, mallory: Maker) -> None:
    about = attack(story, mallory)
    line = {
        "line": "1",
        "product": f"urn:uuid:{about.id}",
        "name": "Wire",
        "amount": quantity("1", "KGM"),
        "measured_share": "1",
    }
    other = product(mallory.party, "Net", category="net")
    mallory.publish(
        DatasetKind.PRODUCT,
        maker_subject(mallory, other, 2025, effects(co2e="1"), process={"inputs": [line]}),
    )
    chain = story.create_chain()
    story.roll_up()
    assert story.cell(chain).value == 90


def test_suppliers_are_listed_with_what_is_checked_of_them_and_when_they_delivered(ctx: Context) -> None:
    customer, staff = Maker.new(ctx, "Kunde"), operator(ctx)
    known = checked_party(ctx, staff, "Kendt A/S")
    sender = Maker.new(ctx, "Ukendt ApS")
    one = product(sender.party, "Rod")
    for number in (2023, 2025):
        sender.publish(DatasetKind.DELIVERY, delivery_subject(sender, customer, one, "1", year(number)))
    (found,) = page_suppliers(customer.party.ctx).items
    assert found == Supplier(
        sender.party.id,
        "Ukendt ApS",
        None,
        found.assurance,
        Period(year(2023).start, year(2025).end),
        WAITING,
        None,
    )
    assert found.assurance == "self_declared"
    assert page_suppliers(known.ctx).items == ()
    assert page_suppliers(sender.party.ctx).items == ()


def test_the_list_is_paged_newest_first_and_told_by_state(ctx: Context) -> None:
    customer = Maker.new(ctx, "Kunde")
    senders = [Maker.new(ctx, f"Sender {number}") for number in range(3)]
    for sender in senders:
        deliver(sender, customer, product(sender.party, "Rod"), "1")
    confirm_supplier(customer.party.ctx, senders[0].party.id)
    first = page_suppliers(customer.party.ctx, limit=2)
    second = page_suppliers(customer.party.ctx, cursor=first.next_cursor, limit=2)
    assert [len(first.items), len(second.items), second.next_cursor] == [2, 1, None]
    everybody = [one.id for one in (*first.items, *second.items)]
    assert sorted(everybody) == sorted(sender.party.id for sender in senders)
    assert states(customer.party) == {"Sender 0": CONFIRMED, "Sender 1": WAITING, "Sender 2": WAITING}
    waiting = page_suppliers(customer.party.ctx, WAITING).items
    assert {one.name for one in waiting} == {"Sender 1", "Sender 2"}
    assert [one.name for one in page_suppliers(customer.party.ctx, CONFIRMED).items] == ["Sender 0"]


def test_a_decision_is_kept_audited_and_makes_the_delivered_periods_stale(
    story: Story, mallory: Maker
) -> None:
    attack(story, mallory)
    story.create_chain(2025)
    story.create_chain(2023)
    with story.ctx.store.write() as session:
        for network in session.exec(select(NetworkRow)).all():
            network.stale_since = None
            session.add(network)
    owner = story.chair_maker.party
    decided = confirm_supplier(owner.ctx, mallory.party.id)
    assert (decided.state, decided.decided_at is not None) == (CONFIRMED, True)
    assert confirm_supplier(owner.ctx, mallory.party.id) == decided  # saying it again changes nothing
    with story.ctx.store.read() as session:
        row = session.get(SupplierRelationRow, (owner.id, mallory.party.id))
        assert row is not None
        assert (row.state, row.decided_by) == ("confirmed", owner.actor.user_id)
        written = session.exec(select(AuditRow).where(AuditRow.target_id == mallory.party.id)).all()
        assert [one.action for one in written if one.action.startswith("supplier.")] == ["supplier.confirmed"]
        stale = session.exec(select(NetworkRow).where(col(NetworkRow.stale_since).is_not(None))).all()
        assert [one.period_start for one in stale] == [year(2025).start]
    assert refuse_supplier(owner.ctx, mallory.party.id).state is REFUSED


def test_who_never_delivered_here_cannot_be_decided_on(story: Story, mallory: Maker) -> None:
    deliver(story.steel_maker, mallory, story.steel, "1")
    owner = story.chair_maker.party.ctx
    for supplier_id in (mallory.party.id, story.facilitator.id, story.chair_maker.party.id, UNKNOWN):
        for decide in (confirm_supplier, refuse_supplier):
            with pytest.raises(NotFoundError):
                decide(owner, supplier_id)


def test_only_editors_decide(story: Story) -> None:
    owner = story.chair_maker.party
    viewer = owner.ctx.acting_as(replace(owner.actor, roles=frozenset({Role.VIEWER})))
    assert states(replace(owner, ctx=viewer)) == {"Granhøj Stål": CONFIRMED}
    with pytest.raises(NotPermittedError):
        refuse_supplier(viewer, story.steel_maker.party.id)
    nobody = party(story.ctx)
    assert page_suppliers(nobody.ctx).items == ()
