"""The wheel builds and installs offline, holds everything, and runs from where pip put it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from exchange import __version__

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the present tree."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which pip installed the wheel, and nothing else."""
    target = tmp_path_factory.mktemp("site")
    options = [
        "--no-deps",
        "--no-index",
        "--no-compile",
        "--disable-pip-version-check",
        "--target",
        str(target),
    ]
    command = [*pip(), "install", "--quiet", *options, str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target


def pip() -> list[str]:
    """This environment's pip, or that of the Python it was made from: `run.py setup` needs one of the two."""
    has_own = importlib.util.find_spec("pip") is not None
    return [sys.executable if has_own else sys._base_executable, "-m", "pip"]


def run_vcx(site: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed `vcx`, finding the exchange in `site` before the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(site), "VCX_DATA_DIR": str(folder / "data")}
    environment.pop("VCX_DATABASE_URL", None)
    command = [sys.executable, str(site / "bin" / "vcx"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_wheel_holds_what_is_not_python_too(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "exchange/store/migrations/env.py",
        "exchange/store/migrations/script.py.mako",
        "exchange/store/migrations/versions/0001_initial.py",
        "exchange/web/static/vendor/vendor.json",
        "workers/celery_app.py",
        "connectors/__init__.py",
        "schemas/released.sha256",
    ):
        assert needed in names
    assert any(name.startswith("exchange/web/templates/") and name.endswith(".html") for name in names)
    assert any(name.startswith("schemas/product/") and name.endswith(".json") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any(name.startswith(("tests/", "var/", ".venv/")) for name in names)


def test_installed_entry_point_tells_the_version(site: Path, tmp_path: Path) -> None:
    done = run_vcx(site, tmp_path, "--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"vcx, version {__version__}\n"


def test_installed_wheel_migrates_a_database_with_its_own_migrations(site: Path, tmp_path: Path) -> None:
    marked = site / "exchange" / "__init__.py"
    marked.write_text(marked.read_text(encoding="utf-8") + "\nprint('from the wheel')\n", encoding="utf-8")
    done = run_vcx(site, tmp_path, "db", "upgrade")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("from the wheel")
    assert (tmp_path / "data" / "exchange.db").exists()
