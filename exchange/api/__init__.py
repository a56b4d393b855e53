"""The JSON interface: /api/v1, the token endpoint, the description of both, and the operator's probes."""

from __future__ import annotations

import json
from functools import cache, partial
from typing import Any

from flask import Blueprint, Response

from exchange.api import log, monitoring, status_lists, token
from exchange.api.endpoint import serve
from exchange.api.monitoring import Metrics
from exchange.api.openapi import PREFIX, describe
from exchange.api.operation import Operation, Resource
from exchange.api.v1 import (
    access_records,
    account_templates,
    api_clients,
    bills,
    calculations,
    chains,
    company_years,
    dataset_batches,
    datasets,
    development,
    factors,
    flows,
    foreign_credentials,
    grants,
    imports,
    initiatives,
    invitations,
    jobs,
    keys,
    measured_deliveries,
    organisation_drafts,
    organisations,
    outputs,
    products,
    publications,
    readings,
    releases,
    requests,
    revocation,
    schema_files,
    sessions,
    sites,
    spreading_keys,
    suppliers,
    targets,
    users,
)

RESOURCES: tuple[Resource, ...] = (
    organisations.resource,
    users.resource,
    invitations.resource,
    sessions.resource,
    api_clients.resource,
    keys.resource,
    schema_files.resource,
    products.resource,
    sites.resource,
    flows.resource,
    spreading_keys.resource,
    bills.resource,
    readings.resource,
    outputs.resource,
    company_years.resource,
    factors.resource,
    calculations.resource,
    measured_deliveries.resource,
    targets.resource,
    development.resource,
    initiatives.resource,
    organisation_drafts.resource,
    datasets.resource,
    dataset_batches.resource,
    publications.resource,
    revocation.resource,
    requests.resource,
    grants.resource,
    suppliers.resource,
    access_records.resource,
    chains.resource,
    releases.resource,
    imports.resource,
    foreign_credentials.resource,
    account_templates.resource,
    jobs.resource,
)
PATHS = (
    "/api/",
    "/auth/",
    "/.well-known/",
    "/log/",
    "/status/",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
)


def create_blueprint(metrics: Metrics) -> Blueprint:
    """All routes of this package."""
    blueprint = Blueprint("api", __name__)
    for resource in RESOURCES:
        for operation in resource.operations:
            blueprint.add_url_rule(
                PREFIX + operation.rule, operation.name, _view(operation), methods=[operation.method]
            )
    token.add_routes(blueprint)
    monitoring.add_routes(blueprint, metrics)
    status_lists.add_routes(blueprint)
    log.add_routes(blueprint)
    blueprint.add_url_rule(
        "/openapi.json", "openapi", lambda: Response(description(), content_type="application/json")
    )
    return blueprint


@cache
def description() -> str:
    """The OpenAPI document of all resources, as served."""
    return json.dumps(describe(RESOURCES), ensure_ascii=False)


def is_api_path(path: str) -> bool:
    """Whether errors on this path are told as problem documents rather than pages."""
    return path.startswith(PATHS)


def _view(operation: Operation) -> Any:
    return partial(_serve, operation)


def _serve(operation: Operation, **path_values: str) -> Response:
    return serve(operation, path_values)
