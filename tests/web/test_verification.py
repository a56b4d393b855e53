"""What a reader is told about a signature is what verification finds at that moment."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta

from exchange.adapters.clock import SteppingClock
from exchange.bootstrap import Exchange
from exchange.domain.groups import DatasetKind
from exchange.services import publish, reading, verification
from exchange.services.key_rotation import end_key
from exchange.services.reading import GrantedDataset
from tests.factories import PASSWORD
from tests.web.conftest import World, content_of


def read(world: World) -> GrantedDataset:
    return reading.read_dataset(world.supplier.ctx, world.dataset_id)


def test_what_was_published_holds_and_is_by_its_owner(world: World) -> None:
    check = verification.check_shown(world.supplier.ctx, read(world))
    assert (check.holds, check.failure, check.is_expired, check.by_owner) == (True, "", False, True)


def test_a_changed_figure_no_longer_holds(world: World) -> None:
    shown = read(world)
    jwt, *disclosures, end = shown.token.split("~")
    salt, group, value = json.loads(base64.urlsafe_b64decode(disclosures[0] + "=="))
    forged = base64.urlsafe_b64encode(json.dumps([salt, group, {**value, "gwp_set": "AR5"}]).encode())
    token = "~".join([jwt, forged.decode().rstrip("="), *disclosures[1:], end])
    check = verification.check_shown(world.supplier.ctx, replace(shown, token=token))
    assert not check.holds
    assert check.failure


def test_a_key_that_was_lost_before_it_signed_is_told(world: World, clock: SteppingClock) -> None:
    shown = read(world)
    end_key(
        world.supplier.ctx,
        shown.dataset.kid,
        PASSWORD,
        exposed_since=shown.dataset.received_at - timedelta(hours=1),
    )
    assert not verification.check_shown(world.supplier.ctx, shown).holds


def test_a_dataset_past_its_validity_holds_but_is_expired(
    world: World, worker: Exchange, clock: SteppingClock
) -> None:
    content = content_of(world.supplier, world.product)
    until = world.supplier.ctx.now() + timedelta(days=30)
    sent = publish.submit_for_custody(world.supplier.ctx, DatasetKind.PRODUCT, content, valid_until=until)
    publish.sign_publication(worker.context(), sent.id)
    dataset_id = publish.get_publication(world.supplier.ctx, sent.id).dataset_id
    assert dataset_id
    shown = reading.read_dataset(world.supplier.ctx, dataset_id)
    assert not verification.check_shown(world.supplier.ctx, shown).is_expired
    clock.move(timedelta(days=31))
    check = verification.check_shown(world.supplier.ctx, shown)
    assert (check.holds, check.is_expired) == (True, True)


def test_a_key_of_another_organisation_is_told(world: World) -> None:
    shown = read(world)
    dataset = replace(shown.dataset, organisation_id=world.customer.id)
    assert not verification.check_shown(world.supplier.ctx, replace(shown, dataset=dataset)).by_owner
