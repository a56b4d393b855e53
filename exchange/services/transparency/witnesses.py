"""The witnesses the operator chose: whom checkpoints are posted to, and whose keys the trust root names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from exchange.config import Settings
from exchange.domain.errors import InvalidError
from exchange.trust import TrustError
from exchange.trust.log.note import COSIGNATURE, MAX_SIGNATURES, NoteKey, read_vkey


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness by its cosignature key; `url` is what `/add-checkpoint` is put behind."""

    key: NoteKey
    url: str


def configured(settings: Settings) -> tuple[Witness, ...]:
    """The witnesses of `VCX_WITNESSES`; raises InvalidError `witness.setting`."""
    return _read(settings.witnesses)


@cache
def _read(text: str) -> tuple[Witness, ...]:
    found = tuple(map(_witness, text.split()))
    if len(found) >= MAX_SIGNATURES:
        raise _wrong(f"A checkpoint holds the log's line and at most {MAX_SIGNATURES - 1} cosignatures.")
    names = [one.key.name for one in found]
    if len(set(names)) < len(names):
        raise _wrong(f"A witness is named twice: {', '.join(names)}.")
    return found


def _witness(text: str) -> Witness:
    vkey, _, rest = text.partition("@http")  # a key's name may hold "@", its base64 cannot
    try:
        key = read_vkey(vkey)
    except TrustError as error:
        raise _wrong(f"{vkey} is no verifier key: {error.detail}") from error
    if key.algorithm != COSIGNATURE:
        raise _wrong(f"The key of {key.name} is none for cosignatures (C2SP type 0x04).")
    return Witness(key, f"http{rest}")


def _wrong(detail: str) -> InvalidError:
    return InvalidError(
        detail,
        code="witness.setting",
        advice="Correct VCX_WITNESSES: <verifier key>@<url>, separated by spaces, as `vcx witness` prints it.",
    )
