"""Sites: named once per organisation, with one spreading key per method from the start."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from exchange.domain.actors import Role
from exchange.domain.calculation.account import KeyMethod
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.services import sites
from exchange.services.context import Context
from exchange.services.sites import NewSite
from exchange.services.spreading_keys import list_keys
from tests.accounts import site
from tests.datasets import contents
from tests.factories import Party, acting, party

WORKS = NewSite("Works", "1003456789", "Industrivej 1", "8000", "Aarhus", "DK", is_water_stressed=True)


def test_site_is_stored_with_a_key_for_every_method_but_stated_shares(firm: Party) -> None:
    made = sites.create_site(firm.ctx, WORKS)
    assert sites.get_site(firm.ctx, made.id) == made
    assert (made.name, made.p_number, made.postal_code, made.city) == (
        "Works",
        "1003456789",
        "8000",
        "Aarhus",
    )
    assert made.is_water_stressed
    keys = list_keys(firm.ctx, made.id)
    assert {key.method for key in keys} == set(KeyMethod) - {KeyMethod.SHARES}
    assert all(key.name == key.method.value and key.products == () for key in keys)


def test_sites_come_by_name(firm: Party) -> None:
    second, first = site(firm, "Works B"), site(firm, "Works A")
    assert sites.list_sites(firm.ctx) == (first, second)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        ({"name": " "}, "name.invalid", "/name"),
        ({"name": "a\x00"}, "name.invalid", "/name"),
        ({"p_number": "123"}, "id.p_number", "/p_number"),
        ({"p_number": "0003456789"}, "id.p_number", "/p_number"),
        ({"postal_code": "x"}, "site.postal_code", "/postal_code"),
        ({"country": "dk"}, "country.invalid", "/country"),
        ({"city": "x" * 201}, "name.invalid", "/city"),
        ({"address": "a\nb"}, "name.invalid", "/address"),
    ],
)
def test_site_that_breaks_a_rule_is_refused(
    firm: Party, change: dict[str, str], code: str, path: str
) -> None:
    before = contents(firm.ctx.store)
    with pytest.raises(InvalidError) as refusal:
        sites.create_site(firm.ctx, NewSite(**{**WORKS.__dict__, **change}))
    assert (refusal.value.error_code, refusal.value.path) == (code, path)
    assert contents(firm.ctx.store) == before


def test_name_is_used_once_per_organisation(ctx: Context, firm: Party) -> None:
    first, other = site(firm, "Works"), site(firm, "Hall")
    before = contents(ctx.store)
    acts: list[Callable[[], object]] = [
        lambda: sites.create_site(firm.ctx, WORKS),
        lambda: sites.change_site(firm.ctx, other.id, WORKS),
    ]
    for act in acts:
        with pytest.raises(ConflictError) as refusal:
            act()
        assert refusal.value.error_code == "site.exists"
    assert contents(ctx.store) == before
    assert site(party(ctx), "Works").name == first.name


def test_changed_site_keeps_its_id_and_keys(firm: Party) -> None:
    made = site(firm, "Works")
    keys = list_keys(firm.ctx, made.id)
    changed = sites.change_site(firm.ctx, made.id, NewSite("Hall", city="Odense"))
    assert (changed.id, changed.name, changed.city) == (made.id, "Hall", "Odense")
    assert sites.get_site(firm.ctx, made.id) == changed
    assert list_keys(firm.ctx, made.id) == keys


def test_another_organisations_site_is_not_found(ctx: Context, firm: Party) -> None:
    foreign = site(party(ctx))
    before = contents(ctx.store)
    for asked in (foreign.id, "unknown"):
        with pytest.raises(NotFoundError):
            sites.get_site(firm.ctx, asked)
        with pytest.raises(NotFoundError):
            sites.change_site(firm.ctx, asked, NewSite("Mine"))
    assert sites.list_sites(firm.ctx) == ()
    assert contents(ctx.store) == before


def test_viewer_reads_and_adds_nothing(firm: Party) -> None:
    made, viewer = site(firm), acting(firm, Role.VIEWER)
    assert sites.get_site(viewer, made.id) == made
    with pytest.raises(NotPermittedError):
        sites.create_site(viewer, WORKS)
    with pytest.raises(NotPermittedError):
        sites.change_site(viewer, made.id, WORKS)
