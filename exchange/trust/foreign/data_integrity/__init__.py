"""W3C Verifiable Credential Data Integrity 1.0 with the two cryptosuites that need no JSON-LD processing.

Read-only: such proofs of others are verified as evidence; the exchange makes none and converts none.
"""

from exchange.trust.foreign.data_integrity.hashing import SecuredDocument
from exchange.trust.foreign.data_integrity.options import (
    CRYPTOSUITES,
    MAX_PROOFS,
    ProofOptions,
    proofs_of,
    read_options,
)
from exchange.trust.foreign.data_integrity.verify import PROOF_STEPS, verify_document, verify_proof

__all__ = [
    "CRYPTOSUITES",
    "MAX_PROOFS",
    "PROOF_STEPS",
    "ProofOptions",
    "SecuredDocument",
    "proofs_of",
    "read_options",
    "verify_document",
    "verify_proof",
]
