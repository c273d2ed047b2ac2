"""Where images come from: a repository a service, whose tags never move and whose pushes are scanned."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.settings import StackSettings

UNRELEASED_TAGS: Final = "pr-*"
"""What tags of images begin with that were built for a pull request, and never run where records are kept."""
_UNRELEASED_DAYS: Final = 14


class Registry(Component):
    """An ECR repository for each of `repositories`, such as `valletta/gateway`, all of them scanned all the time."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        keys: Keys,
        repositories: Iterable[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Registry", name, settings, opts)
        self._scan()
        for repository in repositories:
            self._make(repository, keys)
        self.register_outputs({})

    def _scan(self) -> None:
        """By Inspector, at the push and whenever a new weakness is known; the account has one such configuration."""
        everything = aws.ecr.RegistryScanningConfigurationRuleRepositoryFilterArgs(filter="*", filter_type="WILDCARD")
        aws.ecr.RegistryScanningConfiguration(
            self.child_name("scanning"),
            scan_type="ENHANCED",
            rules=[
                aws.ecr.RegistryScanningConfigurationRuleArgs(
                    scan_frequency="CONTINUOUS_SCAN", repository_filters=[everything]
                )
            ],
            opts=self.child(),
        )

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
            self.child_name(part), repository=made.name, policy=_expire_unreleased(), opts=self.child()
        )
        if self.settings.keeps_records:
            aws.ecr.RepositoryPolicy(
                self.child_name(part), repository=made.name, policy=iam.document(_keep()), opts=self.record_child()
            )


def _keep() -> iam.Statement:
    """Nobody deletes an image without a second factor, not even the pipeline that pushed it."""
    return {
        "Sid": "KeepReleases",
        "Effect": "Deny",
        "Principal": iam.ANYONE,
        "Action": ["ecr:BatchDeleteImage", "ecr:DeleteRepository", "ecr:PutImageTagMutability"],
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    }


def _expire_unreleased() -> str:
    """Only what was built for a pull request goes away. Nothing untagged: signatures and attestations have no tag."""
    rule = {
        "rulePriority": 1,
        "description": f"built for a pull request {_UNRELEASED_DAYS} days ago",
        "selection": {
            "tagStatus": "tagged",
            "tagPatternList": [UNRELEASED_TAGS],
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": _UNRELEASED_DAYS,
        },
        "action": {"type": "expire"},
    }
    return json.dumps({"rules": [rule]}, sort_keys=True)
