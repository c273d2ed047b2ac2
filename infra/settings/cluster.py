"""The Kubernetes cluster's settings: its version and its nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints

from infra.settings.base import Defaults, Environment, Layer, StackIdentity
from infra.settings.rules import order_findings


class ClusterSettings(StackIdentity):
    """EKS and its system nodes."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {"node_min": 2, "node_max": 4}
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {Environment.LOCAL: {"node_min": 1, "node_max": 3}}

    cluster_version: Annotated[str, StringConstraints(pattern=r"^1\.(3[2-9])$")] = "1.34"
    node_instance_types: Annotated[tuple[str, ...], Field(min_length=1)] = ("m7i.large",)
    node_min: Annotated[int, Field(ge=1, le=450)] = 3
    node_max: Annotated[int, Field(ge=1, le=450)] = 9
    node_disk_gib: Annotated[int, Field(ge=20, le=16384)] = 50

    def findings(self) -> Iterator[str]:
        """The bounds of the node group are in order."""
        yield from order_findings(self, "node_min", "node_max")
