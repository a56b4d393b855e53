"""Probes and metrics for the operator: no tenant, no path values, nothing secret in any of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from flask import Blueprint, Response, jsonify
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from exchange.api.running import anybody
from exchange.services import health
from exchange.services.context import Running

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Backlog(Collector):
    """Reads queue and log figures from the database whenever somebody scrapes."""

    def __init__(self, exchange: Running) -> None:
        self._exchange = exchange

    def collect(self) -> Iterable[Metric]:
        """One gauge per figure."""
        now = health.figures(self._exchange.context())
        jobs = GaugeMetricFamily("vcx_jobs", "Jobs by state.", labels=["state"])
        for state, count in (
            ("queued", now.jobs_queued),
            ("running", now.jobs_running),
            ("dead", now.jobs_dead),
        ):
            jobs.add_metric([state], count)
        yield jobs
        yield GaugeMetricFamily("vcx_queue_age_seconds", "Age of the oldest due job.", now.queue_age)
        yield GaugeMetricFamily(
            "vcx_log_pending",
            "Entries waiting for the transparency log.",
            now.log_pending,
        )
        yield GaugeMetricFamily("vcx_log_lag_seconds", "Age of the oldest waiting log entry.", now.log_lag)


class Metrics:
    """The metrics of one app, in a registry of their own."""

    def __init__(self, exchange: Running) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Backlog(exchange))
        self._requests = Counter(
            "vcx_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "vcx_http_request_seconds", "Time to answer.", ["method", "route"], registry=self.registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one answered request; `route` is the template, never the path."""
        known = method if method in METHODS else "other"
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(known, route).observe(seconds)


def add_routes(blueprint: Blueprint, metrics: Metrics) -> None:
    """Routes of this area."""
    blueprint.add_url_rule("/healthz", "healthz", healthz)
    blueprint.add_url_rule("/readyz", "readyz", readyz)
    blueprint.add_url_rule(
        "/metrics",
        "metrics",
        lambda: Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST),
    )


def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


def readyz() -> Response:
    """200 when database, schema and worker are fit to take requests, else 503 naming what is not."""
    found = health.readiness(anybody())
    response = jsonify(status="ready" if found.is_ready else "not ready", checks=asdict(found))
    response.status_code = 200 if found.is_ready else 503
    return response
