"""The EKS add-ons: what nodes need to join and pods to talk, each with rights of its own by Pod Identity."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.pods import POD_IDENTITY_TRUST
from infra.settings import StackSettings

_AWS_POLICIES: Final = "arn:aws:iam::aws:policy/"
_ROLES: Final[Mapping[str, tuple[str, str]]] = {
    "vpc-cni": ("aws-node", "AmazonEKS_CNI_Policy"),
    "aws-ebs-csi-driver": ("ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
}
"""Add-ons that call AWS: the service account which they run as, and the policy that it needs."""


class AddOns(Component):
    """The add-ons in two steps: `networking` before nodes join, the rest (`complete`) on nodes that are there."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        cluster_name: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:AddOns", name, settings, opts)
        self._cluster_name = cluster_name
        self.networking: list[pulumi.Resource] = [
            # Without this, network policies are accepted and not enforced: control NET-4.
            self._make("vpc-cni", configuration={"enableNetworkPolicy": "true"}),
            self._make("kube-proxy"),
            self._make("eks-pod-identity-agent"),
        ]
        self.all: list[pulumi.Resource] = list(self.networking)

    def complete(self, nodes: pulumi.Resource) -> None:
        """Add what runs as ordinary pods and would wait for nodes."""
        self.all += [self._make("coredns", after=nodes), self._make("aws-ebs-csi-driver", after=nodes)]
        self.register_outputs({})

    def _make(
        self, addon: str, *, after: pulumi.Resource | None = None, configuration: Mapping[str, Any] | None = None
    ) -> aws.eks.Addon:
        return aws.eks.Addon(
            self.child_name(addon),
            cluster_name=self._cluster_name,
            addon_name=addon,
            configuration_values=json.dumps(configuration, sort_keys=True) if configuration else None,
            pod_identity_associations=self._identity(addon),
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=self.tags(addon),
            opts=self.child(depends_on=[after] if after else []),
        )

    def _identity(self, addon: str) -> list[aws.eks.AddonPodIdentityAssociationArgs] | None:
        if addon not in _ROLES:
            return None
        account, policy = _ROLES[addon]
        role = aws.iam.Role(
            self.child_name(addon),
            name=self.name_of(addon),
            assume_role_policy=POD_IDENTITY_TRUST,
            tags=self.tags(addon),
            opts=self.child(),
        )
        aws.iam.RolePolicyAttachment(
            self.child_name(addon), role=role.name, policy_arn=f"{_AWS_POLICIES}{policy}", opts=self.child()
        )
        return [aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=account)]
