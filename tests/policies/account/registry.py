"""The registry of the account under test, with one release that was scanned."""

from __future__ import annotations

import json
from typing import Final

from tests.policies.account.clients import Clients

REPOSITORY: Final = "exchange/gateway"


def build_registry(account: Clients) -> None:
    """A repository that scans what is pushed, with one release that was."""
    ecr = account.client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY, imageScanningConfiguration={"scanOnPush": True})
    push(account, "1.0")
    ecr.start_image_scan(repositoryName=REPOSITORY, imageId={"imageTag": "1.0"})


def push(account: Clients, tag: str) -> None:
    """Push an image, without a scan."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": 1, "digest": f"sha256:{tag:0>64}"}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {**layer, "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [layer],
    }
    account.client("ecr").put_image(repositoryName=REPOSITORY, imageManifest=json.dumps(manifest), imageTag=tag)


def remove_image(account: Clients, tag: str) -> None:
    """Take an image away again."""
    account.client("ecr").batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}])
