"""What an operator watches: probes that mean something, metrics without tenants."""

from __future__ import annotations

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import text

from exchange.adapters.clock import SteppingClock
from exchange.app import create_app
from exchange.bootstrap import Exchange
from exchange.services.context import Context
from exchange.services.jobs import Queue, enqueue
from tests import datasets, factories
from tests.api.conftest import caller


def metric(client: FlaskClient, name: str) -> float:
    """The value of one line of /metrics."""
    lines = client.get("/metrics").text.splitlines()
    return float(next(line.rsplit(" ", 1)[1] for line in lines if line.startswith(name + " ")))


def test_the_process_is_healthy_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json) == (
        200,
        {"status": "ready", "checks": {"database": True, "migrations": True, "worker": True}},
    )


def test_work_that_nobody_takes_for_two_minutes_makes_the_process_unready(
    ctx: Context, client: FlaskClient, clock: SteppingClock
) -> None:
    with ctx.store.write() as session:
        enqueue(ctx, session, "rollup", Queue.ROLLUP, {})
    assert client.get("/readyz").status_code == 200
    clock.move(timedelta(seconds=121))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None and answer.json["checks"]["worker"] is False
    assert metric(client, "vcx_queue_age_seconds") > 121
    assert metric(client, 'vcx_jobs{state="queued"}') == 1


def test_a_database_at_another_revision_makes_the_process_unready(ctx: Context, client: FlaskClient) -> None:
    with ctx.store.write() as session:
        session.connection().execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None and answer.json["checks"]["migrations"] is False


def test_log_lag_is_the_age_of_the_oldest_entry_that_nothing_has_sequenced(
    ctx: Context, client: FlaskClient, clock: SteppingClock
) -> None:
    assert metric(client, "vcx_log_pending") == 0
    datasets.own_key(factories.party(ctx))
    clock.move(timedelta(seconds=30))
    assert metric(client, "vcx_log_pending") == 1
    assert metric(client, "vcx_log_lag_seconds") > 30
    datasets.own_key(factories.party(ctx))
    assert metric(client, "vcx_log_pending") == 2
    assert metric(client, "vcx_log_lag_seconds") > 30


def test_requests_are_counted_by_route_template_never_by_path(ctx: Context, exchange: Exchange) -> None:
    supplier = caller(ctx, create_app(exchange).test_client())
    about = datasets.product(supplier.party)
    supplier.get(f"/products/{about.id}")
    supplier.client.open("/nowhere", method="BREW")
    written = supplier.client.get("/metrics").text
    assert (
        'vcx_http_requests_total{method="GET",route="/api/v1/products/<product_id>",status="200"} 1.0'
        in written
    )
    assert 'method="other",route="none"' in written
    assert about.id not in written
    assert supplier.party.id not in written
