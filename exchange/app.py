"""The web application: composes API and pages over one exchange."""

from __future__ import annotations

import time

import structlog
from flask import Flask, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from exchange import api, web
from exchange.adapters.entropy import uuid7
from exchange.api import problems
from exchange.api.csrf import refuse_cross_site_writes
from exchange.api.headers import add_headers
from exchange.api.monitoring import Metrics
from exchange.bootstrap import Exchange
from exchange.domain.errors import ExchangeError, InvalidError
from exchange.trust import TrustError
from exchange.web import errors as pages

log = structlog.get_logger("http")


def create_app(exchange: Exchange) -> Flask:
    """The Flask application serving this exchange; holds no other state."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = exchange.settings.max_body_bytes
    app.extensions["vcx"] = exchange
    metrics = Metrics(exchange)
    _install_hooks(app, exchange, metrics)
    _install_error_handlers(app)
    app.register_blueprint(api.create_blueprint(metrics))
    app.register_blueprint(web.create_blueprint())
    return app


def _install_hooks(app: Flask, exchange: Exchange, metrics: Metrics) -> None:
    @app.before_request
    def begin() -> None:
        g.started = time.perf_counter()
        g.request_id = uuid7(exchange.clock.now(), exchange.entropy)
        refuse_cross_site_writes()

    @app.after_request
    def end(response: Response) -> Response:
        seconds = time.perf_counter() - g.started
        route = request.url_rule.rule if request.url_rule else "none"
        metrics.count(request.method, route, response.status_code, seconds)
        log.info(
            "http.request",
            request_id=g.request_id,
            method=request.method,
            route=route,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
        return add_headers(response)


def _install_error_handlers(app: Flask) -> None:
    @app.errorhandler(ExchangeError)
    def refused(error: ExchangeError) -> Response:
        return problems.from_exchange_error(error) if _is_api() else pages.show_refusal(error)

    @app.errorhandler(TrustError)
    def not_trusted(error: TrustError) -> Response:
        if _is_api():
            return problems.from_trust_error(error)
        return pages.show_refusal(
            InvalidError(error.detail, code=error.code, path=error.path, advice=error.advice)
        )

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return problems.from_http_error(error) if _is_api() else pages.show_error(error)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("http.failed", request_id=g.get("request_id"), exc_info=error)
        return problems.from_unforeseen() if _is_api() else pages.show_error(error)


def _is_api() -> bool:
    return api.is_api_path(request.path)
