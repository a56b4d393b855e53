"""Initiatives: what a company does, what it expects of it, and what can be seen afterwards (method section 8)."""

from __future__ import annotations

from exchange.domain.initiatives.decomposition import Cause, decompose
from exchange.domain.initiatives.expected import ExpectedEffect, FlowEffect, expected_effect
from exchange.domain.initiatives.initiative import (
    ChangeKind,
    EffortIndicator,
    ExpectedChange,
    Initiative,
    Motive,
    Place,
)
from exchange.domain.initiatives.observed import Naming, Observation, Unobservable, Unseen, observe
from exchange.domain.initiatives.period_model import REST, PeriodModel, Use
from exchange.domain.initiatives.shapley import shapley

__all__ = [
    "REST",
    "Cause",
    "ChangeKind",
    "EffortIndicator",
    "ExpectedChange",
    "ExpectedEffect",
    "FlowEffect",
    "Initiative",
    "Motive",
    "Naming",
    "Observation",
    "PeriodModel",
    "Place",
    "Unobservable",
    "Unseen",
    "Use",
    "decompose",
    "expected_effect",
    "observe",
    "shapley",
]
