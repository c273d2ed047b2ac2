"""What each type of resource costs in a month: a file a kind, gathered here."""

from __future__ import annotations

from infra.cost.rates import computing, edge, keeping, watching
from infra.cost.rates.base import RATES, Context, Line
from infra.cost.rates.free import FREE

__all__ = ["FREE", "RATES", "Context", "Line", "computing", "edge", "keeping", "watching"]
