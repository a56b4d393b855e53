"""An exchange with a log that is covered by a witness, and datasets whose evidence is complete."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from exchange.adapters.clock import SteppingClock
from exchange.adapters.entropy import SeededEntropy
from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.domain.groups import DatasetKind
from exchange.services import publish
from exchange.services.context import Context
from exchange.services.dataset_entry import Published
from exchange.services.products import Product
from exchange.services.revocation.status_entries import reserve
from exchange.services.transparency.sequencing import sequence
from exchange.services.trust_root import make_trust_root
from exchange.trust.trust_root import TrustRoot, read_trust_root
from tests import datasets
from tests.factories import Party
from tests.witnessing import RunningWitness, witness_process
from tests.working import work_off


def trust_root(ctx: Context) -> TrustRoot:
    """The trust root as a verifier would keep it."""
    return read_trust_root(make_trust_root(ctx))


def own_dataset(firm: Party, about: Product, key: datasets.OwnKey | None = None) -> Published:
    """A full dataset signed with the firm's own key, naming a status entry."""
    signer = key or datasets.own_key(firm)
    subject, status = datasets.full_subject(firm, about), reserve(firm.ctx)
    token = datasets.signed(signer, subject, at=firm.ctx.now(), credentialStatus=status)
    return publish.publish_token(firm.ctx, token.serialise())


def custody_dataset(firm: Party, about: Product, worker: Exchange) -> str:
    """The id of a full dataset that the worker signed."""
    submitted = publish.submit_for_custody(firm.ctx, DatasetKind.PRODUCT, datasets.full_subject(firm, about))
    work_off(worker)
    found = publish.get_publication(firm.ctx, submitted.id)
    assert found.dataset_id, found.problems
    return found.dataset_id


@contextmanager
def witnessed(
    settings: Settings, clock: SteppingClock, folder: Path
) -> Iterator[tuple[Exchange, RunningWitness]]:
    """A worker whose checkpoints a real witness cosigns; the log is open already."""
    with opened_worker(settings, clock, "before") as plain:
        sequence(plain.context())
        (log,) = trust_root(plain.context()).logs
    with witness_process(folder / "witness", log.log_keys[0].vkey) as witness:
        named = {"witnesses": f"{witness.vkey}@{witness.url}", "witness_quorum": 1}
        with opened_worker(settings.model_copy(update=named), clock, "after") as worker:
            yield worker, witness


def seen_by(worker: Exchange, party: Party) -> Context:
    """The party's Context under the worker's settings, without its keys."""
    return dataclasses.replace(party.ctx, settings=worker.settings)


@contextmanager
def opened_worker(settings: Settings, clock: SteppingClock, seed: str) -> Iterator[Exchange]:
    """A worker under settings of its own."""
    opened = open_exchange(settings, "worker", clock=clock, entropy=SeededEntropy(seed))
    with closing(opened.store):
        yield opened
