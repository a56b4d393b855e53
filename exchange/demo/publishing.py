"""The story's datasets, published: by those with a key of their own as tokens, by the others over custody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exchange.demo.cast import Cast, Member
from exchange.demo.delivery_dataset import delivery_subject
from exchange.demo.product_dataset import product_subject
from exchange.demo.registry import Document
from exchange.demo.story.deliveries import DELIVERIES, SITES
from exchange.demo.story.model import YEARS
from exchange.domain.groups import DatasetKind
from exchange.services.context import Context
from exchange.services.credentials import draft_credential, groups_of
from exchange.services.publish import publish_token, submit_for_custody
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
    sent = []
    for member, kind, subject in _documents(cast):
        _publish(member, kind, subject)
        sent.append(Sent(member.story.key, kind, subject["id"].removeprefix("urn:uuid:")))
    return tuple(sent)


def confirm_suppliers(cast: Cast) -> None:
    """Every recipient says that it knows whom it buys from; what they sent must be published by now."""
    pairs = {(one.recipient, cast.registry.goods[one.product].maker): None for one in DELIVERIES}
    for recipient, supplier in pairs:
        confirm_supplier(cast.members[recipient].ctx, cast.members[supplier].id)


def _documents(cast: Cast) -> Iterator[tuple[Member, DatasetKind, Document]]:
    for site in SITES:
        for product in (*site.produced, *(one.product for one in site.by_products)):
            for year in YEARS:
                document = product_subject(cast.registry, site, cast.registry.goods[product], year)
                yield cast.members[site.maker], DatasetKind.PRODUCT, document
    for delivery in DELIVERIES:
        goods = cast.registry.goods[delivery.product]
        sender = cast.members[goods.maker]
        for year in YEARS:
            document = delivery_subject(cast.registry, goods, delivery, year, sender.ctx.new_id())
            yield sender, DatasetKind.DELIVERY, document


def _publish(member: Member, kind: DatasetKind, subject: Document) -> None:
    if member.key is None:
        submit_for_custody(member.ctx, kind, subject)
    else:
        publish_token(member.ctx, _signed(member.ctx, member.key, kind, subject))


def _signed(ctx: Context, key: PrivateKey, kind: DatasetKind, subject: Document) -> str:
    public = key.public_key()
    credential = draft_credential(
        kind, subject, credential_id=ctx.new_id(), issuer=did_key(public), valid_from=ctx.now()
    )
    token = sign(
        credential,
        groups=groups_of(subject),
        key=key,
        kid=did_key_kid(public),
        salt=lambda: ctx.entropy.take(SALT_BYTES),
    )
    return token.serialise()
