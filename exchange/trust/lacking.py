"""What the offline verifier says where a package that it needs is not installed. Imports nothing that could lack."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import NoReturn

USAGE = 2
# What `exchange.trust` imports of others: the module, and the package that has it.
NEEDED = {
    "base58": "base58",
    "cryptography": "cryptography",
    "joserfc": "joserfc",
    "jsonschema_rs": "jsonschema-rs",
    "rfc8785": "rfc8785",
}


def say(missing: ModuleNotFoundError) -> NoReturn:
    """One sentence on standard error that names all packages at once, and the end of the process, exit code 2."""
    absent = {module for module in NEEDED if find_spec(module) is None}
    absent.add((missing.name or "").partition(".")[0])
    packages = " ".join(sorted(NEEDED.get(module, module) for module in absent))
    sys.stderr.write(f"This verifier needs more than is installed: python3 -m pip install {packages}\n")
    sys.exit(USAGE)
