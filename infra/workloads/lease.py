"""The lease of a shard, and the right to it: whoever runs the shard may renew that one lease and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
from pulumi_kubernetes.coordination.v1 import Lease
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs, Role, RoleBinding, RoleRefArgs, SubjectArgs

from infra.component import Component
from infra.settings import StackSettings

VERBS = ("get", "watch", "patch")
"""What the shard does with its lease; to create one cannot be granted by name, so it is created here."""


class ShardLease(Component):
    """The lease named like the shard's service account, with a role and a binding. `all` is every one of them."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        account: pulumi.Input[str],
        namespace: pulumi.Input[str],
        labels: Mapping[str, str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("workloads:ShardLease", name, settings, opts)
        metadata = ObjectMetaArgs(name=account, namespace=namespace, labels=dict(labels))
        # Without a spec: that is the shard's own, and Pulumi never touches it.
        lease = Lease(name, metadata=metadata, opts=self.child(ignore_changes=["spec"]))
        rule = PolicyRuleArgs(
            api_groups=["coordination.k8s.io"], resources=["leases"], resource_names=[account], verbs=list(VERBS)
        )
        role = Role(name, metadata=metadata, rules=[rule], opts=self.child())
        binding = RoleBinding(
            name,
            metadata=metadata,
            role_ref=RoleRefArgs(api_group="rbac.authorization.k8s.io", kind="Role", name=account),
            subjects=[SubjectArgs(kind="ServiceAccount", name=account, namespace=namespace)],
            opts=self.child(depends_on=[role]),
        )
        self.all: list[pulumi.Resource] = [lease, role, binding]
        self.register_outputs({})
