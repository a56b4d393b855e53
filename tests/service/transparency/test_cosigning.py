"""Checkpoints shown to witnesses that answer well, badly, late, with a lie, or with another history."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from exchange.adapters.clock import SteppingClock
from exchange.adapters.witness_client import WitnessAnswer
from exchange.bootstrap import Exchange
from exchange.config import Settings
from exchange.domain.errors import ConflictError, InvalidError, UnavailableError
from exchange.services.transparency import cosigning, sequencing
from exchange.services.transparency.outbox import note_document
from exchange.services.transparency.serving import checkpoint
from exchange.services.transparency.witnesses import configured
from exchange.store.tables.jobs import JobRow
from exchange.store.tables.log import LogCheckpointRow, LogCosignatureRow
from exchange.trust.keys import PrivateKey, new_private_key
from exchange.trust.log.cosignature import check_cosignature, cosign
from exchange.trust.log.note import COSIGNATURE, read_note, sign_note, vkey_of
from exchange.trust.log.spelling import decode_hash
from exchange.trust.log.witness import SIZE
from tests import datasets
from tests.conftest import START
from tests.service.proven import opened_worker

Answering = Callable[[str, bytes], WitnessAnswer]


class Witnesses:
    """Two witnesses at addresses nobody listens on; each answers as the test says."""

    def __init__(self) -> None:
        self.keys: dict[str, PrivateKey] = {name: new_private_key() for name in ("one", "two")}
        self.asked: list[tuple[str, bytes]] = []
        self.answers: dict[str, Answering] = {}

    @property
    def setting(self) -> str:
        """What `VCX_WITNESSES` says."""
        return " ".join(
            f"{vkey_of(name, key.public_key(), COSIGNATURE)}@http://{name}.example"
            for name, key in self.keys.items()
        )

    def __call__(self, url: str, body: bytes) -> WitnessAnswer:
        """In the place of the HTTP client."""
        self.asked.append((url, body))
        name = url.removeprefix("http://").partition(".")[0]
        return self.answers.get(name, self.sign)(name, body)

    def sign(self, name: str, body: bytes) -> WitnessAnswer:
        """The cosignature, without asking anything."""
        line = cosign(_text_of(body), name, self.keys[name], START)
        return WitnessAnswer(200, "text/plain", line.encode())


def _text_of(body: bytes) -> str:
    return read_note(body.decode().partition("\n\n")[2]).text


@pytest.fixture
def witnesses(monkeypatch: pytest.MonkeyPatch) -> Witnesses:
    """Instead of the network."""
    made = Witnesses()
    monkeypatch.setattr(cosigning, "add_checkpoint", made)
    return made


@pytest.fixture
def told(settings: Settings, clock: SteppingClock, witnesses: Witnesses) -> Iterator[Exchange]:
    """A worker that knows both, with a signed log."""
    with opened_worker(settings.model_copy(update={"witnesses": witnesses.setting}), clock, "told") as worker:
        grow(worker)
        yield worker


def grow(worker: Exchange) -> int:
    """One entry more, signed; the size then."""
    ctx = worker.context()
    with ctx.store.write() as session:
        note_document(ctx, session, "script", ctx.new_id(), ctx.now())
    return sequencing.sequence(ctx).size


def lines(worker: Exchange) -> set[tuple[int, str]]:
    """Size and witness of every cosignature that is kept."""
    return {(row.size, row.witness) for row in datasets.rows(worker.store, LogCosignatureRow)}


def test_every_witness_is_shown_the_checkpoint_and_its_line_stands_under_it(
    told: Exchange, witnesses: Witnesses
) -> None:
    result = cosigning.cosign(told.context())
    assert result is not None and result.witnesses == ("one", "two")
    note = read_note(checkpoint(told.context()))
    for witness in configured(told.settings):
        assert check_cosignature(note, witness.key) == START
    assert [body.startswith(b"old 0\n\n") for _, body in witnesses.asked] == [True, True]


def test_who_has_signed_is_not_asked_again_and_the_next_proof_goes_on_from_there(
    told: Exchange, witnesses: Witnesses
) -> None:
    first = cosigning.cosign(told.context())
    cosigning.cosign(told.context())
    assert first is not None and len(witnesses.asked) == 2
    grow(told)
    cosigning.cosign(told.context())
    head, *path = witnesses.asked[-1][1].decode().partition("\n\n")[0].split("\n")
    assert head == f"old {first.size}" and path and all(len(decode_hash(line)) == 32 for line in path)


def test_one_that_fails_keeps_the_other_not_back_and_is_tried_again(
    told: Exchange, witnesses: Witnesses
) -> None:
    def silent(name: str, body: bytes) -> WitnessAnswer:
        raise UnavailableError("No answer.", code="witness.unreachable")

    witnesses.answers["one"] = silent
    with pytest.raises(UnavailableError) as failed:
        cosigning.cosign(told.context())
    assert failed.value.error_code == "witness.unreachable"
    assert {witness for _, witness in lines(told)} == {"two"}
    del witnesses.answers["one"]
    cosigning.cosign(told.context())
    assert {witness for _, witness in lines(told)} == {"one", "two"}


def test_witnesses_are_asked_at_the_same_time(told: Exchange, witnesses: Witnesses) -> None:
    """A silent one takes its full time to fail: after one another, the worker would stand still for each."""
    both = threading.Barrier(2)

    def together(name: str, body: bytes) -> WitnessAnswer:
        both.wait(timeout=10)
        return witnesses.sign(name, body)

    witnesses.answers = {"one": together, "two": together}
    result = cosigning.cosign(told.context())
    assert result is not None and result.witnesses == ("one", "two")


def test_a_witness_that_knows_more_or_less_names_its_size_and_is_shown_the_proof_from_there(
    told: Exchange, witnesses: Witnesses
) -> None:
    """Its cosignature was lost on the way, or kept by a database that is gone."""
    size, replies = grow(told), iter([409])

    def remembers(name: str, body: bytes) -> WitnessAnswer:
        if next(replies, None) == 409:
            return WitnessAnswer(409, SIZE, f"{size - 1}\n".encode())
        assert body.startswith(f"old {size - 1}\n".encode())
        return witnesses.sign(name, body)

    witnesses.answers["one"] = remembers
    assert cosigning.cosign(told.context()) is not None
    assert (size, "one") in lines(told)


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (WitnessAnswer(409, SIZE, b"1000000\n"), ConflictError, "witness.ahead"),
        (WitnessAnswer(422, "text/plain", b"proof.root\n"), ConflictError, "witness.inconsistent"),
        (WitnessAnswer(409, SIZE, b"3\n"), UnavailableError, "witness.restless"),
        (WitnessAnswer(409, SIZE, b"-3\n"), UnavailableError, "witness.size"),
        (WitnessAnswer(409, "text/plain", b"3\n"), UnavailableError, "witness.status_409"),
        (WitnessAnswer(404, "text/plain", b"unknown\n"), UnavailableError, "witness.status_404"),
        (WitnessAnswer(403, "text/plain", b"unsigned\n"), UnavailableError, "witness.status_403"),
        (WitnessAnswer(302, "text/plain", b""), UnavailableError, "witness.status"),
        (WitnessAnswer(500, "text/html", b"<h1>"), UnavailableError, "witness.status_500"),
        (WitnessAnswer(200, "text/plain", b""), UnavailableError, "witness.signature"),
        (WitnessAnswer(200, "text/plain", b"\xff\n"), UnavailableError, "witness.signature"),
        (WitnessAnswer(200, "text/plain", b"x" * 9000), UnavailableError, "witness.signature"),
    ],
)
def test_what_is_no_cosignature_is_told_by_code_and_not_kept(
    told: Exchange, witnesses: Witnesses, answer: WitnessAnswer, kind: type[Exception], code: str
) -> None:
    witnesses.answers["one"] = lambda name, body: answer
    with pytest.raises(kind) as refused:
        cosigning.cosign(told.context())
    assert refused.value.error_code == code  # type: ignore[attr-defined]
    assert {witness for _, witness in lines(told)} == {"two"}


def test_a_line_by_another_key_or_over_another_checkpoint_is_not_kept(
    told: Exchange, witnesses: Witnesses
) -> None:
    own, other = witnesses.keys["one"], witnesses.keys["two"]

    def answer(line: str) -> Answering:
        return lambda name, body: WitnessAnswer(200, "text/plain", line.encode())

    text = datasets.rows(told.store, LogCheckpointRow)[0].text.partition("\n\n")[0] + "\n"
    for forged in (
        cosign(text, "two", other, START),  # another witness's
        cosign(text.replace("log/", "gol/"), "one", own, START),  # over another log
        sign_note(text, "one", own),  # no cosignature: a plain signature of the note
    ):
        witnesses.answers["one"] = answer(forged)
        with pytest.raises(UnavailableError) as refused:
            cosigning.cosign(told.context())
        assert refused.value.error_code == "witness.signature"
    assert {witness for _, witness in lines(told)} == {"two"}


def test_only_the_witness_s_own_line_is_kept_of_what_it_sends(told: Exchange, witnesses: Witnesses) -> None:
    def chatty(name: str, body: bytes) -> WitnessAnswer:
        extra = cosign(_text_of(body), "stranger", new_private_key(), datetime.now(UTC))
        return WitnessAnswer(200, "text/plain", extra.encode() + witnesses.sign(name, body).body)

    witnesses.answers["one"] = chatty
    cosigning.cosign(told.context())
    assert "stranger" not in checkpoint(told.context())
    assert {witness for _, witness in lines(told)} == {"one", "two"}


def test_two_workers_that_ask_at_once_keep_one_line(told: Exchange, witnesses: Witnesses) -> None:
    def overtaken(name: str, body: bytes) -> WitnessAnswer:
        witnesses.answers.clear()
        cosigning.cosign(told.context())
        return witnesses.sign(name, body)

    witnesses.answers["one"] = overtaken
    cosigning.cosign(told.context())
    assert len(lines(told)) == len(datasets.rows(told.store, LogCosignatureRow)) == 2


def test_the_job_is_asked_for_with_the_checkpoint_and_only_where_there_are_witnesses(
    told: Exchange, worker: Exchange
) -> None:
    def asked() -> int:
        return sum(row.kind == cosigning.JOB_KIND for row in datasets.rows(told.store, JobRow))

    assert asked() == 1  # the second checkpoint shares the job that waits
    grow(dataclasses.replace(worker, store=told.store))
    assert asked() == 1


def test_before_there_is_a_checkpoint_there_is_nothing_to_show(worker: Exchange) -> None:
    assert cosigning.cosign(worker.context()) is None


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "name+00000000+AAAA@http://one.example",
        vkey_of("one", new_private_key().public_key()) + "@http://one.example",  # a log's kind of key
        Witnesses().setting + " " + Witnesses().setting,  # names twice
        " ".join(
            f"{vkey_of(f'w{number}', new_private_key().public_key(), COSIGNATURE)}@http://w.example"
            for number in range(16)
        ),  # more lines than a note holds
    ],
    ids=["no-key", "bad-id", "wrong-kind", "doubled", "too-many"],
)
def test_a_setting_that_names_no_witnesses_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(InvalidError) as refused:
        configured(settings.model_copy(update={"witnesses": text}))
    assert refused.value.error_code == "witness.setting" and "VCX_WITNESSES" in refused.value.advice
