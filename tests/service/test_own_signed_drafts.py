"""Drafts signed with a key of one's own: everything that happens to one the worker signed happens to them too."""

from __future__ import annotations

from typing import Any

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.actors import Role
from exchange.domain.calculation.account import Energy
from exchange.domain.errors import ConflictError, InvalidError, NotFoundError, NotPermittedError
from exchange.domain.groups import DatasetKind
from exchange.domain.periods import year
from exchange.domain.revocation import RevocationReason
from exchange.services import publish, reading
from exchange.services.browser_signing import ways_to_sign
from exchange.services.calculation_views import ProductView, get_calculation
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.key_rotation import end_key
from exchange.services.organisation_drafts import draft_organisation, prepare_organisation
from exchange.services.own_signature import sign_content
from exchange.services.product_drafts import draft_product, prepare_product, publish_product
from exchange.services.revisions import preview_revision
from exchange.services.revocation.revoking import revoke_dataset
from exchange.services.sites import NewSite, create_site
from exchange.store.tables.calculations import CalculationRow
from exchange.store.tables.datasets import DatasetRow, PublicationRow
from exchange.store.tables.log import LogPendingRow
from exchange.trust import strict_json
from exchange.trust.token import Unsigned
from tests.datasets import OwnKey, contents, keep_key, own_key, rows, signed, token_of
from tests.factories import PASSWORD, acting, party
from tests.service.plant import Plant, two_years

STEEL = {"material": "steel", "mass_fraction": "1", "recycled_fraction": "0.5", "bio_based_fraction": "0"}
COMPOSITION = {"materials": [STEEL]}


@pytest.fixture
def firm(ctx: Context) -> Plant:
    """Two years booked and calculated."""
    return two_years(ctx)


@pytest.fixture
def key(firm: Plant) -> OwnKey:
    """A key of the firm's own."""
    return own_key(firm.party)


def signed_by(firm: Plant, key: OwnKey, unsigned: Unsigned) -> Published:
    """What the page does with the prepared bytes: sign them, publish the token."""
    token = unsigned.complete(key.private.sign(unsigned.text.encode("ascii")))
    return publish.publish_token(firm.ctx, token.serialise())


def arm_of(firm: Plant, calculation_id: str) -> ProductView:
    """What the calculation knows of the arm."""
    return next(one for one in get_calculation(firm.ctx, calculation_id).products if one.id == firm.arm)


def test_a_signed_draft_is_published_and_its_calculation_says_so(firm: Plant, key: OwnKey) -> None:
    calculation = firm.calculate(2025).header.id
    done = signed_by(firm, key, prepare_product(firm.ctx, calculation, firm.arm, key.kid))
    assert not done.custody
    drafted = draft_product(firm.ctx, calculation, firm.arm)
    assert reading.read_dataset(firm.ctx, done.dataset_id).subject == drafted
    arm = arm_of(firm, calculation)
    assert (arm.publication_state, arm.has_version) == ("published", True)
    assert arm.publication_id is not None
    found = publish.get_publication(firm.ctx, arm.publication_id)
    assert (found.dataset_id, found.kind, found.job_id) == (done.dataset_id, "product", "")
    assert publish_product(firm.ctx, calculation, firm.arm) == found  # the button finds it published
    assert [(one.event, one.digest) for one in rows(firm.ctx.store, LogPendingRow)][-1] == (
        "publish",
        done.digest,
    )


def test_vcx_sign_of_the_downloaded_document_marks_the_draft_as_well(firm: Plant, key: OwnKey) -> None:
    calculation = firm.calculate(2025).header.id
    file = strict_json.dumps(draft_product(firm.ctx, calculation, firm.arm))
    token = sign_content(file, kind=DatasetKind.PRODUCT, key=key.private, now=firm.ctx.now())
    done = publish.publish_token(firm.ctx, token.serialise())
    arm = arm_of(firm, calculation)
    assert arm.publication_id is not None
    assert publish.get_publication(firm.ctx, arm.publication_id).dataset_id == done.dataset_id


def test_publishing_the_same_token_again_notes_it_once(firm: Plant, key: OwnKey) -> None:
    calculation = firm.calculate(2025).header.id
    token = token_of(firm.party, key, draft_product(firm.ctx, calculation, firm.arm))
    assert publish.publish_token(firm.ctx, token) == publish.publish_token(firm.ctx, token)
    assert len(rows(firm.ctx.store, PublicationRow)) == 1


