"""Why an owner takes a published dataset back: codes that every reader sees in its own language."""

from __future__ import annotations

from enum import StrEnum


class RevocationReason(StrEnum):
    """A closed list: what readers are told is never free text of another organisation."""

    WRONG_FIGURES = "wrong_figures"
    WRONG_SUBJECT = "wrong_subject"  # another product, organisation or period than the one it names
    SIGNED_IN_ERROR = "signed_in_error"
    KEY_COMPROMISED = "key_compromised"
    OTHER = "other"
