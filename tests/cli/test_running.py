"""`vcx up`, `serve`, `demo`, `rollup`, and `run.py`, which needs nothing but Python."""

from __future__ import annotations

import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError
from waitress.adjustments import Adjustments

import run
from exchange import demo, wsgi
from exchange.commands import supervise
from exchange.commands.serving import waitress_options
from exchange.config import Settings
from exchange.demo.result import DemoResult, Login
from exchange.domain.errors import ConflictError, NotPermittedError, UnavailableError
from exchange.services.accounts import NewUser, found_organisation
from exchange.services.context import Context
from exchange.services.organisations import NewOrganisation
from exchange.services.rollup.running import RollupResult

ROOT = Path(__file__).parents[2]


@pytest.fixture
def port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_open(port: int) -> bool:
    """True when somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def exchange_up(tmp_path: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    """`vcx up` on an empty folder, ready."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VCX_")}
    arguments = ["up", "--no-demo", "--port", str(port), "--data", str(tmp_path / "data")]
    process = subprocess.Popen(
        [sys.executable, "-m", "exchange.cli", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    assert first == f"The exchange is at http://127.0.0.1:{port}/\n"
    yield process
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=30)
    process.stdout.close()


def children(pid: int) -> list[int]:
    """The processes a process has started."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_web_and_worker_start_together_and_stop_at_ctrl_c(
    exchange_up: subprocess.Popen[str], port: int
) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
        assert answer.status == 200
    both = children(exchange_up.pid)
    assert len(both) == 2
    exchange_up.send_signal(signal.SIGINT)
    assert exchange_up.wait(timeout=30) in {0, 130}
    assert not is_open(port)
    assert [pid for pid in both if Path(f"/proc/{pid}").exists()] == []


def test_worker_that_dies_is_replaced_and_the_end_of_the_web_ends_all(
    exchange_up: subprocess.Popen[str], port: int
) -> None:
    web, worker = children(exchange_up.pid)
    os.kill(worker, signal.SIGKILL)
    end = time.monotonic() + 20
    while len(now := children(exchange_up.pid)) < 2 or worker in now:
        assert time.monotonic() < end, "no other worker came"
        time.sleep(0.05)
    assert web in now
    assert is_open(port)
    os.kill(web, signal.SIGKILL)
    assert exchange_up.wait(timeout=30) == 1
    assert not is_open(port)
    assert [pid for pid in now if Path(f"/proc/{pid}").exists()] == []


def test_workers_that_die_at_once_are_given_up(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr(supervise, "WATCH_SECONDS", 0)
    monkeypatch.setattr(supervise, "_pause", lambda seconds, web: pauses.append(seconds))

    def die() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
        process.wait()
        return process

    web = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        with pytest.raises(UnavailableError) as refused:
            supervise.watch({"serve": web, "worker": die()}, die)
    finally:
        web.kill()
        web.wait()
    assert refused.value.error_code == "process.ended"
    assert pauses == [1, 2, 4, 8]
    assert capsys.readouterr().err.splitlines()[1] == "The worker ended with code 7; another starts in 2 s."


def test_taken_port_is_told_before_anything_is_made(vcx, tmp_path: Path, port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        result = vcx("up", "--port", str(port), "--data", tmp_path / "data", code=1)
    assert "port.taken" in result.stderr
    assert f"--port {port + 1}" in result.stderr
    assert not (tmp_path / "data").exists()


def test_process_that_ends_at_once_is_told(settings) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    ended.wait()
    with pytest.raises(UnavailableError) as refused:
        supervise.wait_until_ready(settings, {"serve": ended})
    assert refused.value.error_code == "start.failed"


def test_demo_accounts_are_not_served_to_strangers(vcx, ctx: Context) -> None:
    person = NewUser("demo@firm.example", "Demo", "lamp river seven cups")
    found_organisation(ctx, NewOrganisation("Demo"), person, is_demo=True)
    result = vcx("serve", "--host", "0.0.0.0", code=1)
    assert "serve.demo_accounts" in result.stderr


@pytest.mark.usefixtures("vcx")
def test_wsgi_application_serves_after_the_same_checks(
    ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = wsgi.application()
    assert app.test_client().get("/healthz").status_code == 200
    app.extensions["vcx"].store.close()

    person = NewUser("demo@firm.example", "Demo", "lamp river seven cups")
    found_organisation(ctx, NewOrganisation("Demo"), person, is_demo=True)
    for host in ("127.0.0.1", "0.0.0.0"):  # the server in front decides who reaches it, whatever we are told
        monkeypatch.setenv("VCX_HOST", host)
        with pytest.raises(NotPermittedError):
            wsgi.application()
    monkeypatch.setenv("VCX_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    with pytest.raises(ConflictError):
        wsgi.application()


def test_demo_reports_log_ins_and_keeps_passwords_out_of_the_document(
    vcx, monkeypatch: pytest.MonkeyPatch
) -> None:
    login = Login("supplier", "Firm (demo)", "demo@firm.example", "secret-words")
    result = DemoResult("http://127.0.0.1:8000", (login,), {}, "chain-1", created=True)
    monkeypatch.setattr(demo, "load", lambda exchange: result)
    assert vcx.json("demo") == {
        "created": True,
        "url": "http://127.0.0.1:8000",
        "chain": "chain-1",
        "logins": [{"relation": "supplier", "email": "demo@firm.example"}],
    }
    assert "secret-words" in vcx("demo").stdout


@pytest.mark.parametrize(
    ("name", "value"), [("VCX_HOST", "0.0.0.0"), ("VCX_PUBLIC_URL", "https://exchange.example")]
)
def test_demo_is_not_loaded_where_others_reach_it(
    vcx, monkeypatch: pytest.MonkeyPatch, port: int, tmp_path: Path, name: str, value: str
) -> None:
    def load(_: object) -> None:
        pytest.fail("the demo was loaded")

    monkeypatch.setattr(demo, "load", load)
    monkeypatch.setenv(name, value)
    assert vcx.refused("demo") == "demo.public"
    result = vcx("up", "--port", str(port), "--data", tmp_path / "data", code=1)
    assert "demo.public" in result.stderr


def test_proxy_is_believed_only_where_it_is_named() -> None:
    assert "trusted_proxy" not in waitress_options(Settings())
    behind = Adjustments(**waitress_options(Settings(trusted_proxy="10.0.0.2")))
    assert behind.trusted_proxy == "10.0.0.2"
    assert behind.trusted_proxy_headers == {"x-forwarded-for", "x-forwarded-proto"}
    assert behind.clear_untrusted_proxy_headers
    with pytest.raises(ValidationError):
        Settings(trusted_proxy="*")


def test_what_the_command_line_writes_is_for_its_own_user_alone(
    vcx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VCX_DATABASE_URL", "")
    monkeypatch.setenv("VCX_DATA_DIR", str(tmp_path / "data"))
    before = os.umask(0o022)
    try:
        vcx("db", "upgrade")
        vcx("backup", tmp_path / "saved" / "backup", "--keys", tmp_path / "saved" / "keys")
        (tmp_path / "anything").touch()
    finally:
        os.umask(before)
    for folder in ("data", "saved"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700
        assert [one.name for one in (tmp_path / folder).iterdir() if one.stat().st_mode & 0o077] == []
    assert (tmp_path / "anything").stat().st_mode & 0o777 == 0o600


def test_roll_up_of_a_period_nobody_asks_about_releases_nothing(vcx) -> None:
    report = vcx.json("rollup", "2024-01-01", "2025-01-01")
    assert report == {"start": "2024-01-01", "end": "2025-01-01", "networks": []}
    assert "nothing was rolled up" in vcx("rollup", "2024-01-01", "2025-01-01").stdout
    vcx("rollup", "2024", "2025", code=2)


@pytest.mark.parametrize("end", ["2025-01-01", "2026-01-01"])
def test_roll_up_of_a_period_that_does_not_begin_before_it_ends_is_wrong_usage(vcx, end: str) -> None:
    told = vcx("rollup", "2026-01-01", end, code=2).stderr
    assert "START must lie before END." in told
    assert "rollup [OPTIONS] START END" in told


@pytest.mark.parametrize(
    ("is_new", "released", "words"),
    [
        (True, 35, "Rolled up: run r1 released 35 cells.\n"),
        (True, 0, "Rolled up: run r1 released 0 cells.\n"),
        (False, 5, "Run r1 had solved these data already; it released 5 cells.\n"),
        (False, 0, "Nothing has changed since run r1: nothing was rolled up.\n"),
    ],
)
def test_rolled_up_is_said_only_of_data_that_were(
    vcx, monkeypatch: pytest.MonkeyPatch, is_new: bool, released: int, words: str
) -> None:
    result = RollupResult("r1", "sha256:00", is_new, released)
    monkeypatch.setattr("exchange.services.rollup.running.run_rollup", lambda *_: (result,))
    assert vcx("rollup", "2024-01-01", "2025-01-01").stdout == words


def test_run_py_says_in_one_sentence_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        run.find_pip()
    assert str(ended.value).count(".") == 1
    assert "install pip" in str(ended.value)


def test_run_py_falls_back_to_ensurepip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pip" else object())
    called: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, **_: called.append(command) or 0)
    assert run.find_pip()[:3] == [str(run.PYTHON), "-m", "pip"]
    assert called[0][1:3] == ["-m", "ensurepip"]


@pytest.mark.parametrize(("reported", "wanted"), [((3, 10, 4), False), ((3, 11, 0), True)])
def test_run_py_needs_python_3_11(reported: tuple[int, int, int], wanted: bool) -> None:
    """With the version faked, since the machine may have no older Python."""
    text = (ROOT / "run.py").read_text(encoding="utf-8").split("import argparse")[0]
    script = f"import sys; sys.version_info = {reported}\n{text}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode == 0) is wanted
    if not wanted:
        assert done.stderr == "Python 3.11 or newer is needed; this is 3.10.\n"


def test_run_py_installs_by_hash_once_and_puts_vcx_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv = tmp_path / ".venv"
    monkeypatch.setattr(run, "VENV", venv)
    monkeypatch.setattr(run, "BIN", venv / "bin")
    monkeypatch.setattr(run, "PYTHON", venv / "bin" / "python")
    installed: list[list[str]] = []
    monkeypatch.setattr(subprocess, "call", lambda command, **_: installed.append(command) or 0)
    run.set_up("run")
    run.set_up("run")
    installs = [command for command in installed if "install" in command]
    assert len(installs) == 1
    assert {"--require-hashes", str(ROOT / "requirements" / "run.lock")} <= set(installs[0])
    launcher = venv / "bin" / "vcx"
    assert os.access(launcher, os.X_OK)
    script = "import sys, exchange.config; print(exchange.config.__file__)"
    done = subprocess.run(
        [venv / "bin" / "python", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "pydantic" in done.stderr  # our package is found; what it needs was not really installed here


def test_run_py_removes_only_a_data_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    assert run.reset(tmp_path / "photos") == 1
    assert (tmp_path / "photos").exists()
    data = tmp_path / "var"
    data.mkdir()
    (data / "exchange.db").write_text("")
    assert run.reset(data) == 0
    assert not data.exists()
    assert run.reset(data) == 0


def test_run_py_counts_what_pytest_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def closing(line: str, code: int) -> dict[str, int]:
        script = f"print('some output'); print({line!r}); raise SystemExit({code})"
        real = subprocess.Popen
        with monkeypatch.context() as patch:
            patch.setattr(subprocess, "Popen", lambda _, **kept: real([sys.executable, "-c", script], **kept))
            return run.run_pytest()

    assert closing("12 passed, 2 skipped in 3.21s", 0) == {"passed": 12, "failed": 0, "skipped": 2}
    assert closing("1 failed, 3 passed, 2 errors in 1s", 1) == {"passed": 3, "failed": 3, "skipped": 0}
    assert closing("INTERNALERROR", 3) == {"passed": 0, "failed": 1, "skipped": 0}
