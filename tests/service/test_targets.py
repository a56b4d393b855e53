"""Reduction targets and their progress, by hand (the plant's figures are in `tests.service.plant`)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.domain.indicators import Indicator
from exchange.domain.own_development import Level, Subject
from exchange.domain.periods import year
from exchange.domain.targets import Measure, Obstacle, Target
from exchange.services.context import Context
from exchange.services.sites import NewSite, create_site
from exchange.services.targets import add_target, list_targets, withdraw_target
from tests.factories import acting, party
from tests.service.plant import GRID, Plant, two_years

D, F = Decimal, Fraction


@pytest.fixture
def firm(ctx: Context) -> Plant:
    return two_years(ctx)


def promise(firm: Plant, subject: Subject | None = None) -> Target:
    """40 % less energy by 2028 than in 2024."""
    whole = Subject(Level.ORGANISATION, firm.party.id)
    return Target(Indicator.ENERGY, Measure.ABSOLUTE, 2024, 2028, D("0.4"), subject or whole)


def test_half_way_in_the_first_of_four_years(firm: Plant) -> None:
    # 108 000 MJ in 2024, needed 64 800; 86 400 in 2025 is half of the way, the straight line asks 97 200
    view = add_target(firm.ctx, promise(firm))
    assert (view.name, view.target) == ("Fjord Plast", promise(firm))
    found = view.progress
    assert (found.base, found.needed, found.latest_year, found.latest) == (108_000, 64_800, 2025, 86_400)
    assert (found.achieved, found.expected, found.on_track) == (F(1, 2), 97_200, True)
    assert list_targets(firm.ctx) == (view,)


def test_targets_of_a_site_and_of_a_product(firm: Plant) -> None:
    for subject, base in (
        (Subject(Level.SITE, firm.site_id), 108_000),
        (Subject(Level.PRODUCT, firm.arm), 54_000),
    ):
        assert add_target(firm.ctx, promise(firm, subject)).progress.base == base
    assert [one.name for one in list_targets(firm.ctx)] == ["Hall", "Arm"]


def test_a_year_that_lacks_a_site_is_passed_over(firm: Plant) -> None:
    yard = create_site(firm.ctx, NewSite("Yard")).id
    for number in (2024, 2025):
        firm.bill("Yard power", GRID, "1000", "KWH", year(number), site_id=yard)
    firm.calculate(2024, yard)  # and not 2025
    found = add_target(firm.ctx, promise(firm)).progress
    assert (found.base, found.obstacle, found.obstacle_year) == (111_600, Obstacle.AT_LEAST, 2025)


def test_what_is_withdrawn_is_gone_and_may_be_promised_anew(firm: Plant) -> None:
    view = add_target(firm.ctx, promise(firm))
    with pytest.raises(ConflictError, match="already") as refusal:
        add_target(firm.ctx, replace(promise(firm), reduction=D("0.5")))
    assert refusal.value.error_code == "target.exists"
    withdraw_target(firm.ctx, view.id)
    assert list_targets(firm.ctx) == ()
    with pytest.raises(ConflictError) as twice:
        withdraw_target(firm.ctx, view.id)
    assert twice.value.error_code == "row.withdrawn"
    assert add_target(firm.ctx, replace(promise(firm), reduction=D("0.5"))).progress.needed == 54_000


def test_a_share_of_more_digits_than_are_kept_is_refused(firm: Plant) -> None:
    with pytest.raises(InvalidError) as refusal:
        add_target(firm.ctx, replace(promise(firm), reduction=D("0.1234567890123")))
    assert (refusal.value.error_code, refusal.value.path) == ("quantity.range", "/reduction")


def test_nobody_promises_for_another_organisation(ctx: Context, firm: Plant) -> None:
    stranger = party(ctx).ctx
    for subject in (None, Subject(Level.SITE, firm.site_id), Subject(Level.PRODUCT, firm.arm)):
        with pytest.raises(NotFoundError):
            add_target(stranger, promise(firm, subject))
    view = add_target(firm.ctx, promise(firm))
    assert list_targets(stranger) == ()
    with pytest.raises(NotFoundError):
        withdraw_target(stranger, view.id)


def test_a_viewer_reads_and_does_not_promise(firm: Plant) -> None:
    viewer = acting(firm.party, Role.VIEWER)
    assert list_targets(viewer) == ()
    with pytest.raises(NotPermittedError):
        add_target(viewer, promise(firm))
    with pytest.raises(NotPermittedError):
        withdraw_target(viewer, "any")
