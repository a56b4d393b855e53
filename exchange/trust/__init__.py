"""Trust without a database or a web server: strict JSON, keys, tokens and their verification.

This package imports nothing of the exchange outside itself: it is also the offline verifier.
"""

from exchange.trust.did import ResolvedKey, did_key, did_key_kid, resolve_did_key
from exchange.trust.errors import (
    EncodingError,
    JsonError,
    KeyFormatError,
    NotVerifiedError,
    TokenError,
    TrustError,
)
from exchange.trust.token import Token, sign
from exchange.trust.verdict import STEPS, Outcome, Policy, Step, Verdict
from exchange.trust.verify import VerifiedDataset, verify

__all__ = [
    "STEPS",
    "EncodingError",
    "JsonError",
    "KeyFormatError",
    "NotVerifiedError",
    "Outcome",
    "Policy",
    "ResolvedKey",
    "Step",
    "Token",
    "TokenError",
    "TrustError",
    "Verdict",
    "VerifiedDataset",
    "did_key",
    "did_key_kid",
    "resolve_did_key",
    "sign",
    "verify",
]
