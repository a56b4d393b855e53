"""Nothing is replaced by less or by something else without a word: the preview warns, and a page has to ask."""

from __future__ import annotations

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.errors import InvalidError
from exchange.domain.groups import DatasetKind
from exchange.domain.revocation import RevocationReason
from exchange.services import publish
from exchange.services.browser_signing import prepare_signing
from exchange.services.context import Context
from exchange.services.products import Product
from exchange.services.revocation.revoking import revoke_dataset
from exchange.store.tables.datasets import DatasetRow, PublicationRow
from exchange.store.tables.revocation import StatusEntryRow
from tests.datasets import (
    contents,
    full_subject,
    keep_key,
    own_key,
    product,
    product_subject,
    published,
    rows,
)
from tests.factories import Party, party

LOST = (
    "/indicators/resources", "/indicators/water", "/indicators/energy", "/indicators/waste",
    "/breakdown", "/composition", "/circularity", "/process", "/commercial",
)  # fmt: skip


@pytest.fixture
def firm(ctx: Context) -> Party:
    return party(ctx)


@pytest.fixture
def about(firm: Party) -> Product:
    """A product with five indicators in force for 2025."""
    made = product(firm)
    published(firm, full_subject(firm, made))
    return made


def warned(firm: Party, subject: dict[str, object]) -> tuple[str, ...]:
    found = publish.preview(firm.ctx, DatasetKind.PRODUCT, subject)
    assert found.problems == () and {one.code for one in found.warnings} <= {"dataset.loses"}
    return tuple(one.path for one in found.warnings)


def test_the_preview_names_what_the_version_in_force_says_and_the_new_one_does_not(
    firm: Party, about: Product
) -> None:
    other = product(firm)
    before = contents(firm.ctx.store)
    assert warned(firm, product_subject(firm, about)) == LOST
    assert warned(firm, full_subject(firm, about)) == ()
    assert warned(firm, product_subject(firm, about, year=2024)) == ()
    assert warned(firm, product_subject(firm, other)) == ()
    assert contents(firm.ctx.store) == before


def test_the_preview_names_what_would_say_something_else_and_a_page_has_to_ask(
    firm: Party, about: Product
) -> None:
    other = {
        **full_subject(firm, about),
        "composition": {"materials": [{"material": "Castings", "mass_fraction": "1"}]},
        "breakdown": {"co2e": {"scope1": {"amount": "9", "unit": "KGM"}}},
    }
    (change,) = publish.preview(firm.ctx, DatasetKind.PRODUCT, other).warnings
    assert (change.code, change.path) == ("dataset.changes", "/composition")
    assert "would change: Steel would be gone" in change.detail
    with pytest.raises(InvalidError) as caught:
        publish.submit_for_custody(firm.ctx, DatasetKind.PRODUCT, other, may_lose=False)
    assert (caught.value.error_code, caught.value.problems) == ("dataset.loses", (change,))


def test_content_that_is_wrong_is_refused_before_anything_is_compared(firm: Party, about: Product) -> None:
    wrong = product_subject(firm, about, indicators={"co2e": {"own": {"amount": "?", "unit": "KGM"}}})
    found = publish.preview(firm.ctx, DatasetKind.PRODUCT, wrong)
    assert found.problems and found.warnings == ()


def test_a_revoked_version_has_nothing_to_lose(firm: Party, about: Product) -> None:
    (dataset,) = [one for one in rows(firm.ctx.store, DatasetRow) if one.subject_id == about.id]
    revoke_dataset(firm.ctx, dataset.id, RevocationReason.SIGNED_IN_ERROR)
    assert warned(firm, product_subject(firm, about)) == ()


def test_who_asks_for_it_is_refused_with_every_loss_and_nothing_is_stored(
    firm: Party, about: Product
) -> None:
    less, kid = product_subject(firm, about), own_key(firm).kid
    before = contents(firm.ctx.store)
    for attempt in (
        lambda: publish.submit_for_custody(firm.ctx, DatasetKind.PRODUCT, less, may_lose=False),
        lambda: prepare_signing(firm.ctx, DatasetKind.PRODUCT, less, kid, may_lose=False),
    ):
        with pytest.raises(InvalidError) as caught:
            attempt()
        assert caught.value.error_code == "dataset.loses"
        assert tuple(one.path for one in caught.value.problems) == LOST
    assert contents(firm.ctx.store) == before


def test_a_machine_that_does_not_ask_publishes_as_before(
    firm: Party, about: Product, worker: Exchange
) -> None:
    keep_key(firm, worker)
    publish.submit_for_custody(firm.ctx, DatasetKind.PRODUCT, product_subject(firm, about))
    prepare_signing(firm.ctx, DatasetKind.PRODUCT, product_subject(firm, about), own_key(firm).kid)
    assert len(rows(firm.ctx.store, PublicationRow)) == len(rows(firm.ctx.store, StatusEntryRow)) == 1
