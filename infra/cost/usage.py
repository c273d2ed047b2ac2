"""What no plan says and the bill depends on: how much is used. Assumptions, to be replaced by what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Self


class UsageError(Exception):
    """An assumption that cannot be; the message names it and those that there are."""


@dataclass(frozen=True)
class Usage:
    """Quantities of one month. Defaults are a small exchange in production: 20 bets a second on average."""

    requests_million: float = 250
    """HTTP requests at the edge."""
    traffic_gb: float = 400
    """Sent to the Internet."""
    nat_gb: float = 50
    endpoint_gb: float = 300
    log_gb: float = 150
    """Taken in by CloudWatch Logs, flow logs included."""
    object_gb: float = 200
    """Held in each bucket, on average over the year."""
    backup_gb: float = 300
    """Held in each backup vault."""
    image_gb: float = 3
    """Held in each image repository."""
    api_events_million: float = 3
    """Management events of the account."""
    data_events_million: float = 5
    config_items: float = 4000
    rule_evaluations: float = 20000
    security_checks: float = 15000
    samples_million: float = 1500
    """Taken in by Prometheus."""
    build_minutes: float = 1500
    capacity_units: float = 3
    """Of a load balancer, on average."""
    key_requests_million: float = 5

    def scaled(self, factor: float) -> Self:
        """The same with all quantities multiplied."""
        return replace(self, **{each.name: getattr(self, each.name) * factor for each in fields(self)})

    def with_(self, given: Mapping[str, float]) -> Self:
        """The same with some quantities given. Raises UsageError for one that is none, or is below nothing."""
        known = [each.name for each in fields(self)]
        for name, value in given.items():
            if name not in known:
                raise UsageError(f"{name!r} is no assumption; they are {', '.join(known)}")
            if value < 0:
                raise UsageError(f"{name} is {value:g}; a quantity is nothing or more")
        return replace(self, **given)


BY_ENVIRONMENT: Final[Mapping[str, Usage]] = {
    "production": Usage(),
    "staging": Usage().scaled(0.15),
    "local": Usage().scaled(0),
}
"""Staging sees a seventh of production's traffic; the account twin sends no bill."""
