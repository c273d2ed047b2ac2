"""What EKS Auto Mode wants to be told inside the cluster, where no add-on of ours tells it.

Both are AWS's own kinds of object; on a cluster with nodes of ours the add-on `vpc-cni` and the scaling group do it.
"""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import ConfigMap
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.component import Component
from infra.settings import StackSettings
from infra.workloads.flow_policies import EDGE_PORT
from infra.workloads.service import EDGE_SUFFIX

API_VERSION: Final = "eks.amazonaws.com/v1"
_SKIP_AWAIT: Final = {"pulumi.com/skipAwait": "true"}


class AutoMode(Component):
    """Network policies that are enforced, and nodes that come and go behind the load balancer. `all` is both."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        namespace: pulumi.Input[str],
        entry: str,
        target_group: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:AutoMode", name, settings, opts)
        # Without it, network policies are accepted and not enforced: control NET-4.
        enforced = ConfigMap(
            self.child_name("network-policies"),
            metadata=ObjectMetaArgs(name="amazon-vpc-cni", namespace="kube-system"),
            data={"enable-network-policy-controller": "true"},
            opts=self.child(),
        )
        self.all: list[pulumi.Resource] = [enforced]
        if settings.domain:
            self._bind(namespace, f"{entry}-{EDGE_SUFFIX}", target_group)
        self.register_outputs({})

    def _bind(self, namespace: pulumi.Input[str], service: str, target_group: pulumi.Output[str]) -> None:
        """Every node is a target, by the node port of the service, which is made later: AWS waits for it."""
        CustomResource(
            self.child_name("targets"),
            api_version=API_VERSION,
            kind="TargetGroupBinding",
            metadata=ObjectMetaArgs(name=service, namespace=namespace, annotations=_SKIP_AWAIT),
            spec={
                "serviceRef": {"name": service, "port": EDGE_PORT},
                "targetGroupARN": target_group,
                "targetType": "instance",
            },
            opts=self.child(),
        )
