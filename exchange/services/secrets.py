"""Opaque secrets for sessions, tokens and API clients: shown once, kept as their SHA-256 only."""

from __future__ import annotations

import base64
import hashlib

from exchange.adapters.entropy import Entropy

SECRET_BYTES = 32


def new_secret(entropy: Entropy) -> str:
    """256 random bits as base64url text."""
    return base64.urlsafe_b64encode(entropy.take(SECRET_BYTES)).rstrip(b"=").decode()


def hash_secret(secret: str) -> str:
    """What is stored: SHA-256 in hex. No salt or stretching, since the secret itself cannot be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
