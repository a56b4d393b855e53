"""`vcx witness` as a log meets it: one history for ever, remembered across a crash, and nothing told of itself."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from exchange.adapters.clock import SystemClock
from exchange.adapters.witness import Witness
from exchange.adapters.witness_app import Answer, WitnessApp
from exchange.adapters.witness_state import WitnessState, WitnessStateError
from exchange.trust.keys import new_private_key
from exchange.trust.log.cosignature import check_cosignature
from exchange.trust.log.note import read_note, read_vkey, vkey_of
from exchange.trust.trust_root import TrustedLog, TrustRoot
from tests.cli.conftest import Vcx
from tests.witnessing import NAME, RunningWitness, SmallLog, witness_process

ENTRIES = [b"entry %d" % number for number in range(20)]
SIZE = "text/x.tlog.size"
TEXT = "text/plain"


@pytest.fixture
def log() -> SmallLog:
    """The history the log tells everybody."""
    return SmallLog(ENTRIES)


@pytest.fixture
def watching(tmp_path: Path, log: SmallLog) -> Iterator[RunningWitness]:
    """A witness of that log."""
    with witness_process(tmp_path / "witness", log.vkey) as running:
        yield running


def test_a_growing_log_is_cosigned_and_the_line_verifies(watching: RunningWitness, log: SmallLog) -> None:
    for old, new in ((0, 5), (5, 8), (8, 8), (8, 20)):
        status, media_type, line = watching.ask(log.submission(old, new))
        assert (status, media_type, line.count("\n")) == (200, TEXT, 1), line
        note = read_note(log.note(new) + line)
        at = check_cosignature(note, read_vkey(watching.vkey))
        assert abs((SystemClock().now() - at).total_seconds()) < 30


def test_two_histories_are_never_both_cosigned(watching: RunningWitness, log: SmallLog) -> None:
    other = log.retold([b"another", *ENTRIES[1:]])
    assert watching.ask(log.submission(0, 5))[0] == 200
    assert watching.ask(other.submission(0, 5)) == (409, SIZE, "5\n")  # as if nothing had been seen
    assert watching.ask(other.submission(5, 5))[:2] == (422, TEXT)  # same size, another root
    assert watching.ask(other.submission(5, 8))[:2] == (422, TEXT)  # grown from another history
    assert watching.ask(log.submission(5, 8))[0] == 200


def test_a_tree_that_shrinks_or_builds_on_another_size_is_told_the_size(
    watching: RunningWitness, log: SmallLog
) -> None:
    assert watching.ask(log.submission(0, 8))[0] == 200
    assert watching.ask(log.submission(0, 5)) == (409, SIZE, "8\n")
    assert watching.ask(log.submission(5, 20)) == (409, SIZE, "8\n")
    assert watching.ask(b"old 8\n\n" + log.note(5).encode())[0] == 400


def test_what_is_no_checkpoint_of_a_log_it_watches_is_refused(
    watching: RunningWitness, log: SmallLog
) -> None:
    stranger = SmallLog(ENTRIES, "other.example/log")
    forged = SmallLog(ENTRIES, log.origin)
    assert watching.ask(stranger.submission(0, 5))[0] == 404
    assert watching.ask(forged.submission(0, 5))[0] == 403
    for body in (b"", b"old", b"old -1\n\nx", b"\xff\xfe", b"old 0\n" + b"A" * 2000 + b"\n\nx\n"):
        assert watching.ask(body)[0] == 400, body
    assert watching.ask(log.submission(0, 5))[0] == 200  # none of this was remembered


def test_it_has_one_path_and_one_method_and_takes_small_bodies(
    watching: RunningWitness, log: SmallLog
) -> None:
    assert watching.ask(b"", "GET")[:2] == (405, TEXT)
    for path in ("/", "/add-checkpoint/", "/x/add-checkpoint", "/metrics"):
        assert watching.ask(log.submission(0, 5), path=path)[:2] == (404, TEXT), path
    status, media_type, said = watching.ask(b"old 0\n" + b"x" * 100_000)
    assert (status, media_type) == (413, TEXT) and "Traceback" not in said


def test_what_was_cosigned_is_remembered_when_it_is_killed(tmp_path: Path, log: SmallLog) -> None:
    folder = tmp_path / "witness"
    with witness_process(folder, log.vkey) as running:
        assert running.ask(log.submission(0, 8))[0] == 200
        running.process.send_signal(signal.SIGKILL)
        running.process.wait(timeout=15)
    with witness_process(folder, log.vkey) as running:
        assert running.ask(log.retold([b"x", *ENTRIES]).submission(0, 8)) == (409, SIZE, "8\n")
        assert running.ask(log.submission(8, 9))[0] == 200


def test_of_two_histories_shown_at_once_one_is_cosigned(tmp_path: Path, log: SmallLog) -> None:
    """Twenty rounds, each on a fresh memory: whoever comes second meets what the first left."""
    other = log.retold([b"another", *ENTRIES[1:]])
    for turn in range(20):
        witness = a_witness(tmp_path / str(turn), log)
        answers: list[int] = []
        start = threading.Barrier(2)

        def show(history: SmallLog, witness: Witness = witness, start: threading.Barrier = start,
                 answers: list[int] = answers) -> None:  # fmt: skip
            start.wait()
            answers.append(witness.add_checkpoint(history.submission(0, 5)).status)

        threads = [threading.Thread(target=show, args=[history]) for history in (log, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 409]


def test_nothing_is_cosigned_that_could_not_be_remembered(
    tmp_path: Path, log: SmallLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    witness = a_witness(tmp_path, log)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(WitnessStateError):
            witness.add_checkpoint(log.submission(0, 5))
    assert witness.add_checkpoint(log.submission(0, 8)).status == 200  # the five were never promised


def test_a_fault_is_told_without_a_trace() -> None:
    def broken(body: bytes) -> Answer:
        raise RuntimeError("secret path /var/keys")

    told: list[str] = []
    environ = {"PATH_INFO": "/add-checkpoint", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": "0",
               "wsgi.input": _Empty()}  # fmt: skip
    body = b"".join(WitnessApp(broken)(environ, lambda status, headers: told.append(status)))
    assert told == ["500 Internal Server Error"]
    assert body == b"the witness failed; nothing was cosigned\n"


def test_a_connection_that_says_nothing_is_closed(watching: RunningWitness, log: SmallLog) -> None:
    """Idle connections do not keep others out; the close itself takes its ten to twenty seconds."""
    host, port = watching.url.removeprefix("http://").split(":")
    idle = [socket.create_connection((host, int(port))) for _ in range(20)]
    try:
        idle[0].sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 10\r\n")
        assert watching.ask(log.submission(0, 5))[0] == 200
    finally:
        for connection in idle:
            connection.close()


def test_a_body_without_its_length_is_refused(watching: RunningWitness) -> None:
    connection = http.client.HTTPConnection(watching.url.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/add-checkpoint")
    connection.endheaders()
    assert connection.getresponse().status in {400, 411}
    connection.close()


@pytest.mark.parametrize("listen", ["8100", ":8100", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:x"])
def test_an_address_that_is_none_is_wrong_usage(vcx: Vcx, tmp_path: Path, log: SmallLog, listen: str) -> None:
    vcx("keys", "new", tmp_path / "key")
    vcx(*arguments(tmp_path, log.vkey), "--listen", listen, code=2)


def test_the_logs_of_a_trust_root_are_watched_and_no_others(tmp_path: Path, log: SmallLog) -> None:
    state = vkey_of(f"{log.origin}/state", new_private_key().public_key())
    trusted = TrustedLog(log.origin, (read_vkey(log.vkey),), (read_vkey(state),))
    root = tmp_path / "trust.json"
    root.write_bytes(TrustRoot((trusted,), (), 0, ("did:web:exchange.example",)).serialise())
    with witness_process(tmp_path / "witness", trust=root) as running:
        assert running.ask(log.submission(0, 5))[0] == 200
        assert running.ask(SmallLog(ENTRIES, "other.example/log").submission(0, 5))[0] == 404
        assert running.ask(SmallLog(ENTRIES, log.origin).submission(5, 8))[0] == 403


def test_a_witness_is_told_its_logs_in_one_way(vcx: Vcx, tmp_path: Path, log: SmallLog) -> None:
    vcx("keys", "new", tmp_path / "key")
    (tmp_path / "trust.json").write_text("{}")
    given = arguments(tmp_path, log.vkey)
    vcx(*given, "--listen", "127.0.0.1:0", "--trust", tmp_path / "trust.json", code=2)
    vcx(*given[:-2], "--listen", "127.0.0.1:0", code=2)
    refused = vcx(*given[:-2], "--listen", "127.0.0.1:0", "--trust", tmp_path / "trust.json", code=1)
    assert "trust_root." in refused.stderr


def test_a_key_that_signs_no_checkpoints_is_refused(vcx: Vcx, tmp_path: Path, log: SmallLog) -> None:
    vcx("keys", "new", tmp_path / "key")
    cosigner = a_witness(tmp_path, log).vkey
    for vkey, code in ((cosigner, "witness.log"), (log.vkey[:-4] + "AAAA", "vkey.id"), ("x", "vkey.form")):
        refused = vcx(*arguments(tmp_path, vkey), "--listen", "127.0.0.1:0", code=1)
        assert f"({code})" in refused.stderr


def arguments(folder: Path, vkey: str) -> list[str]:
    """A witness's arguments but for its address."""
    files = ["--key", str(folder / "key"), "--state", str(folder / "state")]
    return ["witness", "--name", NAME, *files, "--log", f"{vkey}"]


def a_witness(folder: Path, log: SmallLog) -> Witness:
    """A witness of the log in this process."""
    logs = {log.origin: [read_vkey(log.vkey)]}
    return Witness(NAME, new_private_key(), logs, WitnessState(folder / "state"), SystemClock())


class _Empty:
    def read(self, length: int) -> bytes:
        return b""


def test_an_address_that_is_taken_is_told_in_one_sentence(vcx: Vcx, tmp_path: Path, log: SmallLog) -> None:
    vcx("keys", "new", tmp_path / "key.jwk")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        given = ("--name", NAME, "--key", tmp_path / "key.jwk", "--state", tmp_path / "state")
        command = [sys.executable, "-m", "exchange.cli", "witness", *map(str, given)]
        command += ["--listen", listen, "--log", log.vkey]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert f"cannot listen at {listen}" in ended.stderr and "Traceback" not in ended.stderr