def test_a_revision_signed_oneself_supersedes_and_is_current(firm: Plant, key: OwnKey) -> None:
    old = firm.calculate(2025).header.id
    first = signed_by(firm, key, prepare_product(firm.ctx, old, firm.arm, key.kid))
    firm.bill("Wood", Energy("wood"), "5", "MWH", year(2025))
    changes = preview_revision(firm.ctx, old).figures
    assert {one.is_published for one in changes if one.product_id == firm.arm} == {True}
    with pytest.raises(ConflictError) as refused:
        prepare_product(firm.ctx, old, firm.arm, key.kid)
    assert refused.value.error_code == "calculation.outdated"
    new = firm.calculate(2025).header.id
    assert (arm_of(firm, new).publication_id, arm_of(firm, new).has_version) == (None, True)
    second = signed_by(firm, key, prepare_product(firm.ctx, new, firm.arm, key.kid))
    assert (second.version, second.supersedes_id) == (2, first.dataset_id)
    assert arm_of(firm, new).publication_state == "published"
    assert preview_revision(firm.ctx, new).is_current
    assert rows(firm.ctx.store, LogPendingRow)[-1].event == "supersede"


def recalculated(firm: Plant) -> str:
    """The same year after a further bill."""
    firm.bill("Wood", Energy("wood"), "5", "MWH", year(2025))
    return firm.calculate(2025).header.id


def refused_as_replaced(firm: Plant, key: OwnKey, unsigned: Unsigned) -> None:
    """The draft is refused, and nothing of it is stored."""
    before = contents(firm.ctx.store)
    with pytest.raises(ConflictError) as refused:
        signed_by(firm, key, unsigned)
    assert refused.value.error_code == "calculation.replaced" and refused.value.advice
    assert contents(firm.ctx.store) == before


def test_a_draft_left_open_is_not_signed_over_a_newer_calculation(firm: Plant, key: OwnKey) -> None:
    old = firm.calculate(2025).header.id
    left_open = prepare_product(firm.ctx, old, firm.arm, key.kid)
    new = recalculated(firm)
    refused_as_replaced(firm, key, left_open)  # nor before the newer one is published
    newer = signed_by(firm, key, prepare_product(firm.ctx, new, firm.arm, key.kid))
    refused_as_replaced(firm, key, left_open)
    assert arm_of(firm, new).publication_state == "published"
    assert reading.read_dataset(firm.ctx, newer.dataset_id).dataset.status == "active"


def test_an_older_draft_completed_by_hand_is_refused_too(firm: Plant, key: OwnKey) -> None:
    content = draft_product(firm.ctx, firm.calculate(2025).header.id, firm.arm)
    recalculated(firm)
    for altered in (content, content | {"composition": COMPOSITION}):
        with pytest.raises(ConflictError) as refused:
            publish.publish_token(firm.ctx, token_of(firm.party, key, altered))
        assert refused.value.error_code == "calculation.replaced"


def test_an_account_that_came_to_the_same_again_is_the_newest_again(firm: Plant, key: OwnKey) -> None:
    first = firm.calculate(2025)
    left_open = prepare_product(firm.ctx, first.header.id, firm.arm, key.kid)
    recalculated(firm)
    with firm.ctx.store.write() as session:  # as `calculate_site` does once the bill is taken out again
        row = session.get_one(CalculationRow, first.header.id)
        row.asked_at = firm.ctx.now()
        session.add(row)
    assert signed_by(firm, key, left_open).version == 1
    assert arm_of(firm, first.header.id).publication_state == "published"


def test_a_token_sent_again_is_answered_as_before_whatever_was_calculated_since(
    firm: Plant, key: OwnKey
) -> None:
    old = firm.calculate(2025).header.id
    token = token_of(firm.party, key, draft_product(firm.ctx, old, firm.arm))
    done = publish.publish_token(firm.ctx, token)
    new = recalculated(firm)
    assert publish.publish_token(firm.ctx, token) == done
    signed_by(firm, key, prepare_product(firm.ctx, new, firm.arm, key.kid))
    assert publish.publish_token(firm.ctx, token) == done
    assert arm_of(firm, old).publication_state == "superseded"
    assert len(rows(firm.ctx.store, PublicationRow)) == 2


