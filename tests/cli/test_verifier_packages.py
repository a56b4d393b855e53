"""What the offline verifier needs of others: said all at once, and said truly."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from pathlib import Path

from exchange.trust.archive import BUNDLED
from exchange.trust.lacking import NEEDED

ROOT = Path(__file__).parents[2]
TRUST = ROOT / "exchange" / "trust"


def test_a_copy_of_the_package_names_all_that_it_lacks_at_once(tmp_path: Path) -> None:
    shutil.copytree(TRUST, tmp_path / "exchange" / "trust", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-S", "-m", "exchange.trust", "any"],
        cwd=tmp_path,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == (
        "This verifier needs more than is installed: "
        "python3 -m pip install base58 cryptography joserfc jsonschema-rs rfc8785\n"
    )
    assert done.returncode == 2


def test_what_is_said_to_be_needed_is_what_is_imported_and_what_is_documented() -> None:
    nodes = [node for path in TRUST.rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))]
    names = [one.name for node in nodes if isinstance(node, ast.Import) for one in node.names]
    names += [str(node.module) for node in nodes if isinstance(node, ast.ImportFrom)]
    roots = {name.partition(".")[0] for name in names}
    assert roots - sys.stdlib_module_names - {"exchange"} == set(NEEDED)
    assert set(NEEDED.values()) == {*BUNDLED, "cryptography", "jsonschema-rs"}
    documented = (ROOT / "docs" / "verification.md").read_text(encoding="utf-8")
    assert f"`pip install {' '.join(sorted(NEEDED.values()))}`" in documented
