"""The demo: loaded once through the services, reproducible, and its chain figures agree with a dense solve."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import structlog

from exchange import demo
from exchange.bootstrap import Exchange, open_exchange
from exchange.config import Settings
from exchange.demo import figures
from exchange.demo.result import DemoResult
from exchange.demo.story.deliveries import DELIVERIES, SITES
from exchange.demo.story.model import YEARS
from exchange.demo.story.products import DECLARED, PRODUCTS
from exchange.demo.story.requests import CHAINS
from exchange.domain.actors import Actor
from exchange.domain.errors import ConflictError, UnavailableError
from exchange.domain.groups import Purpose
from exchange.domain.indicators import Indicator
from exchange.domain.requests import LineState
from exchange.services import accounts, chains, grants, reading, requests, sessions
from exchange.services.api_clients import actor_of_token, issue_token
from exchange.store import migrate

PRODUCT = {product.key: product for product in PRODUCTS}
INDICATORS = tuple(Indicator)


@dataclass(frozen=True)
class Loaded:
    """The loaded demo and the exchange it is in."""

    exchange: Exchange
    result: DemoResult
    folder: Path


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    folder = tmp_path_factory.mktemp("demo")
    settings = Settings(data_dir=folder, database_url="")
    migrate.upgrade(settings.database)
    exchange = open_exchange(settings, "worker")
    yield Loaded(exchange, demo.load(exchange), folder)
    exchange.store.close()
    structlog.reset_defaults()
