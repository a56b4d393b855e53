"""Too many tries in a short time are told when to come back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.domain.errors import NotAuthenticatedError, RateLimitedError
from exchange.services import api_clients, sessions
from exchange.services.context import Context
from exchange.services.rate_limits import Bucket, limit
from tests import factories


def strict(ctx: Context, **rates: str) -> Context:
    """The same exchange with tighter limits."""
    return replace(ctx, settings=ctx.settings.model_copy(update=rates))


@pytest.mark.parametrize("bucket", ["sign_in", "token", "import", "denied"])
def test_each_bucket_counts_by_its_own_setting_and_key(ctx: Context, bucket: Bucket) -> None:
    tight = strict(ctx, **{f"rate_{bucket}": "2/minute"})
    for _ in range(2):
        limit(tight, bucket, "somebody")
    with pytest.raises(RateLimitedError) as caught:
        limit(tight, bucket, "somebody")
    assert 1 <= caught.value.retry_after <= 60
    limit(tight, bucket, "somebody else")


def test_buckets_do_not_share_their_count(ctx: Context) -> None:
    tight = strict(ctx, rate_sign_in="1/minute", rate_token="1/minute")
    limit(tight, "sign_in", "somebody")
    limit(tight, "token", "somebody")


def test_sign_in_is_limited_per_account_also_from_many_addresses(ctx: Context) -> None:
    firm, tight = factories.party(ctx), strict(ctx, rate_sign_in="3/minute")
    for number in range(3):
        with pytest.raises(NotAuthenticatedError):
            sessions.sign_in(tight, firm.email, "wrong password", f"192.0.2.{number}")
    with pytest.raises(RateLimitedError):
        sessions.sign_in(tight, firm.email.upper(), factories.PASSWORD, "192.0.2.9")


def test_sign_in_is_limited_per_address_also_over_many_accounts(ctx: Context) -> None:
    tight = strict(ctx, rate_sign_in="3/minute")
    for number in range(3):
        with pytest.raises(NotAuthenticatedError):
            sessions.sign_in(tight, f"guess{number}@firm.example", "wrong password", "192.0.2.1")
    with pytest.raises(RateLimitedError):
        sessions.sign_in(tight, "guess9@firm.example", "wrong password", "192.0.2.1")


def test_tokens_are_limited_per_client(ctx: Context) -> None:
    tight = strict(ctx, rate_token="2/minute")
    for _ in range(2):
        with pytest.raises(NotAuthenticatedError):
            api_clients.issue_token(tight, "guessed", "secret")
    with pytest.raises(RateLimitedError):
        api_clients.issue_token(tight, "guessed", "secret")
