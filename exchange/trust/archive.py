"""The offline verifier as one file: this package and its pure-Python parts as a zip application (PEP 441).

The same sources give the same bytes: names sorted, times fixed, nothing compressed.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

# What travels along; cryptography and jsonschema-rs are made for each machine and must be installed there.
BUNDLED = ("base58", "joserfc", "rfc8785")
SHEBANG = b"#!/usr/bin/env python3\n"
# The earliest time a zip entry can have.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16
_MAIN = b'''"""The offline verifier of the value-chain exchange: python vcx-verify.pyz FILE --trust ROOT."""

import sys
from importlib.util import find_spec

try:
    from exchange.trust.command import main
except ModuleNotFoundError as missing:
    absent = {name for name in ("cryptography", "jsonschema_rs") if find_spec(name) is None}
    absent.add((missing.name or "").partition(".")[0])
    packages = " ".join(sorted(absent)).replace("jsonschema_rs", "jsonschema-rs")
    sys.exit(f"This verifier needs more than is installed: python3 -m pip install {packages}")

sys.exit(main())
'''


@dataclass(frozen=True, slots=True)
class VerifierArchive:
    """The file's bytes; `sha256` in hexadecimal, for whoever publishes it."""

    data: bytes

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file."""
        return hashlib.sha256(self.data).hexdigest()


def verifier_archive() -> VerifierArchive:
    """`vcx-verify.pyz` from the sources that run here. Raises PackageNotFoundError without BUNDLED."""
    files = {"__main__.py": _MAIN, **dict(_own_sources())}
    for name in BUNDLED:
        files.update(_sources_of(distribution(name)))
    target = io.BytesIO()
    target.write(SHEBANG)
    with zipfile.ZipFile(target, "a") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system = 3  # else the bytes would tell the operating system they were made on
            entry.external_attr = _MODE
            archive.writestr(entry, files[name])
    return VerifierArchive(target.getvalue())


def _own_sources() -> Iterator[tuple[str, bytes]]:
    package = Path(__file__).parent
    yield "exchange/__init__.py", b'"""The value-chain exchange: here its offline verifier alone."""\n'
    for source in package.rglob("*.py"):
        yield f"exchange/trust/{source.relative_to(package).as_posix()}", source.read_bytes()


def _sources_of(package: Distribution) -> Iterator[tuple[str, bytes]]:
    # The licences of what is passed on must travel with it.
    for file in package.files or ():
        path = PurePosixPath(file.as_posix())
        is_licence = path.stem.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))
        if ".." not in path.parts and (path.suffix == ".py" or is_licence):
            yield path.as_posix(), Path(str(file.locate())).read_bytes()
