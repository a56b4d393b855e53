"""Demo accounts have passwords anybody can read: they are for the machine they are on, and no other."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from exchange.config import Settings
from exchange.domain.errors import NotPermittedError


def refuse_public_loading(settings: Settings) -> None:
    """Raise NotPermittedError (`demo.public`) where the exchange is for others than this machine."""
    reached_as = urlsplit(settings.public_url).hostname or ""
    if settings.is_loopback and is_loopback(reached_as):
        return
    raise NotPermittedError(
        "The demo is not loaded into an exchange that others can reach: its passwords are printed.",
        code="demo.public",
        advice="Leave VCX_HOST and VCX_PUBLIC_URL at their defaults, or do without the demo.",
    )


def require_loopback(address: str) -> None:
    """Raise NotPermittedError (`demo.loopback_only`) for a demo account used from another machine."""
    if not is_loopback(address):
        raise NotPermittedError(
            "A demo account is good on the exchange's own machine only.",
            code="demo.loopback_only",
            advice="Sign up for an account of your own.",
        )


def is_loopback(address: str) -> bool:
    """True for a network address or name of this machine itself; False for what is neither."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address == "localhost"
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return (mapped or parsed).is_loopback
