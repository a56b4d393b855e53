"""The voluntary standard's (VSME) datapoints out of the calculations of an organisation's sites."""

from __future__ import annotations

from exchange.domain.voluntary_standard.accounts import (
    AccountedFlow,
    AccountedSite,
    Lack,
    LackKind,
    read_flow,
)
from exchange.domain.voluntary_standard.datapoints import Datapoints, datapoints_of

__all__ = ["AccountedFlow", "AccountedSite", "Datapoints", "Lack", "LackKind", "datapoints_of", "read_flow"]