def test_figures_whose_dataset_was_replaced_are_published_again(firm: Plant, worker: Exchange) -> None:
    calculation = firm.calculate(2025).header.id
    first = publish_product(firm.ctx, calculation, firm.arm)
    publish.sign_publication(worker.context(), first.id)
    key = own_key(firm.party)
    other = draft_product(firm.ctx, calculation, firm.arm)
    other.pop("evidence")
    typed = publish.publish_token(firm.ctx, token_of(firm.party, key, other))
    arm = arm_of(firm, calculation)
    assert (arm.publication_state, arm.is_standing, arm.has_version) == ("superseded", False, True)
    again = publish_product(firm.ctx, calculation, firm.arm)
    assert (again.id != first.id, again.state) == (True, "waiting")
    assert publish_product(firm.ctx, calculation, firm.arm) == again
    publish.sign_publication(worker.context(), again.id)
    (in_force,) = [row for row in rows(firm.ctx.store, DatasetRow) if row.status == "active"]
    assert (in_force.supersedes_id, in_force.version) == (typed.dataset_id, 3)
    assert arm_of(firm, calculation).publication_state == "published"


def test_figures_whose_dataset_was_revoked_are_no_longer_published(firm: Plant, key: OwnKey) -> None:
    calculation = firm.calculate(2025).header.id
    done = signed_by(firm, key, prepare_product(firm.ctx, calculation, firm.arm, key.kid))
    revoke_dataset(firm.ctx, done.dataset_id, RevocationReason.OTHER)
    assert arm_of(firm, calculation).publication_state == "withdrawn"
    assert signed_by(firm, key, prepare_product(firm.ctx, calculation, firm.arm, key.kid)).version == 2
    assert arm_of(firm, calculation).publication_state == "published"


def test_what_the_exchange_signed_may_be_signed_again_oneself(
    firm: Plant, key: OwnKey, worker: Exchange
) -> None:
    keep_key(firm.party, worker)
    calculation = firm.calculate(2025).header.id
    sent = publish_product(firm.ctx, calculation, firm.arm)
    with pytest.raises(ConflictError) as refused:
        prepare_product(firm.ctx, calculation, firm.arm, key.kid)
    assert refused.value.error_code == "publication.waiting"
    publish.sign_publication(worker.context(), sent.id)
    again = signed_by(firm, key, prepare_product(firm.ctx, calculation, firm.arm, key.kid))
    assert (again.version, again.custody) == (2, False)
    assert arm_of(firm, calculation).publication_id != sent.id


def test_while_the_worker_is_to_sign_the_draft_an_own_token_marks_nothing(
    firm: Plant, key: OwnKey, worker: Exchange
) -> None:
    keep_key(firm.party, worker)
    calculation = firm.calculate(2025).header.id
    token = token_of(firm.party, key, draft_product(firm.ctx, calculation, firm.arm))
    sent = publish_product(firm.ctx, calculation, firm.arm)
    publish.publish_token(firm.ctx, token)
    assert arm_of(firm, calculation).publication_id == sent.id


def other_figure(draft: dict[str, Any]) -> None:
    own = {"own": {"amount": "999", "unit": "KGM"}}
    draft["indicators"]["co2e"] = own
    draft.pop("breakdown")


def other_evidence(draft: dict[str, Any]) -> None:
    draft["evidence"]["items"][0]["sha256"] = "0" * 64


def no_evidence(draft: dict[str, Any]) -> None:
    draft.pop("evidence")


def other_year(draft: dict[str, Any]) -> None:
    draft["identity"]["period"] = year(2023).to_wire()


def other_output(draft: dict[str, Any]) -> None:
    draft["commercial"]["produced"]["amount"] = "999999"


def further_evidence(draft: dict[str, Any]) -> None:
    further = {"kind": "calculation", "sha256": "ab" * 32, "description": "Audited"}
    draft["evidence"]["items"].append(further | {"concerns": ["indicators/co2e"]})


def no_breakdown(draft: dict[str, Any]) -> None:
    draft.pop("breakdown")


def other_site(draft: dict[str, Any]) -> None:
    draft["site"]["sites"][0]["city"] = "Elsewhere"


CHANGES = (
    other_figure,
    other_evidence,
    no_evidence,
    other_year,
    other_output,
    further_evidence,
    no_breakdown,
    other_site,
)


@pytest.mark.parametrize("change", CHANGES)
def test_content_that_is_not_the_draft_marks_no_calculation(firm: Plant, key: OwnKey, change: Any) -> None:
    calculation = firm.calculate(2025).header.id
    content = draft_product(firm.ctx, calculation, firm.arm)
    change(content)
    if change is other_year:
        content.pop("breakdown")  # its steps are of the other year
    publish.publish_token(firm.ctx, token_of(firm.party, key, content))
    assert arm_of(firm, calculation).publication_id is None
    assert rows(firm.ctx.store, PublicationRow) == []


