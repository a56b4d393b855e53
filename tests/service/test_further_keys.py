"""An organisation that signs with its own key gets no other key, kept or its own, that no person asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.bootstrap import Exchange
from exchange.domain.actors import Actor, Role
from exchange.domain.errors import ConflictError, InvalidError, NotPermittedError
from exchange.domain.groups import DatasetKind
from exchange.services import keys, publish
from exchange.services.context import Context
from exchange.services.identities import did_web
from exchange.services.identities.custody import reopen_custody
from exchange.services.key_proofs import make_proof
from exchange.services.key_rotation import end_key
from exchange.services.organisations import declare_domain
from exchange.trust.keys import PrivateKey, new_private_key, public_jwk
from tests.datasets import contents, full_subject, own_key, product
from tests.factories import PASSWORD, Party, party
from tests.service.identities.did_documents import DOMAIN, KID, Web, proof_of
from tests.working import work_off


@pytest.fixture
def firm(ctx: Context) -> Party:
    """A firm without a key."""
    return party(ctx, "Vestmølle A/S")


@pytest.fixture
def machine(firm: Party) -> Party:
    """The firm's API client, with all roles there are."""
    return replace(firm, ctx=firm.ctx.acting_as(Actor(firm.id, frozenset(Role), client_id=None)))


def register(firm: Party, key: PrivateKey, password: str | None = None) -> keys.SigningKey:
    """Bind the key."""
    now, audience = firm.ctx.now(), firm.ctx.settings.public_url
    proof = make_proof(key, audience=audience, organisation_id=firm.id, now=now)
    return keys.register_key(firm.ctx, public_jwk(key.public_key()), proof, password)


def submit(firm: Party) -> publish.Publication:
    """Leave a dataset to the exchange."""
    return publish.submit_for_custody(firm.ctx, DatasetKind.PRODUCT, full_subject(firm, product(firm)))


def test_no_custody_key_is_made_beside_an_own_one_unless_a_person_asks(
    firm: Party, machine: Party, worker: Exchange
) -> None:
    own, about = own_key(firm), product(firm)
    before = contents(firm.ctx.store)
    for who in (firm, machine):
        with pytest.raises(ConflictError) as refused:
            publish.submit_for_custody(who.ctx, DatasetKind.PRODUCT, full_subject(firm, about))
        assert refused.value.error_code == "custody.own_key" and refused.value.advice
    with pytest.raises(NotPermittedError) as impersonal:
        reopen_custody(machine.ctx, PASSWORD)
    assert impersonal.value.error_code == "person.only"
    with pytest.raises(InvalidError) as wrong:
        reopen_custody(firm.ctx, "another password")
    assert wrong.value.error_code == "password.wrong"
    assert contents(firm.ctx.store) == before
    reopen_custody(firm.ctx, PASSWORD)
    work_off(worker)
    sent = submit(machine)  # now the exchange signs for it, whoever hands in
    work_off(worker)
    assert publish.get_publication(firm.ctx, sent.id).state == "published"
    assert [one.kid == own.kid for one in keys.list_keys(firm.ctx)] == [True, False]


def test_what_waits_when_an_own_key_is_bound_makes_no_custody_key(firm: Party, worker: Exchange) -> None:
    sent = submit(firm)
    own = own_key(firm)
    work_off(worker)
    refused = publish.get_publication(firm.ctx, sent.id)
    assert (refused.state, [one.code for one in refused.problems]) == ("refused", ["custody.own_key"])
    assert [one.kid for one in keys.list_keys(firm.ctx)] == [own.kid]


def test_the_first_own_key_is_bound_by_a_machine_and_a_further_one_by_a_person(
    firm: Party, machine: Party
) -> None:
    first, second = new_private_key(), new_private_key()
    bound = register(machine, first)
    assert register(machine, first) == bound  # again changes nothing
    before = contents(firm.ctx.store)
    for who in (firm, machine):
        with pytest.raises(ConflictError) as refused:
            register(who, second)
        assert (refused.value.error_code, refused.value.path) == ("key.further", "/password")
    with pytest.raises(NotPermittedError):
        register(machine, second, PASSWORD)
    with pytest.raises(InvalidError) as wrong:
        register(firm, second, "another password")
    assert wrong.value.error_code == "password.wrong"
    assert contents(firm.ctx.store) == before
    register(firm, second, PASSWORD)
    assert len(keys.list_keys(firm.ctx)) == 2


def test_once_the_own_key_has_ended_a_machine_binds_the_next(firm: Party, machine: Party) -> None:
    end_key(firm.ctx, own_key(firm).kid, PASSWORD)
    assert register(machine, new_private_key()).retired_at is None


def test_a_key_of_the_own_domain_is_a_further_one_too(firm: Party, machine: Party, worker: Exchange) -> None:
    key, web = new_private_key(), Web()
    web.serve(key_1=key)
    declare_domain(firm.ctx, DOMAIN)
    asked = did_web.request_binding(machine.ctx, KID, proof_of(firm, key))
    own = own_key(firm)  # bound while the machine's request waits
    work_off(web.worker(worker))
    found = did_web.get_binding(firm.ctx, asked.id)
    assert (found.state, [one.code for one in found.problems]) == ("refused", ["key.further"])
    with pytest.raises(ConflictError) as refused:
        did_web.request_binding(machine.ctx, KID, proof_of(firm, key))
    assert refused.value.error_code == "key.further"
    named = did_web.request_binding(firm.ctx, KID, proof_of(firm, key), PASSWORD)
    work_off(web.worker(worker))
    assert did_web.get_binding(firm.ctx, named.id).state == "bound"
    assert {one.kid for one in keys.list_keys(firm.ctx)} == {own.kid, KID}
