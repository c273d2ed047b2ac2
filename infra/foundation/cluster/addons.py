"""The EKS add-ons: what nodes need to join and pods to talk, each with rights of its own by Pod Identity."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.cluster import telemetry
from infra.foundation.cluster.nodes import AWS_POLICIES
from infra.foundation.cluster.pods import POD_IDENTITY_TRUST
from infra.kubernetes_versions import add_on_version
from infra.settings import StackSettings

_ROLES: Final[Mapping[str, tuple[str, str]]] = {
    "vpc-cni": ("aws-node", "AmazonEKS_CNI_Policy"),
    "aws-ebs-csi-driver": ("ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
}
"""Add-ons that call AWS with a policy of AWS's: the service account which they run as, and the policy."""

_CONFIGURATIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    # Without this, network policies are accepted and not enforced: control NET-4.
    "vpc-cni": {"enableNetworkPolicy": "true"},
    # A rotated secret reaches a running pod within minutes, and no secret becomes a Kubernetes object.
    "aws-secrets-store-csi-driver-provider": {
        "secrets-store-csi-driver": {
            "enableSecretRotation": True,
            "rotationPollInterval": "2m",
            "syncSecret": {"enabled": False},
        }
    },
}

_BEFORE_NODES: Final = ("vpc-cni", "kube-proxy", "eks-pod-identity-agent")
"""Without them a node does not become ready."""
_ON_NODES: Final = ("coredns", "aws-ebs-csi-driver")
"""What runs as ordinary pods and would wait for nodes."""
_IN_EVERY_CLUSTER: Final = ("aws-secrets-store-csi-driver-provider", "metrics-server")
"""What Auto Mode, which brings the rest with its nodes, does not bring. GuardDuty installs its agent itself."""


class AddOns(Component):
    """The add-ons in two steps: `networking` before nodes join, the rest (`complete`) on nodes that are there.

    All versions are pinned, in `infra/kubernetes_versions.toml`: what AWS takes for the default is another next week.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        cluster_name: pulumi.Output[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:AddOns", name, settings, opts)
        self._cluster_name = cluster_name
        self.networking: list[pulumi.Resource] = []
        if not settings.cluster_auto_mode:
            self.networking += [self._make(each) for each in _BEFORE_NODES]
        self.all: list[pulumi.Resource] = list(self.networking)

    def complete(self, cluster_name: str, log_key_arn: pulumi.Input[str], nodes: Sequence[pulumi.Resource]) -> None:
        """Add what runs as ordinary pods, when `nodes` are there.

        `cluster_name` is the plain name, of which the agent's log groups are called.
        """
        ordinary = _IN_EVERY_CLUSTER if self.settings.cluster_auto_mode else (*_ON_NODES, *_IN_EVERY_CLUSTER)
        self.all += [self._make(each, after=nodes) for each in ordinary]
        role, ready = telemetry.agent_role(self, cluster_name, POD_IDENTITY_TRUST, log_key_arn)
        identity = aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=telemetry.SERVICE_ACCOUNT)
        self.all.append(self._install(telemetry.ADD_ON, telemetry.CONFIGURATION, identity, after=[*nodes, *ready]))
        self.register_outputs({})

    def _make(self, addon: str, *, after: Sequence[pulumi.Resource] = ()) -> aws.eks.Addon:
        configuration = _CONFIGURATIONS.get(addon)
        text = json.dumps(configuration, sort_keys=True) if configuration else None
        return self._install(addon, text, self._identity(addon), after=after)

    def _install(
        self,
        addon: str,
        configuration: str | None,
        identity: aws.eks.AddonPodIdentityAssociationArgs | None,
        *,
        after: Sequence[pulumi.Resource],
    ) -> aws.eks.Addon:
        return aws.eks.Addon(
            self.child_name(addon),
            cluster_name=self._cluster_name,
            addon_name=addon,
            addon_version=add_on_version(self.settings.cluster_version, addon),
            configuration_values=configuration,
            pod_identity_associations=[identity] if identity else None,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="OVERWRITE",
            tags=self.tags(addon),
            opts=self.child(depends_on=after),
        )

    def _identity(self, addon: str) -> aws.eks.AddonPodIdentityAssociationArgs | None:
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
            self.child_name(addon), role=role.name, policy_arn=f"{AWS_POLICIES}{policy}", opts=self.child()
        )
        return aws.eks.AddonPodIdentityAssociationArgs(role_arn=role.arn, service_account=account)
