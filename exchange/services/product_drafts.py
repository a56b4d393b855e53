"""From a stored calculation to a product's dataset: the whole content, and one call that has it signed or signable."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError
from exchange.domain.groups import DatasetKind
from exchange.services.browser_signing import prepare_signing
from exchange.services.calculation_views import STANDING, CalculationView, ProductView, get_calculation
from exchange.services.calculations import read_inputs
from exchange.services.context import Context
from exchange.services.product_content import Document, product_content
from exchange.services.publish import (
    Publication,
    check_submission,
    get_publication,
    publication_within,
    submit_within,
)
from exchange.store import bills, publications
from exchange.store import calculations as query
from exchange.trust.token import Unsigned


def draft_product(ctx: Context, calculation_id: str, product_id: str) -> Document:
    """The content of a product's dataset by a stored calculation, in the newest schema; nothing is stored.

    Raises NotFoundError, and InvalidError `calculation.no_figures` for a product of which nothing was made.
    """
    ctx.who.require(Role.EDITOR)
    calculation = get_calculation(ctx, calculation_id)
    return product_content(ctx, calculation, _product(calculation, product_id))


def publish_product(
    ctx: Context,
    calculation_id: str,
    product_id: str,
    complete: Callable[[Document], Document] | None = None,
    *,
    is_confirmed: bool = False,
    may_lose: bool = True,
) -> Publication:
    """Hand a product's dataset to the worker for its signature: the one button, however often it is pressed.

    Where the product of this calculation waits for its signature or is in force with it, that publication is the
    answer; where another dataset has taken its place since, or it was revoked, it is published again.

    `complete` adds to the draft what no calculation knows and its owner does (composition, the product's own value
    added); None: the draft as it is. Raises the codes of `draft_product`, `dataset.invalid` with every problem a check
    finds, `dataset.loses` unless it `may_lose` what the version in force says, and ConflictError:
    `calculation.outdated` where bills, keys or factors have changed since, unless that is confirmed, and
    `calculation.other_site` for what another site made too, whose figures these are not.
    """
    ctx.who.require(Role.SIGNER)
    calculation = get_calculation(ctx, calculation_id)
    product = _product(calculation, product_id)
    if standing := _standing(ctx, product):
        return standing
    _refuse_other_site(ctx, calculation, product)
    if not is_confirmed:
        _refuse_outdated(ctx, calculation)
    draft = product_content(ctx, calculation, product)
    content = complete(draft) if complete is not None else draft
    check_submission(ctx, DatasetKind.PRODUCT, content, may_lose=may_lose)
    with ctx.store.write() as session:
        return _submit_once(ctx, session, calculation_id, product_id, content)


def prepare_product(
    ctx: Context, calculation_id: str, product_id: str, kid: str, *, may_lose: bool = True
) -> Unsigned:
    """What the own key `kid` has to sign to publish a product's dataset as drafted; see `prepare_signing`.

    Once it is published, the calculation knows its draft as published like one the worker signed
    (`signed_drafts`). Raises the codes of `publish_product` and `prepare_signing`, and ConflictError
    `publication.waiting` while the worker is still to sign this draft.
    """
    ctx.who.require(Role.SIGNER)
    calculation = get_calculation(ctx, calculation_id)
    product = _product(calculation, product_id)
    if (standing := _standing(ctx, product)) and standing.state == "waiting":
        raise ConflictError(
            "The exchange has been asked to sign this dataset and is about to.",
            code="publication.waiting",
            advice="Wait until it is published; then sign it yourself as a new version if you wish.",
        )
    _refuse_other_site(ctx, calculation, product)
    _refuse_outdated(ctx, calculation)
    draft = product_content(ctx, calculation, product)
    return prepare_signing(ctx, DatasetKind.PRODUCT, draft, kid, may_lose=may_lose)


def _standing(ctx: Context, product: ProductView) -> Publication | None:
    """The publication of this very draft that waits for its signature, or is in force with it."""
    if product.publication_id is None or not product.is_standing:
        return None
    found = get_publication(ctx, product.publication_id)
    return found if found.state in STANDING else None


def _submit_once(
    ctx: Context, session: Session, calculation_id: str, product_id: str, content: Document
) -> Publication:
    """Of two that publish at once the second finds the first's publication behind the lock."""
    row = query.find_product(session, calculation_id, product_id, lock=True)
    if row is None:
        raise NotFoundError
    if row.publication_id:
        standing = publication_within(ctx, session, row.publication_id)
        today = publications.states_of(session, [row.publication_id])[row.publication_id]
        if {standing.state, today} <= STANDING:
            return standing
    publication = submit_within(ctx, session, DatasetKind.PRODUCT, content)
    row.publication_id = publication.id
    session.add(row)
    return publication


def _refuse_outdated(ctx: Context, calculation: CalculationView) -> None:
    header = calculation.header
    if not read_inputs(ctx, header.site_id, header.period).are_those_of(header):
        raise ConflictError(
            "Bills, keys or factors have changed since this was calculated.",
            code="calculation.outdated",
            advice="Calculate again, look at what changed, and publish that.",
        )


def _refuse_other_site(ctx: Context, calculation: CalculationView, product: ProductView) -> None:
    header = calculation.header
    with ctx.store.read() as session:
        others = bills.other_sites_making(
            session, ctx.who.organisation_id, product.id, header.site_id, header.period
        )
    if others:
        raise ConflictError(
            f"{product.name} is also made at {', '.join(others)} in this period, and these figures leave that out.",
            code="calculation.other_site",
            advice="A product has one dataset for a period: register what each site makes as a product of its own.",
        )


def _product(calculation: CalculationView, product_id: str) -> ProductView:
    for product in calculation.products:
        if product.id == product_id:
            return product
    if product_id in calculation.without_output:
        raise InvalidError(
            "Nothing was made of this product in the period, so it has no figures per unit.",
            code="calculation.no_figures",
            advice="Enter what was produced, or choose another period.",
        )
    raise NotFoundError
