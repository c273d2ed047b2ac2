"""A pod's token for the API server: only where the API is called, for minutes, renewed by the node."""

from __future__ import annotations

from typing import Final

from pulumi_kubernetes.core.v1 import (
    ConfigMapProjectionArgs,
    KeyToPathArgs,
    ProjectedVolumeSourceArgs,
    ServiceAccountTokenProjectionArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeProjectionArgs,
)

EXPIRY_SECONDS: Final = 600
"""The shortest that Kubernetes allows; the node renews it after four fifths."""
FOLDER: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where Kubernetes itself would mount one, so that its clients find it."""
_VOLUME: Final = "api-server"
_OWNER_AND_GROUP_READ: Final = 0o440


def token_volume() -> VolumeArgs:
    """`token`, of the API server's own audience (the default where none is named), and `ca.crt`."""
    token = ServiceAccountTokenProjectionArgs(path="token", expiration_seconds=EXPIRY_SECONDS)
    authority = ConfigMapProjectionArgs(name="kube-root-ca.crt", items=[KeyToPathArgs(key="ca.crt", path="ca.crt")])
    sources = [VolumeProjectionArgs(service_account_token=token), VolumeProjectionArgs(config_map=authority)]
    return VolumeArgs(
        name=_VOLUME, projected=ProjectedVolumeSourceArgs(default_mode=_OWNER_AND_GROUP_READ, sources=sources)
    )


def token_mount() -> VolumeMountArgs:
    """Where its container finds them."""
    return VolumeMountArgs(name=_VOLUME, mount_path=FOLDER, read_only=True)
