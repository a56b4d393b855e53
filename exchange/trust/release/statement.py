"""A statement by a registrar of the verifier's trust root: a type of its own, so that no other is asked for inputs."""

from __future__ import annotations

from dataclasses import InitVar, dataclass

from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import BundleError, NotVerifiedError
from exchange.trust.release.content import ReleaseContent, read_content
from exchange.trust.trust_root import TrustRoot

# Known to `registered` alone, which is what makes the type a promise.
_SEAL = object()


@dataclass(frozen=True, slots=True)
class RegisteredStatement:
    """A statement whose signature holds and is a registrar's. Only `registered` can make one."""

    dataset: VerifiedDataset
    content: ReleaseContent
    seal: InitVar[object] = None

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise NotVerifiedError(
                "dataset.not_verified", "A registered statement comes from registered() only."
            )


def require_registrar(dataset: VerifiedDataset, trust: TrustRoot) -> None:
    """Refuse another issuer than a registrar of the trust root (BundleError `issuer_identity.registrar`)."""
    if dataset.issuer not in trust.registrars:
        detail = f"{dataset.issuer} is no registrar of your trust root."
        raise BundleError("issuer_identity.registrar", detail)


def registered(dataset: VerifiedDataset, trust: TrustRoot) -> RegisteredStatement:
    """The statement `dataset`, signed by a registrar of `trust`. Raises as `require_registrar`, `read_content`."""
    require_registrar(dataset, trust)
    return RegisteredStatement(dataset, read_content(dataset), seal=_SEAL)
