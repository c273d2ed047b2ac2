"""Who may enter the cluster: an access entry a role, and EKS's own policies for what it may do inside.

Nobody enters by having made the cluster (`bootstrap_cluster_creator_admin_permissions` is off), and nobody by a file
in it (`authentication_mode` is `API`): whoever is in is in the plan. Control IAM-1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.cluster.pods import NAMESPACE

_POLICIES: Final = "arn:aws:eks::aws:cluster-access-policy/"


@dataclass(frozen=True)
class Rights:
    """What an entrance leads to: a policy of EKS's, in these namespaces or, with none, in the whole cluster."""

    policy: str
    namespaces: Sequence[str] = ()


ADMINISTER: Final = Rights("AmazonEKSClusterAdminPolicy")
DEPLOY: Final = Rights("AmazonEKSEditPolicy", [NAMESPACE])
"""Everything that runs in the exchange's namespace, but no role, no quota and no guardrail."""
VIEW: Final = Rights("AmazonEKSViewPolicy")
"""Everything but secrets."""


def admit(
    owner: Component,
    part: str,
    cluster_name: pulumi.Input[str],
    principal_arn: pulumi.Input[str],
    rights: Rights,
) -> aws.eks.AccessPolicyAssociation:
    """Let an IAM role in; the entry and what it gives are children of `owner`."""
    entry = aws.eks.AccessEntry(
        owner.child_name(part),
        cluster_name=cluster_name,
        principal_arn=principal_arn,
        type="STANDARD",
        tags=owner.tags(part),
        opts=owner.child(),
    )
    scope = aws.eks.AccessPolicyAssociationAccessScopeArgs(
        type="namespace" if rights.namespaces else "cluster", namespaces=list(rights.namespaces) or None
    )
    return aws.eks.AccessPolicyAssociation(
        owner.child_name(part),
        cluster_name=cluster_name,
        principal_arn=principal_arn,
        policy_arn=f"{_POLICIES}{rights.policy}",
        access_scope=scope,
        opts=owner.child(depends_on=[entry]),
    )
