"""Where pods run: over zones and nodes, so that losing one of either leaves others."""

from __future__ import annotations

from collections.abc import Mapping

from pulumi_kubernetes.core.v1 import (
    AffinityArgs,
    PodAffinityTermArgs,
    PodAntiAffinityArgs,
    TopologySpreadConstraintArgs,
    WeightedPodAffinityTermArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

_ZONE = "topology.kubernetes.io/zone"
_NODE = "kubernetes.io/hostname"


def over_zones(selected: Mapping[str, str], *, strict: bool) -> TopologySpreadConstraintArgs:
    """Pods with these labels are in as many zones as can be; strictly: rather not run than be in one with another."""
    return TopologySpreadConstraintArgs(
        max_skew=1,
        topology_key=_ZONE,
        when_unsatisfiable="DoNotSchedule" if strict else "ScheduleAnyway",
        label_selector=LabelSelectorArgs(match_labels=dict(selected)),
    )


def apart(selected: Mapping[str, str], *, strict: bool) -> AffinityArgs:
    """Pods with these labels are on nodes of their own; strictly, or where there is room."""
    term = PodAffinityTermArgs(topology_key=_NODE, label_selector=LabelSelectorArgs(match_labels=dict(selected)))
    if strict:
        rule = PodAntiAffinityArgs(required_during_scheduling_ignored_during_execution=[term])
    else:
        wish = WeightedPodAffinityTermArgs(weight=100, pod_affinity_term=term)
        rule = PodAntiAffinityArgs(preferred_during_scheduling_ignored_during_execution=[wish])
    return AffinityArgs(pod_anti_affinity=rule)
