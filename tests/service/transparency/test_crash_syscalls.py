"""The sequencer is struck at each system call that makes its writes last: killed there, or told that the disk is full.

Slow, and needs a tracer: runs with VCX_DEEP=1 where `strace` is installed and may attach to a process of the same user.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from exchange.config import Settings
from exchange.trust.log.checkpoint import Checkpoint, read_checkpoint
from tests.conftest import SERVER_URL
from tests.service.transparency.recovering import recover
from tests.service.transparency.world import copied, opened

STRACE = shutil.which("strace")
# What makes writes last, and how each can go wrong: the process dies at its begin, the disk is full or fails.
STRIKES = {
    "pwrite64": ("signal=KILL", "error=ENOSPC"),
    "write": ("signal=KILL", "error=ENOSPC"),
    "ftruncate": ("signal=KILL", "error=ENOSPC"),
    "fsync": ("signal=KILL", "error=EIO"),
    "fdatasync": ("signal=KILL", "error=EIO"),
    "rename,renameat,renameat2": ("signal=KILL", "error=EIO"),  # C libraries differ in which they use
    "unlink,unlinkat": ("signal=KILL", "error=EIO"),
}
# Across the edge of a tile, so that a batch completes one and begins the next.
SIZE, MORE = 254, 4
MOST = 500

pytestmark = [
    pytest.mark.skipif(os.environ.get("VCX_DEEP") != "1", reason="takes minutes: set VCX_DEEP=1"),
    pytest.mark.skipif(not STRACE, reason="strace is not installed"),
    pytest.mark.skipif(bool(SERVER_URL), reason="copies the database's file"),
    pytest.mark.timeout(3600),
]


def sequence_struck(settings: Settings, strike: str, call: str, number: int) -> tuple[bool, list[Checkpoint]]:
    """Sequence in a process of its own that is struck at its `number`th such call (from 1).

    Whether it came to that, and the head that the process told, if it lived to tell.
    """
    begin, told = os.pipe(), os.pipe()
    child = os.fork()
    if child == 0:
        sequence_when_told(settings, begin[0], told[1])
    os.close(told[1])
    trace = settings.data_dir / "trace"
    injection = ["-e", f"trace={call}", "-e", f"inject={call}:{strike}:when={number}"]
    command = [STRACE or "", "-f", "-o", str(trace), *injection, "-p", str(child)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tracer:
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        os.write(begin[1], b".")
        _, status = os.waitpid(child, 0)
        tracer.wait()
    text = os.read(told[0], 4096)
    for end in (*begin, told[0]):
        os.close(end)
    is_struck = os.WIFSIGNALED(status) or "(INJECTED)" in trace.read_text(errors="replace")
    trace.unlink()
    assert is_struck or status == 0
    return is_struck, [read_checkpoint(text.decode())] if text else []


def sequence_when_told(settings: Settings, begin: int, told: int) -> NoReturn:
    """In the child: what a worker does from its start, once the tracer watches."""
    try:
        os.read(begin, 1)
        with opened(settings) as world:
            world.sequence()
            os.write(told, world.checkpoints()[-1].text().encode())
    except BaseException:
        os._exit(1)
    os._exit(0)


@pytest.mark.parametrize(("call", "strike"), [(call, one) for call, each in STRIKES.items() for one in each])
def test_whatever_system_call_is_struck_the_log_goes_on_with_one_history(
    at_size: Callable[[int], Settings], tmp_path: Path, call: str, strike: str
) -> None:
    base = at_size(SIZE)
    with opened(base) as world:
        world.note(*range(SIZE, SIZE + MORE))
    for number in range(1, MOST):
        settings = copied(base, tmp_path / f"{number}")
        is_struck, told = sequence_struck(settings, strike, call, number)
        recover(settings, 1000, told=told)
        shutil.rmtree(settings.data_dir)
        if not is_struck:
            break
    assert 1 < number < MOST - 1