def test_what_no_calculation_knows_is_completed_by_hand_and_it_stays_the_draft(
    firm: Plant, key: OwnKey
) -> None:
    calculation = firm.calculate(2025).header.id
    content = draft_product(firm.ctx, calculation, firm.arm)
    content["composition"] = COMPOSITION
    content["commercial"]["value_added"] = {
        "amount": "12",
        "currency": "DKK",
        "price_basis": "current",
        "basis": "measured",
    }
    publish.publish_token(firm.ctx, token_of(firm.party, key, content))
    assert arm_of(firm, calculation).publication_state == "published"


def test_nobody_marks_another_firms_calculation(firm: Plant, ctx: Context) -> None:
    calculation = firm.calculate(2025).header.id
    draft, other = draft_product(firm.ctx, calculation, firm.arm), two_years(ctx)
    draft["id"] = f"urn:uuid:{other.arm}"
    draft["identity"]["organisation"] = {
        "id": f"urn:uuid:{other.party.id}",
        "name": other.party.organisation.name,
    }
    publish.publish_token(other.ctx, token_of(other.party, own_key(other.party), draft))
    assert arm_of(firm, calculation).publication_id is None
    assert rows(firm.ctx.store, PublicationRow) == []


def test_what_keeps_the_button_from_publishing_keeps_the_key_from_it(firm: Plant, key: OwnKey) -> None:
    calculation = firm.calculate(2025).header.id
    stranger, editor = party(firm.ctx.acting_as(None)), acting(firm.party, Role.EDITOR)
    before = contents(firm.ctx.store)
    with pytest.raises(NotFoundError):
        prepare_product(stranger.ctx, calculation, firm.arm, key.kid)
    with pytest.raises(InvalidError) as refused:
        prepare_product(firm.ctx, calculation, firm.arm, "did:key:z6Mk#z6Mk")
    assert refused.value.error_code == "signing.key"
    with pytest.raises(NotPermittedError):
        prepare_product(editor, calculation, firm.arm, key.kid)
    with pytest.raises(NotPermittedError):
        prepare_organisation(editor, 2025, key.kid)
    assert contents(firm.ctx.store) == before


def test_the_companys_year_is_signed_oneself_and_supersedes(firm: Plant, key: OwnKey) -> None:
    drafted = draft_organisation(firm.ctx, 2025).content
    first = signed_by(firm, key, prepare_organisation(firm.ctx, 2025, key.kid))
    assert (first.custody, first.version) == (False, 1)
    assert reading.read_dataset(firm.ctx, first.dataset_id).subject == drafted
    assert rows(firm.ctx.store, DatasetRow)[-1].kind == "organisation"
    second = signed_by(firm, key, prepare_organisation(firm.ctx, 2025, key.kid))
    assert (second.version, second.supersedes_id) == (2, first.dataset_id)
    create_site(firm.ctx, NewSite("Yard"))
    with pytest.raises(InvalidError) as refused:
        prepare_organisation(firm.ctx, 2025, key.kid)
    assert refused.value.error_code == "organisation.site_missing"
    assert prepare_organisation(firm.ctx, 2025, key.kid, is_confirmed=True).text


def test_a_declared_product_is_signed_oneself_without_a_calculation(firm: Plant, key: OwnKey) -> None:
    content = draft_product(firm.ctx, firm.calculate(2025).header.id, firm.arm)
    bare = {name: content[name] for name in ("id", "identity", "indicators", "quality")}
    token = signed(key, bare, at=firm.ctx.now())
    assert publish.publish_token(firm.ctx, token.serialise()).version == 1


def test_the_exchange_is_offered_until_there_is_an_own_key_and_after_that_while_it_keeps_one(
    firm: Plant, worker: Exchange
) -> None:
    def ways() -> tuple[int, bool, bool]:
        found = ways_to_sign(firm.ctx)
        return len(found.in_browser), found.has_own, found.has_custody

    assert ways() == (0, False, True)
    own = own_key(firm.party)
    assert ways() == (1, True, False)
    calculation = firm.calculate(2025).header.id
    with pytest.raises(ConflictError) as refused:
        publish_product(firm.ctx, calculation, firm.arm)
    assert refused.value.error_code == "custody.own_key"
    assert ways() == (1, True, False)
    keep_key(firm.party, worker)
    sent = publish_product(firm.ctx, calculation, firm.arm)
    publish.sign_publication(worker.context(), sent.id)
    assert ways() == (1, True, True)
    end_key(firm.ctx, own.kid, PASSWORD)
    assert ways() == (0, False, True)
