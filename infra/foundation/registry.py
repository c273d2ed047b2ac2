"""Where images come from: a repository a service, whose tags never move and whose pushes are scanned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.keys import Keys, Purpose
from infra.settings import StackSettings

_UNTAGGED_DAYS: Final = 14


class Registry(Component):
    """An ECR repository for each of `repositories`, such as `valletta/gateway`."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        repositories: Iterable[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Registry", name, settings, opts)
        for repository in repositories:
            self._make(repository, keys)
        self.register_outputs({})

    def _make(self, repository: str, keys: Keys) -> None:
        part = repository.rpartition("/")[2]
        made = aws.ecr.Repository(
            self.child_name(part),
            name=repository,
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
            encryption_configurations=[
                aws.ecr.RepositoryEncryptionConfigurationArgs(encryption_type="KMS", kms_key=keys.arn(Purpose.REGISTRY))
            ],
            force_delete=not self.settings.keeps_records,
            tags=self.tags(part),
            # A released image is evidence of what ran (control CHG-3).
            opts=self.record_child(),
        )
        aws.ecr.LifecyclePolicy(
            self.child_name(part), repository=made.name, policy=_expire_untagged(), opts=self.child()
        )


def _expire_untagged() -> str:
    """Only what no tag names goes away; releases stay."""
    rule = {
        "rulePriority": 1,
        "description": f"untagged for {_UNTAGGED_DAYS} days",
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": _UNTAGGED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]}, sort_keys=True)
