"""Passwords: argon2id (RFC 9106), the same time spent on right, wrong and unknown."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from exchange.domain.errors import InvalidError

MIN_LENGTH = 12
MAX_LENGTH = 256  # argon2 takes any length; this bounds what a stranger can make us hash
ADVICE = "Use at least 12 characters: four unrelated words are easier to remember and harder to guess than symbols."
COMMON = frozenset(
    {"password", "kodeord", "adgangskode", "qwerty", "12345678", "hemmelig", "letmein", "welcome"}
)

HASHER = PasswordHasher()  # RFC 9106 section 4, second recommended option: 64 MiB, 3 passes, 4 lanes


def check_password(password: str, *, beside: tuple[str, ...] = (), path: str = "/user/password") -> None:
    """Refuse a password others would guess; raises InvalidError (`password.*`).

    `beside` holds the words a guesser tries first: e-mail address, own name, the organisation's name.
    """
    if len(password) < MIN_LENGTH:
        raise _refusal(path, "password.too_short", f"The password has fewer than {MIN_LENGTH} characters.")
    if len(password) > MAX_LENGTH:
        raise _refusal(path, "password.too_long", f"The password has more than {MAX_LENGTH} characters.")
    plain = _plain(password).casefold()
    if len(set(plain)) < 5 or any(_is_mostly(plain, word) for word in (*COMMON, *beside)):
        raise _refusal(path, "password.guessable", "This password is among the first that anyone would try.")


def hash_password(password: str) -> str:
    """The argon2id hash with its parameters and salt, as stored."""
    return HASHER.hash(_plain(password))


def verify_password(stored: str | None, password: str) -> bool:
    """True when the password fits. With `stored` None (nobody there) the same work is done in vain."""
    try:
        HASHER.verify(_decoy() if stored is None else stored, _plain(password))
    except VerificationError:
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """True when the hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(stored)


@cache
def _decoy() -> str:
    return HASHER.hash("nobody has this password")


def _plain(password: str) -> str:
    # Two keyboards may send the same letters composed or decomposed (NIST SP 800-63B section 5.1.1.2).
    return unicodedata.normalize("NFKC", password[: MAX_LENGTH + 1])


def _is_mostly(password: str, word: str) -> bool:
    word = word.casefold()
    return len(word) >= 4 and word in password and len(password.replace(word, "")) < 6


def _refusal(path: str, code: str, detail: str) -> InvalidError:
    return InvalidError(detail, code=code, path=path, advice=ADVICE)
