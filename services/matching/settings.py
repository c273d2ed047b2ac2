"""What the shard is told by its environment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from services.journal.settings import JournalSettings

_MOUNTED = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class MatchingSettings(JournalSettings):
    """Read from VALLETTA_* (deploy.toml lists them); see JournalSettings for where the log is."""

    shard: int = Field(ge=0, description="the index of this shard, and of its partition")
    node: str = Field(min_length=1, max_length=253, description="this process's name, a part of its epochs' names")
    grpc_address: str = Field(pattern=r"^.+:\d+$", description="host:port")
    metrics_address: str = Field(pattern=r"^.+:\d+$", description="host:port")

    lease: Literal["kubernetes", "none"] = Field(default="none", description="none: this node has no competitor")
    lease_namespace: str = Field(default="", description="for kubernetes: where the lease matching-<shard> is")
    lease_duration_s: int = Field(default=15, ge=1, le=300, description="from a renewal to the lease's end")
    lease_renew_s: float = Field(default=5.0, gt=0, description="from a renewal to the next")
    lease_retry_s: float = Field(default=2.0, gt=0, description="the pause after a failure, and between looks")
    lease_credentials: Path = Field(default=_MOUNTED, description="the folder with the pod's `token` and `ca.crt`")
    kubernetes_service_host: str = Field(default="", validation_alias="KUBERNETES_SERVICE_HOST")
    kubernetes_service_port: int = Field(default=443, validation_alias="KUBERNETES_SERVICE_PORT")

    @property
    def api_server(self) -> str:
        """The URL of the API server, from what Kubernetes tells every container."""
        host = self.kubernetes_service_host
        return f"https://{f'[{host}]' if ':' in host else host}:{self.kubernetes_service_port}"

    @model_validator(mode="after")
    def _lease_complete(self) -> Self:
        if self.lease == "none":
            return self
        if not self.lease_namespace:
            raise ValueError("VALLETTA_LEASE is kubernetes: set VALLETTA_LEASE_NAMESPACE to the pod's namespace")
        if not self.kubernetes_service_host:
            raise ValueError("VALLETTA_LEASE is kubernetes: KUBERNETES_SERVICE_HOST, set in every pod, is absent")
        if self.lease_renew_s + 2 * self.lease_retry_s >= self.lease_duration_s:
            raise ValueError(
                f"VALLETTA_LEASE_DURATION_S is {self.lease_duration_s}; it must leave room for a renewal every "
                f"{self.lease_renew_s:g} s and two more tries {self.lease_retry_s:g} s apart"
            )
        return self
