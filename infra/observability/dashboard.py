"""The dashboard of the platform: what is watched, with its bound; and what explains it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

import pulumi

from infra.observability.gauges import Gauge, Platform
from infra.settings import StackSettings

_WIDTH: Final = 8
_HEIGHT: Final = 6
_COLUMNS: Final = 24 // _WIDTH


def dashboard(settings: StackSettings, watched: Sequence[Gauge], platform: Platform) -> dict[str, Any]:
    """The body of a CloudWatch dashboard: a graph for each kind of gauge, then the throughput of each part."""
    panels = [_of_gauges(settings, list(kind)) for _, kind in groupby(sorted(watched, key=_kind), _kind)]
    panels += [_of_metrics(settings, title, metrics) for title, metrics in _explaining(settings, platform).items()]
    return {"widgets": [_placed(panel, number) for number, panel in enumerate(panels)]}


def _kind(gauge: Gauge) -> tuple[str, str]:
    return gauge.namespace, gauge.metric


def _of_gauges(settings: StackSettings, kind: Sequence[Gauge]) -> dict[str, Any]:
    first = kind[0]
    lines = [_line(each.namespace, each.metric, each.dimensions) for each in kind]
    bound = {"horizontal": [{"label": "alarm", "value": first.bound, "fill": "above" if first.above else "below"}]}
    return {**_graph(settings, first.metric, lines, first.statistic), "annotations": bound}


def _of_metrics(settings: StackSettings, title: str, lines: Sequence[list[Any]]) -> dict[str, Any]:
    return _graph(settings, title, lines, "Average")


def _graph(settings: StackSettings, title: str, lines: Sequence[list[Any]], statistic: str) -> dict[str, Any]:
    return {
        "title": title,
        "view": "timeSeries",
        "stacked": False,
        "region": settings.region,
        "stat": statistic,
        "period": 60,
        "metrics": list(lines),
    }


def _line(namespace: str, metric: str, dimensions: Mapping[str, pulumi.Input[str]]) -> list[Any]:
    return [namespace, metric, *(part for pair in dimensions.items() for part in pair)]


def _explaining(settings: StackSettings, platform: Platform) -> dict[str, list[list[Any]]]:
    database = {"DBInstanceIdentifier": platform.database}
    brokers = [
        {"Cluster Name": platform.kafka, "Broker ID": str(number)} for number in range(1, settings.broker_count + 1)
    ]
    cluster = {"ClusterName": platform.cluster}
    shown = {
        "Kafka: bytes in": [_line("AWS/Kafka", "BytesInPerSec", each) for each in brokers],
        "Kafka: bytes out": [_line("AWS/Kafka", "BytesOutPerSec", each) for each in brokers],
        "PostgreSQL: connections": [_line("AWS/RDS", "DatabaseConnections", database)],
        "PostgreSQL: latency": [_line("AWS/RDS", each, database) for each in ("ReadLatency", "WriteLatency")],
        "EKS: nodes": [
            _line("ContainerInsights", each, cluster) for each in ("cluster_node_count", "cluster_failed_node_count")
        ],
    }
    if (balancer := platform.of_balancer) is not None:
        shown["Edge: requests"] = [_line("AWS/ApplicationELB", "RequestCount", balancer)]
        shown["Edge: response time"] = [_line("AWS/ApplicationELB", "TargetResponseTime", balancer)]
    return shown


def _placed(properties: dict[str, Any], number: int) -> dict[str, Any]:
    row, column = divmod(number, _COLUMNS)
    place = {"x": column * _WIDTH, "y": row * _HEIGHT, "width": _WIDTH, "height": _HEIGHT}
    return {"type": "metric", **place, "properties": properties}
