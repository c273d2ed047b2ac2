"""What the foundation hands to the workloads: the whole contract between the two layers, and nothing else.

Where both layers are one stack it is made of the components; where they are two, the foundation exports each field
under its own name and the workloads read it back by a stack reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import pulumi

from infra.settings.network import NetworkSettings


@dataclass(frozen=True, kw_only=True)
class Footing:
    """Names, addresses and ARNs of a foundation that stands; `usable` and `granted` order a run that makes both."""

    addresses: pulumi.Output[str]
    """The network's CIDR and zones, as one text: both layers compute with them, so they must agree."""
    cluster_name: pulumi.Output[str]
    cluster_endpoint: pulumi.Output[str]
    cluster_authority: pulumi.Output[str]
    """The certificate of the API's authority, base64."""
    cluster_administrator: pulumi.Output[str]
    """The ARN of the role that administers the cluster."""
    database_secret: pulumi.Output[str]
    database_url: pulumi.Output[str]
    operator_secret: pulumi.Output[str]
    edge_target_group: pulumi.Output[str]
    """The ARN of what the load balancer leads to; empty where the stack has no edge."""
    streaming_bootstrap: pulumi.Output[str]

    usable: Sequence[pulumi.Resource] = field(default=(), metadata={"local": True})
    """What must exist before the cluster takes objects."""
    granted: Sequence[pulumi.Resource] = field(default=(), metadata={"local": True})
    """What must exist before a service starts: its rights and its topics."""

    @classmethod
    def of_stack(cls, stack: str, settings: NetworkSettings) -> Self:
        """The footing that another stack exported.

        The run fails where that stack lacks one of the outputs, or lies elsewhere than this one's settings say.
        """
        reference = pulumi.StackReference("foundation", stack_name=stack)
        outputs: dict[str, Any] = {name: _required(reference, stack, name) for name in cls.names()}
        named = pulumi.Output.all(outputs["addresses"], outputs["cluster_name"])
        outputs["cluster_name"] = named.apply(lambda both: _agreed(stack, both[0], settings) and both[1])
        return cls(**outputs)

    @classmethod
    def names(cls) -> list[str]:
        """The fields that cross from stack to stack."""
        return [each.name for each in fields(cls) if not each.metadata.get("local")]

    def export(self) -> None:
        """Make every field an output of this stack."""
        for name in self.names():
            pulumi.export(name, getattr(self, name))


def _required(reference: pulumi.StackReference, stack: str, name: str) -> pulumi.Output[Any]:
    def present(value: object) -> object:
        if value is None:
            raise pulumi.RunError(
                f"the stack {stack!r} has no output {name!r}, which the layer workloads stands on: "
                "bring that stack up to date first, and see that valletta:foundation_stack names it"
            )
        return value

    return reference.get_output(name).apply(present)


def addresses(settings: NetworkSettings) -> str:
    """Where a stack lies, as `10.20.0.0/16 eu-west-1a eu-west-1b eu-west-1c`."""
    return " ".join([str(settings.vpc_cidr), *settings.availability_zones])


def _agreed(stack: str, theirs: str, settings: NetworkSettings) -> bool:
    if theirs != addresses(settings):
        raise pulumi.RunError(
            f"valletta:vpc_cidr and valletta:availability_zones say {addresses(settings)}, but the foundation "
            f"{stack!r} lies in {theirs}: give this stack the same settings"
        )
    return True
