"""The settings of delivery: whose workflows may deploy, and how they reach a cluster that nobody else can."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, StringConstraints

from infra.settings.base import Defaults, Environment, Layer, StackIdentity


def _repository(value: object) -> object:
    """A repository of GitHub."""
    if not re.match(r"^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$", str(value)):
        raise ValueError("a repository of GitHub is wanted as owner/name, such as acme/valletta")
    return value


def _connection(value: object) -> object:
    """A connection to GitHub."""
    pattern = r"^arn:aws:(codeconnections|codestar-connections):[a-z0-9-]+:\d{12}:connection/[0-9a-f-]{36}$"
    if not re.match(pattern, str(value)):
        raise ValueError("the ARN of a connection is wanted, as `aws codeconnections list-connections` shows it")
    return value


class DeliverySettings(StackIdentity):
    """GitHub Actions. Without a repository nobody but people deploys."""

    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "github_repository": "acme/valletta",
            "github_connection_arn": (
                "arn:aws:codeconnections:eu-west-1:123456789012:connection/00000000-0000-4000-8000-000000000000"
            ),
            "state_bucket": "valletta-state",
        }
    }
    in_a_copy: ClassVar[Mapping[str, Any]] = {"state_bucket": None, "state_key_arn": None}

    # The repository whose workflows take this account's roles, each from an environment of its own.
    github_repository: Annotated[str, BeforeValidator(_repository)] | None = None
    # The account's connection to GitHub, which a person has confirmed once in the console: by it CodeBuild hears of
    # jobs for the runner inside the network. Without it the workloads are deployed from somewhere else in there.
    github_connection_arn: Annotated[str, BeforeValidator(_connection)] | None = None
    # Where Pulumi keeps its state, if that is a bucket and a key of AWS: whoever previews must read it.
    state_bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    state_key_arn: (
        Annotated[str, StringConstraints(pattern=r"^arn:aws:kms:[a-z0-9-]+:\d{12}:key/[0-9a-f-]{36}$")] | None
    ) = None

    def findings(self) -> Iterator[str]:
        """What belongs to a repository has one."""
        for key in ("github_connection_arn", "state_bucket", "state_key_arn"):
            if self.github_repository is None and getattr(self, key):
                yield (
                    f"valletta:{key} is set, but valletta:github_repository is not, to whose workflows it belongs: "
                    "set both, or neither"
                )
