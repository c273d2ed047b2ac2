"""The Kubernetes cluster's settings: its version, its nodes, and who may enter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from infra.kubernetes_versions import add_on_versions
from infra.settings.base import Defaults, Environment, Layer, StackIdentity
from infra.settings.rules import order_findings

_INSTANCE_TYPE: Final = re.compile(
    r"^[a-z]+\d+(?P<options>[a-z-]*)\.(nano|micro|small|medium|\d*x?large|metal(-\d+xl)?)$"
)
_ENTRANCES: Final = ("cluster_administrators", "cluster_deployers", "cluster_auditors")


class NodeOs(StrEnum):
    """What a node runs: Amazon Linux 2023, or Bottlerocket, which has no shell and a read-only root."""

    AL2023 = "al2023"
    BOTTLEROCKET = "bottlerocket"


class ControlPlaneEgress(StrEnum):
    """By which way the control plane reaches webhooks and identity providers: AWS's network, or the stack's own.

    Nobody leads a cluster back from `customer-routed`.
    """

    AWS_MANAGED = "aws-managed"
    CUSTOMER_ROUTED = "customer-routed"


def _cluster_version(value: object) -> object:
    """A version whose add-ons are known."""
    known = sorted(add_on_versions())
    if value not in known:
        raise ValueError(f"the versions are {', '.join(known)}, as infra/kubernetes_versions.toml has them")
    return value


def _node_type(value: object) -> object:
    """An EC2 instance type."""
    if not _INSTANCE_TYPE.match(str(value)):
        raise ValueError("an EC2 instance type is wanted, such as m7i.large or m7g.xlarge")
    return value


def _principal(value: object) -> object:
    """A role that an access entry can name."""
    if not re.match(r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]{1,512}$", str(value)):
        raise ValueError("the ARN of an IAM role is wanted, such as arn:aws:iam::123456789012:role/auditors")
    return value


Principal = Annotated[str, BeforeValidator(_principal)]


class ClusterSettings(StackIdentity):
    """EKS and its nodes: a managed group of the system's own, or, in Auto Mode, what Karpenter chooses."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {"node_min": 2, "node_max": 4}
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {Environment.LOCAL: {"node_min": 1, "node_max": 3}}

    # The release from whose sources a laptop's control plane is built, too: tools/go.mod.
    cluster_version: Annotated[str, BeforeValidator(_cluster_version)] = "1.35"
    # EKS Auto Mode: AWS keeps the nodes, and Karpenter chooses them; the node settings below are then nobody's.
    # Both layers of a pair must say it: the workloads then tell AWS what the add-ons would.
    cluster_auto_mode: bool = False
    cluster_egress: ControlPlaneEgress = ControlPlaneEgress.AWS_MANAGED
    node_os: NodeOs = NodeOs.AL2023
    node_instance_types: Annotated[tuple[Annotated[str, BeforeValidator(_node_type)], ...], Field(min_length=1)] = (
        "m7i.large",
    )
    node_min: Annotated[int, Field(ge=1, le=450)] = 3
    node_max: Annotated[int, Field(ge=1, le=450)] = 9
    node_disk_gib: Annotated[int, Field(ge=20, le=16384)] = 50
    # Roles that enter the cluster beside the stack's own administrator: IAM Identity Center's, for instance.
    cluster_administrators: tuple[Principal, ...] = ()
    # They may change what runs in the exchange's namespace, but for its secrets' rights and its guardrails.
    cluster_deployers: tuple[Principal, ...] = ()
    # They may look at everything but secrets.
    cluster_auditors: tuple[Principal, ...] = ()

    def findings(self) -> Iterator[str]:
        """The bounds of the node group are in order, its types of one architecture; a role enters by one door."""
        yield from order_findings(self, "node_min", "node_max")
        if len({is_arm(each) for each in self.node_instance_types}) > 1:
            types = ", ".join(self.node_instance_types)
            yield f"valletta:node_instance_types has {types}: a node group has one architecture, so name one kind"
        seen: dict[str, str] = {}
        for key in _ENTRANCES:
            for role in getattr(self, key):
                if seen.setdefault(role, key) != key:
                    yield f"valletta:{key} names {role}, as valletta:{seen[role]} does: EKS has one entry a role"


def is_arm(instance_type: str) -> bool:
    """Whether an instance type is one of AWS's own processors: m7g, c7gn, t4g."""
    found = _INSTANCE_TYPE.match(instance_type)
    return found is not None and "g" in re.split("-", found["options"])[0][:1]
