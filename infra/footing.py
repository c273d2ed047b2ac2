"""What the foundation hands to the workloads: the whole contract between the two layers, and nothing else.

Where both layers are one stack it is made of the components; where they are two, the foundation exports each field
under its own name and the workloads read it back by a stack reference.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Self

import pulumi


@dataclass(frozen=True, kw_only=True)
class Footing:
    """Names, addresses and ARNs of a foundation that stands; `usable` and `granted` order a run that makes both."""

    cluster_name: pulumi.Output[str]
    cluster_endpoint: pulumi.Output[str]
    cluster_authority: pulumi.Output[str]
    """The certificate of the API's authority, base64."""
    cluster_administrator: pulumi.Output[str]
    """The ARN of the role that administers the cluster."""
    database_secret: pulumi.Output[str]
    database_url: pulumi.Output[str]
    operator_secret: pulumi.Output[str]
    streaming_bootstrap: pulumi.Output[str]

    usable: Sequence[pulumi.Resource] = field(default=(), metadata={"local": True})
    """What must exist before the cluster takes objects."""
    granted: Sequence[pulumi.Resource] = field(default=(), metadata={"local": True})
    """What must exist before a service starts: its rights and its topics."""

    @classmethod
    def of_stack(cls, stack: str) -> Self:
        """The footing that another stack exported. The run fails where that stack lacks one of the outputs."""
        reference = pulumi.StackReference("foundation", stack_name=stack)
        outputs: dict[str, Any] = {name: reference.require_output(name) for name in cls.names()}
        return cls(**outputs)

    @classmethod
    def names(cls) -> list[str]:
        """The fields that cross from stack to stack."""
        return [each.name for each in fields(cls) if not each.metadata.get("local")]

    def export(self) -> None:
        """Make every field an output of this stack."""
        for name in self.names():
            pulumi.export(name, getattr(self, name))
