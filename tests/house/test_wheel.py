"""The wheel builds offline, holds everything, and runs where only it is unpacked."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the present tree."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


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


def test_unpacked_wheel_migrates_a_database(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    entry = next(site.glob("*.dist-info/entry_points.txt")).read_text(encoding="utf-8")
    assert "vcx = exchange.cli:main" in entry
    environment = {**os.environ, "PYTHONPATH": str(site), "VCX_DATA_DIR": str(tmp_path / "data")}
    environment.pop("VCX_DATABASE_URL", None)
    script = (
        "import exchange, sys; from exchange.cli import main; print(exchange.__file__); main(sys.argv[1:])"
    )
    command = [sys.executable, "-P", "-c", script, "db", "upgrade"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith(str(site))
    assert (tmp_path / "data" / "exchange.db").exists()
