"""How a deployment grows and shrinks with its load: at once upwards, slowly down."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_kubernetes.autoscaling.v2 import (
    CrossVersionObjectReferenceArgs,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerBehaviorArgs,
    HorizontalPodAutoscalerSpecArgs,
    HPAScalingPolicyArgs,
    HPAScalingRulesArgs,
    MetricSpecArgs,
    MetricTargetArgs,
    ResourceMetricSourceArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.settings.workloads import Replicas
from infra.workloads.deploy import Scaling

_CALM_SECONDS: Final = 300
_STEP_SECONDS: Final = 60


def autoscaler(
    name: str,
    deployment: pulumi.Input[str],
    scaling: Scaling,
    bounds: Replicas,
    *,
    metadata: ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> HorizontalPodAutoscaler:
    """The autoscaler of the deployment of that name; it alone decides how many replicas there are."""
    return HorizontalPodAutoscaler(
        name,
        metadata=metadata,
        spec=HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=CrossVersionObjectReferenceArgs(api_version="apps/v1", kind="Deployment", name=deployment),
            min_replicas=bounds.least,
            max_replicas=bounds.most,
            metrics=[_metric("cpu", scaling.cpu_percent), _metric("memory", scaling.memory_percent)],
            behavior=_behavior(),
        ),
        opts=opts,
    )


def _metric(resource: str, percent: int) -> MetricSpecArgs:
    target = MetricTargetArgs(type="Utilization", average_utilization=percent)
    return MetricSpecArgs(type="Resource", resource=ResourceMetricSourceArgs(name=resource, target=target))


def _behavior() -> HorizontalPodAutoscalerBehaviorArgs:
    """Twice as many a minute when a race begins; one fewer a minute after five calm ones."""
    double = HPAScalingPolicyArgs(type="Percent", value=100, period_seconds=_STEP_SECONDS)
    one = HPAScalingPolicyArgs(type="Pods", value=1, period_seconds=_STEP_SECONDS)
    return HorizontalPodAutoscalerBehaviorArgs(
        scale_up=HPAScalingRulesArgs(stabilization_window_seconds=0, policies=[double]),
        scale_down=HPAScalingRulesArgs(stabilization_window_seconds=_CALM_SECONDS, policies=[one]),
    )
