"""A witness in a process of its own, and a small log in memory that can be shown to it."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from exchange.trust import strict_json
from exchange.trust.keys import PrivateKey, new_private_key, private_jwk
from exchange.trust.log.checkpoint import Checkpoint
from exchange.trust.log.merkle import Frontier, consistency_plan, fold, leaf_hash
from exchange.trust.log.note import sign_note, signed_note, vkey_of
from exchange.trust.log.spelling import encode_base64

ROOT = Path(__file__).parents[1]
NAME = "witness.example/w1"


@dataclass(frozen=True)
class SmallLog:
    """A log of the given entries; another list of entries is another history of the same log."""

    entries: Sequence[bytes]
    origin: str = "exchange.example/log/0a1b2c3d"
    key: PrivateKey = field(default_factory=new_private_key)

    @property
    def vkey(self) -> str:
        """The key its checkpoints are signed with."""
        return vkey_of(self.origin, self.key.public_key())

    def note(self, size: int) -> str:
        """The signed checkpoint of the first `size` entries."""
        edge = Frontier()
        edge.extend([leaf_hash(entry) for entry in self.entries[:size]])
        text = Checkpoint(self.origin, size, edge.root()).text()
        return signed_note(text, [sign_note(text, self.origin, self.key)])

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The consistency proof between two sizes; empty from nothing."""
        leaves = [leaf_hash(entry) for entry in self.entries[:new]]
        nodes = {(0, place): leaf for place, leaf in enumerate(leaves)}
        nodes |= {(level, place): value for level, place, value in Frontier().extend(leaves)}
        plan = consistency_plan(old, new) if old else ()
        return [fold([nodes[node] for node in element]) for element in plan]

    def submission(self, old: int, new: int) -> bytes:
        """The body of `add-checkpoint` (C2SP tlog-witness)."""
        lines = (f"old {old}", *map(encode_base64, self.consistency(old, new)), "", self.note(new))
        return "\n".join(lines).encode()

    def retold(self, entries: Sequence[bytes]) -> SmallLog:
        """Another history under the same origin and key: what an operator who cheats would show."""
        return SmallLog(entries, self.origin, self.key)


@dataclass(frozen=True)
class RunningWitness:
    """A `vcx witness` that listens."""

    process: subprocess.Popen[str]
    vkey: str
    url: str

    def ask(self, body: bytes, method: str = "POST", path: str = "/add-checkpoint") -> tuple[int, str, str]:
        """Status, media type and text of its answer."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
        finally:
            connection.close()


@contextmanager
def witness_process(
    folder: Path, *logs: str, name: str = NAME, trust: Path | None = None
) -> Iterator[RunningWitness]:
    """A witness with its key and state in `folder`; ended with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    key_file = folder / "key.jwk"
    if not key_file.exists():
        key_file.write_bytes(strict_json.dumps(dict(private_jwk(new_private_key()))))
    told = ["--name", name, "--key", str(key_file), "--state", str(folder / "state")]
    told += ["--listen", "127.0.0.1:0", *(part for log in logs for part in ("--log", log))]
    told += ["--trust", str(trust)] if trust is not None else []
    process = subprocess.Popen(
        [sys.executable, "-m", "exchange.cli", "witness", *told],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("VCX_")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        vkey = process.stdout.readline().removeprefix("Verifier key: ").strip()
        url = process.stdout.readline().removeprefix("Listening at ").strip()
        yield RunningWitness(process, vkey, url)
    finally:
        process.terminate()
        process.wait(timeout=15)
        assert process.stdout is not None
        process.stdout.close()
