"""Secrets as files in a pod: the CSI driver fetches them with the pod's own rights, and again when they are rotated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
from pulumi_kubernetes.apiextensions import CustomResource
from pulumi_kubernetes.core.v1 import CSIVolumeSourceArgs, VolumeArgs, VolumeMountArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

API_VERSION: Final = "secrets-store.csi.x-k8s.io/v1"
FOLDER: Final = "/mnt/secrets"
_DRIVER: Final = "secrets-store.csi.k8s.io"
_VOLUME: Final = "secrets"


def secret_file(name: str) -> str:
    """Where a secret lies in a pod. It holds the whole secret: of a database, user and password in one JSON object.

    So both change at once, and a service that reads the file at each connection needs no restart.
    """
    return f"{FOLDER}/{name}"


def secret_class(
    service: str,
    names: Sequence[str],
    arns: Mapping[str, pulumi.Output[str]],
    *,
    region: str,
    metadata: ObjectMetaArgs,
    opts: pulumi.ResourceOptions,
) -> CustomResource:
    """Which secrets the driver mounts for a service, by their names among `arns`.

    They are fetched as the pod's service account by Pod Identity: the node and the driver have no right to any.
    """
    wanted = [{"objectName": arns[each], "objectType": "secretsmanager", "objectAlias": each} for each in sorted(names)]
    return CustomResource(
        f"{service}-secrets",
        api_version=API_VERSION,
        kind="SecretProviderClass",
        metadata=metadata,
        spec={
            "provider": "aws",
            "parameters": {
                "region": region,
                "usePodIdentity": "true",
                "objects": pulumi.Output.json_dumps(wanted, sort_keys=True),
            },
        },
        opts=opts,
    )


def secret_volume(service: str) -> VolumeArgs:
    """The volume of a pod that mounts the secrets of its service."""
    source = CSIVolumeSourceArgs(driver=_DRIVER, read_only=True, volume_attributes={"secretProviderClass": service})
    return VolumeArgs(name=_VOLUME, csi=source)


def secret_mount() -> VolumeMountArgs:
    """Where its container finds them."""
    return VolumeMountArgs(name=_VOLUME, mount_path=FOLDER, read_only=True)
