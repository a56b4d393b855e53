"""Signing keys kept for organisations that have none of their own, encrypted at rest.

One file per key, AES-256-GCM under the exchange's master key. Version, key id and organisation are the
associated data, so a file cannot be passed off as another key or as another organisation's. Only the worker
opens this store.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from exchange.adapters.durable_file import sync_directory, write_exclusively, write_whole
from exchange.domain.errors import ExchangeError, UnavailableError
from exchange.trust import TrustError, base64url, did_key, did_key_kid, strict_json
from exchange.trust.did import split_kid
from exchange.trust.keys import Jwk, PrivateKey, new_private_key, public_jwk

MASTER_KEY_BYTES = 32
_NONCE_BYTES = 12
_MAX_FILE_BYTES = 4096
_VERSION = "vcx-custody-key/1"


class CustodyError(ExchangeError):
    """A custody key or the master key cannot be used (codes `custody.*`)."""

    code = "custody"
    title = "The key store cannot be used"


@dataclass(frozen=True, slots=True)
class CustodyKey:
    """The public side of a custody key: its key id, its did:key identifier and its JWK."""

    kid: str
    did: str
    public_jwk: Jwk


class CustodyKeys:
    """The key store in `directory` (made with mode 0700), under a master key of 32 bytes."""

    def __init__(self, directory: Path, master_key: bytes) -> None:
        if len(master_key) != MASTER_KEY_BYTES:
            _refuse("master_key", f"The master key must have {MASTER_KEY_BYTES} bytes.")
        self._directory = directory
        self._cipher = AESGCM(master_key)

    def create(self, organisation_id: str) -> CustodyKey:
        """Make and keep a new Ed25519 key for the organisation; it is on disk when this returns."""
        private = new_private_key()
        public = private.public_key()
        kid = did_key_kid(public)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, private.private_bytes_raw(), _binding(kid, organisation_id))
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._path(kid), strict_json.dumps(_record(kid, organisation_id, nonce, sealed)))
        return CustodyKey(kid, did_key(public), public_jwk(public))

    def load(self, kid: str, organisation_id: str) -> PrivateKey:
        """The private key `kid` of the organisation.

        Raises CustodyError: `custody.unknown_key` (none kept, or another organisation's),
        `custody.damaged_file` (not a key file), `custody.cannot_decrypt` (altered, or another master key). Raises
        UnavailableError `custody.unavailable` where the file is there and cannot be read: the disk may answer later.
        """
        record = self._read(kid)
        if record["kid"] != kid or record["organisation"] != organisation_id:
            _refuse("unknown_key", "No such key is kept for this organisation.")
        try:
            nonce, sealed = base64url.decode(record["nonce"]), base64url.decode(record["sealed"])
            raw = self._cipher.decrypt(nonce, sealed, _binding(kid, organisation_id))
            private = Ed25519PrivateKey.from_private_bytes(raw)
        except (InvalidTag, TrustError, ValueError):
            _refuse(
                "cannot_decrypt",
                f"The key {kid} cannot be decrypted: its file was altered or this is another master key.",
                "Use the master key file this store was made with, or restore both from the same backup.",
            )
        if did_key_kid(private.public_key()) != kid:
            _refuse("damaged_file", f"The file of {kid} holds another key.")
        return private

    def _path(self, kid: str) -> Path:
        try:
            did, fragment = split_kid(kid)
        except TrustError:
            did = fragment = ""
        # The fragment becomes a file name, so nothing but the letters and digits of base58 may be in it.
        if not did.startswith("did:key:") or not fragment.isalnum():
            _refuse("unknown_key", "No such key is kept for this organisation.")
        return self._directory / f"{fragment}.json"

    def _read(self, kid: str) -> dict[str, str]:
        path = self._path(kid)
        try:
            value = strict_json.loads(path.read_bytes(), max_bytes=_MAX_FILE_BYTES)
        except FileNotFoundError:
            _refuse("unknown_key", "No such key is kept for this organisation.")
        except OSError as error:
            raise UnavailableError(
                f"The key file cannot be read now: {error.strerror}.",
                code="custody.unavailable",
                advice="Make the key store readable for the worker; it tries again by itself.",
            ) from None
        except TrustError as error:
            _refuse("damaged_file", f"The file of {kid} is damaged: {error.detail}")
        texts = {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}
        if texts.get("version") != _VERSION or not {"kid", "organisation", "nonce", "sealed"} <= texts.keys():
            _refuse("damaged_file", f"The file of {kid} is not a custody key file of a known version.")
        return texts


def is_kept(directory: Path, kid: str) -> bool:
    """Whether the key store in `directory` has a file for this key, told without opening it.

    Raises UnavailableError (`custody.unavailable`) where this process may not look.
    """
    try:
        _, fragment = split_kid(kid)
    except TrustError:
        return False
    try:
        return fragment.isalnum() and (directory / f"{fragment}.json").exists()
    except OSError as error:
        raise UnavailableError(
            f"The key store cannot be looked at: {error.strerror}.", code="custody.unavailable"
        ) from None


def kept_for(directory: Path, organisation_id: str) -> set[str]:
    """The ids of the keys kept under this name, told without opening any; what is no key file is passed over."""
    found = set()
    for path in directory.glob("*.json"):
        try:
            record = strict_json.loads(path.read_bytes(), max_bytes=_MAX_FILE_BYTES)
        except (OSError, TrustError):
            continue
        if isinstance(record, dict) and record.get("organisation") == organisation_id:
            found.add(str(record.get("kid")))
    return found


def create_master_key(path: Path) -> bytes:
    """Make a master key in a new file (base64, mode 0600) and return it. CustodyError if the file exists."""
    key = secrets.token_bytes(MASTER_KEY_BYTES)
    try:
        write_exclusively(path, base64.b64encode(key) + b"\n")
    except FileExistsError:
        _refuse(
            "master_key",
            f"{path} exists already and was not touched.",
            "A master key is never replaced in place: the keys under it would be lost.",
        )
    except OSError as error:
        _refuse("master_key", f"The master key file {path} cannot be made: {error.strerror}.")
    sync_directory(path.parent)
    return key


def read_master_key(path: Path) -> bytes:
    """The 32 bytes in `path` (base64).

    Raises CustodyError `custody.master_key` if the file is missing, open to others, or holds no key.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError as error:
        _refuse("master_key", f"The master key file {path} cannot be read: {error.strerror}.")
    with os.fdopen(descriptor, "rb") as file:
        if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
            _refuse("master_key", f"{path} can be read or changed by others.", f"Run: chmod 600 {path}")
        text = file.read(_MAX_FILE_BYTES)
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != MASTER_KEY_BYTES:
        _refuse("master_key", f"{path} does not hold {MASTER_KEY_BYTES} bytes in base64.")
    return key


def _refuse(code: str, detail: str, advice: str = "") -> NoReturn:
    raise CustodyError(detail, code=f"custody.{code}", advice=advice) from None


def _record(kid: str, organisation_id: str, nonce: bytes, sealed: bytes) -> dict[str, str]:
    return {
        "version": _VERSION,
        "kid": kid,
        "organisation": organisation_id,
        "nonce": base64url.encode(nonce),
        "sealed": base64url.encode(sealed),
    }


def _binding(kid: str, organisation_id: str) -> bytes:
    return strict_json.dumps([_VERSION, kid, organisation_id])
