"""The story's datasets, published: by those with a key of their own as tokens, by the others over custody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from exchange.demo.calculating import enter_and_calculate
from exchange.demo.cast import Cast, Member
from exchange.demo.delivery_dataset import delivery_subject
from exchange.demo.product_dataset import completed, declared_subject
from exchange.demo.registry import Document
from exchange.demo.story.deliveries import DELIVERIES, SITES
from exchange.demo.story.model import YEARS, Product
from exchange.domain.groups import DatasetKind
from exchange.services.context import Context
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.product_drafts import draft_product, publish_product
from exchange.services.publish import publish_token, submit_for_custody
from exchange.services.revocation.status_entries import reserve
from exchange.services.suppliers import confirm_supplier
from exchange.trust import did_key, did_key_kid, sign
from exchange.trust.disclosure import SALT_BYTES
from exchange.trust.keys import PrivateKey


@dataclass(frozen=True)
class Sent:
    """A dataset on its way: whose, of which kind, about what."""

    owner: str
    kind: DatasetKind
    subject_id: str


def publish_all(cast: Cast) -> tuple[Sent, ...]:
    """Hand in every dataset of the story; what custody keys sign waits in the job table afterwards."""
    return tuple(
        Sent(member.story.key, kind, subject_id)
        for member, kind, subject_id in (*_products(cast), *_deliveries(cast))
    )


def confirm_suppliers(cast: Cast) -> None:
    """Every recipient says that it knows whom it buys from; what they sent must be published by now."""
    pairs = {(one.recipient, cast.registry.goods[one.product].maker): None for one in DELIVERIES}
    for recipient, supplier in pairs:
        confirm_supplier(cast.members[recipient].ctx, cast.members[supplier].id)


def _products(cast: Cast) -> Iterator[tuple[Member, DatasetKind, str]]:
    for site in SITES:
        member = cast.members[site.maker]
        calculated = enter_and_calculate(member, cast.registry, site) if site.bills else None
        for key in site.products:
            product, product_id = cast.registry.goods[key], cast.registry.products[key]
            for year in YEARS:
                if calculated is None:
                    document = declared_subject(cast.registry, site, product, year)
                    _publish(member, DatasetKind.PRODUCT, document)
                else:
                    _publish_calculated(member, calculated.calculations[year], product_id, product, year)
                yield member, DatasetKind.PRODUCT, product_id


def _deliveries(cast: Cast) -> Iterator[tuple[Member, DatasetKind, str]]:
    for delivery in DELIVERIES:
        goods = cast.registry.goods[delivery.product]
        sender = cast.members[goods.maker]
        for year in YEARS:
            subject_id = sender.ctx.new_id()
            document = delivery_subject(cast.registry, goods, delivery, year, subject_id)
            _publish(sender, DatasetKind.DELIVERY, document)
            yield sender, DatasetKind.DELIVERY, subject_id


def _publish_calculated(
    member: Member, calculation_id: str, product_id: str, product: Product, year: int
) -> None:
    """The draft of the calculation as its owner completes it; where the worker signs, by the page's own button."""
    complete = partial(completed, product=product, year=year)
    if member.key is None:
        # A site's keys are stated year by year, so that on the day of publishing they are the last year's.
        publish_product(member.ctx, calculation_id, product_id, complete, is_confirmed=True)
    else:
        content = complete(draft_product(member.ctx, calculation_id, product_id))
        publish_token(member.ctx, _signed(member.ctx, member.key, DatasetKind.PRODUCT, content))


def _publish(member: Member, kind: DatasetKind, subject: Document) -> None:
    if member.key is None:
        submit_for_custody(member.ctx, kind, subject)
    else:
        publish_token(member.ctx, _signed(member.ctx, member.key, kind, subject))


def _signed(ctx: Context, key: PrivateKey, kind: DatasetKind, subject: Document) -> str:
    public = key.public_key()
    credential = draft_credential(
        kind,
        subject,
        credential_id=ctx.new_id(),
        issuer=did_key(public),
        valid_from=ctx.now(),
        status=reserve(ctx),
    )
    token = sign(
        credential,
        groups=groups_of(subject),
        key=key,
        kid=did_key_kid(public),
        salt=lambda: ctx.entropy.take(SALT_BYTES),
    )
    return token.serialise()
