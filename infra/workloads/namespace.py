"""The namespace of the exchange: only restricted pods may run in it."""

from __future__ import annotations

from typing import Final

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.component import Component
from infra.foundation.identity import NAMESPACE
from infra.settings import StackSettings

POD_SECURITY: Final = "restricted"


class ExchangeNamespace(Component):
    """The namespace with Pod Security at its strictest: control CHG-5."""

    def __init__(self, name: str, settings: StackSettings, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("workloads:ExchangeNamespace", name, settings, opts)
        modes = {f"pod-security.kubernetes.io/{mode}": POD_SECURITY for mode in ("enforce", "audit", "warn")}
        self._namespace = Namespace(
            self.child_name("namespace"),
            metadata=ObjectMetaArgs(
                name=NAMESPACE,
                labels={
                    **modes,
                    "pod-security.kubernetes.io/enforce-version": f"v{settings.cluster_version}",
                    "app.kubernetes.io/part-of": "valletta",
                    "valletta/environment": settings.environment.value,
                },
            ),
            opts=self.child(),
        )
        self.register_outputs({"namespace": self.namespace})

    @property
    def namespace(self) -> pulumi.Output[str]:
        """The name of the namespace once it exists."""
        return self._namespace.metadata.apply(lambda metadata: metadata.name or NAMESPACE)
