"""How many pods may be moved at once for the cluster's own reasons."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.policy.v1 import PodDisruptionBudget, PodDisruptionBudgetSpecArgs


def disruption_budget(
    name: str, selected: Mapping[str, str], *, metadata: ObjectMetaArgs, opts: pulumi.ResourceOptions
) -> PodDisruptionBudget:
    """One of the pods with these labels at a time; one that is not ready anyway holds up nobody."""
    return PodDisruptionBudget(
        name,
        metadata=metadata,
        spec=PodDisruptionBudgetSpecArgs(
            max_unavailable=1,
            selector=LabelSelectorArgs(match_labels=dict(selected)),
            unhealthy_pod_eviction_policy="AlwaysAllow",
        ),
        opts=opts,
    )
