"""Limits on how often somebody may try: sign-in, passwords asked for again, tokens, imports and denied reads."""

from __future__ import annotations

import hashlib
import math
import time
from functools import cache
from typing import Literal

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from exchange.config import Settings
from exchange.domain.errors import RateLimitedError
from exchange.services.context import Context

Bucket = Literal["sign_in", "confirm", "token", "import", "foreign", "denied"]


def limit(ctx: Context, bucket: Bucket, key: str) -> None:
    """Count one try under `key`; raises RateLimitedError with the wait when there were too many.

    Within the window named by `VCX_RATE_<BUCKET>`. Keys are hashed: they may hold addresses and e-mails.
    """
    limiter, rate, hashed = _counted(ctx, bucket, key)
    if not limiter.hit(rate, bucket, hashed):
        reset_at, _ = limiter.get_window_stats(rate, bucket, hashed)
        raise RateLimitedError("Too many tries in a short time.", retry_after=_wait_until(reset_at))


def forget_tries(ctx: Context, bucket: Bucket, key: str) -> None:
    """Count what was tried under `key` no longer, so that only tries that failed count."""
    limiter, rate, hashed = _counted(ctx, bucket, key)
    limiter.clear(rate, bucket, hashed)


def _counted(ctx: Context, bucket: Bucket, key: str) -> tuple[MovingWindowRateLimiter, RateLimitItem, str]:
    hashed = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
    return _limiter(ctx.settings.rate_limit_url), _rate(ctx.settings, bucket), hashed


def _wait_until(reset_at: float) -> int:
    return max(1, math.ceil(reset_at - time.time()))


def _rate(settings: Settings, bucket: Bucket) -> RateLimitItem:
    rates: dict[Bucket, str] = {
        "sign_in": settings.rate_sign_in,
        "confirm": settings.rate_confirm,
        "token": settings.rate_token,
        "import": settings.rate_import,
        "foreign": settings.rate_foreign,
        "denied": settings.rate_denied,
    }
    return _parsed(rates[bucket])


@cache
def _parsed(text: str) -> RateLimitItem:
    return parse(text)


@cache
def _limiter(url: str) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(url))
