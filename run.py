#!/usr/bin/env python3
"""Sets the exchange up and runs it. Needs Python 3.11 or newer and nothing else.

    python3 run.py            set up, load the demo, serve http://127.0.0.1:8000
    python3 run.py setup      only set up
    python3 run.py test       every check, one closing line
    python3 run.py reset      remove what running left behind (database, keys, demo)

    --port N, --data DIR      for running and reset

Only the standard library, in syntax that older Pythons read too, so that they get to say what is missing.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  whoever comes with an older one must be told
    sys.exit(f"Python 3.11 or newer is needed; this is {sys.version_info[0]}.{sys.version_info[1]}.")

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
IS_WINDOWS = os.name == "nt"
BIN = VENV / ("Scripts" if IS_WINDOWS else "bin")
PYTHON = BIN / ("python.exe" if IS_WINDOWS else "python")
LOCKS = ROOT / "requirements"
NO_INSTALLER = (
    "Python's package installer is missing: install pip (on Debian and Ubuntu: apt install python3-pip),"
    " then run this again."
)


def main() -> int:
    """Do what the command line asks for; returns the exit code."""
    options = read_options()
    os.chdir(ROOT)
    if options.command == "reset":
        return reset(Path(options.data))
    set_up("run")
    if options.command == "setup":
        print("Ready. Run: python3 run.py")
        return 0
    if options.command == "test":
        set_up("dev")
        return test()
    return serve(options)


def read_options() -> argparse.Namespace:
    """The command and its options."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="run.py [command] [options]",
    )
    parser.add_argument("command", nargs="?", default="demo", choices=["demo", "setup", "test", "reset"])
    parser.add_argument("--port", type=int, default=8000, help="port to serve on (default 8000)")
    parser.add_argument("--data", default="var", help="folder of database, keys and demo (default var)")
    return parser.parse_args()


def set_up(name: str) -> None:
    """The virtual environment with exactly what requirements/<name>.lock pins. Quick when it is there already."""
    lock = LOCKS / (name + ".lock")
    stamp = VENV / (name + ".installed")
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    if not PYTHON.exists():
        print("Making the virtual environment .venv")
        venv.create(VENV, with_pip=False, symlinks=not IS_WINDOWS)
    print(f"Installing what requirements/{name}.lock pins; this takes a minute", flush=True)
    install(lock)
    put_project_on_path()
    stamp.write_text(wanted)


def install(lock: Path) -> None:
    """Install a lock file, every download checked against its hash."""
    pip = find_pip()
    # wheels only: building from source would run code that no hash here covers
    arguments = [
        "install",
        "--quiet",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--requirement",
        str(lock),
    ]
    if subprocess.call([*pip, *arguments]) != 0:
        sys.exit("Installing failed, see above. Is the package index within reach?")


def find_pip() -> list[str]:
    """This Python's pip working on .venv, or pip put into .venv by ensurepip; else one sentence and the end."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(PYTHON)]
    if (
        importlib.util.find_spec("ensurepip")
        and subprocess.call(
            [str(PYTHON), "-m", "ensurepip", "--default-pip"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        == 0
    ):
        return [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    sys.exit(NO_INSTALLER)


def put_project_on_path() -> None:
    """Let .venv's Python import the project from here, and put the `vcx` command beside it."""
    paths = {"base": str(VENV), "platbase": str(VENV)}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    (packages / "value-chain-exchange.pth").write_text(str(ROOT) + "\n", encoding="utf-8")
    if IS_WINDOWS:
        (BIN / "vcx.cmd").write_text(f'@"{PYTHON}" -m exchange.cli %*\r\n', encoding="utf-8")
        return
    launcher = BIN / "vcx"
    launcher.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m exchange.cli "$@"\n', encoding="utf-8")
    launcher.chmod(0o755)


def serve(options: argparse.Namespace) -> int:
    """Run web and worker with the demo until Ctrl-C."""
    command = [str(PYTHON), "-m", "exchange.cli", "up", "--port", str(options.port), "--data", options.data]
    if not IS_WINDOWS:
        sys.stdout.flush()
        os.execv(PYTHON, command)  # from here on this process is the supervisor, so Ctrl-C is its own
    try:
        return subprocess.call(command)
    except KeyboardInterrupt:
        return 130


def reset(data: Path) -> int:
    """Remove the data folder, if it is one of ours."""
    if not data.exists():
        print(f"Nothing to remove: {data} does not exist.")
        return 0
    if not (data / "exchange.db").exists():
        print(f"{data} holds no exchange.db: not removed.")
        return 1
    shutil.rmtree(data)
    print(f"Removed {data}.")
    return 0


def test() -> int:
    """Every check, the quick ones first; the closing line counts tests and checks together."""
    checks = {
        "ruff check": [str(BIN / "ruff"), "check", "."],
        "ruff format": [str(BIN / "ruff"), "format", "--check", "."],
        "import contracts": [str(BIN / "lint-imports")],
        "mypy": [str(PYTHON), "-m", "mypy", "--strict"],
    }
    failed = [name for name, command in checks.items() if not passes(name, command)]
    counts = run_pytest()
    if failed:
        print("Failed: " + ", ".join(failed))
    passed = counts["passed"] + len(checks) - len(failed)
    wrong = counts["failed"] + len(failed)
    print(f"{passed} passed, {wrong} failed, {counts['skipped']} skipped")
    return 1 if wrong or counts["passed"] == 0 else 0


def passes(name: str, command: list[str]) -> bool:
    """Run one check and say how it went."""
    print("== " + name, flush=True)
    return subprocess.call(command, cwd=ROOT) == 0


def run_pytest() -> dict[str, int]:
    """Run all tests on all cores, and read the counts off the closing line."""
    print("== pytest", flush=True)
    command = [
        str(PYTHON),
        "-m",
        "pytest",
        "-q",
        "-n",
        "auto",
        "--dist",
        "worksteal",
        "-p",
        "no:cacheprovider",
    ]
    last = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            last = line.strip() or last
    code = process.returncode
    found = {word: int(number) for number, word in re.findall(r"(\d+) (\w+)", last)}
    counts = {word: found.get(word, 0) for word in ("passed", "failed", "skipped")}
    counts["failed"] += found.get("error", 0) + found.get("errors", 0)
    if code != 0 and counts["failed"] == 0:
        counts["failed"] = 1  # it ended before it could count
    return counts


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
