"""Proof bundles: one file with a dataset and everything that proves it without network or exchange."""

from exchange.trust.bundle.document import (
    Bundle,
    BundledKey,
    BundledLog,
    looks_like_bundle,
    read_bundle,
)
from exchange.trust.bundle.verdict import BUNDLE_STEPS, STEPS, BundlePolicy, BundleVerdict
from exchange.trust.bundle.verify import verify_bundle
from exchange.trust.proof.form import BundledEntry
from exchange.trust.proof.verdict import Witness

__all__ = [
    "BUNDLE_STEPS",
    "STEPS",
    "Bundle",
    "BundlePolicy",
    "BundleVerdict",
    "BundledEntry",
    "BundledKey",
    "BundledLog",
    "Witness",
    "looks_like_bundle",
    "read_bundle",
    "verify_bundle",
]
