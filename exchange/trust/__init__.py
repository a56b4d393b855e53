"""Trust without a database or a web server: strict JSON, keys, tokens and their verification.

This package imports nothing of the exchange outside itself: it is also the offline verifier.
"""

import sys

from exchange.trust.lacking import say

try:
    from exchange.trust.dataset import VerifiedDataset
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
    from exchange.trust.verdict import STEPS, Finding, Outcome, Policy, Step, Verdict
    from exchange.trust.verify import verify
except ModuleNotFoundError as missing:
    # `python -m exchange.trust` passes here before its own first line, and sys.argv says so (library reference, -m).
    if sys.argv[:1] != ["-m"]:
        raise
    say(missing)

__all__ = [
    "STEPS",
    "EncodingError",
    "Finding",
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
