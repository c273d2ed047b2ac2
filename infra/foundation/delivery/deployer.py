"""Who deploys: three roles that GitHub's workflows take for as long as a job lasts, and no key that anybody could lose.

A job takes a role by the environment that it runs in, whose reviewers and branches GitHub knows (docs/delivery.md):

| role | environment | may |
| --- | --- | --- |
| `preview` | preview | look at the account and at Pulumi's state |
| `images` | images | push images |
| `deploy` | the stack's own, such as production | change the account |

`deploy` is as powerful as the account's administrators, and says so: whoever may make roles and write their policies
can make one that may do everything. What holds it: reviewers in GitHub, no users and no keys, no way to change itself
or who may take it, the organisation's service control policy above it, and locks that nobody lifts. A permissions
boundary would have to name everything that the program may ever declare, and on every role that it declares. Controls
CHG-2 and IAM-4.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.delivery import deployer_rights as rights
from infra.foundation.names import pipeline_role_arn, pipeline_role_name
from infra.settings import Environment, StackSettings

ISSUER: Final = "token.actions.githubusercontent.com"
AUDIENCE: Final = "sts.amazonaws.com"
_AWS_POLICIES: Final = "arn:aws:iam::aws:policy/"
_SESSION_SECONDS: Final = {"preview": 3600, "images": 3600, "deploy": 7200}
_POLICIES: Final[Mapping[str, Sequence[str]]] = {
    "preview": ("SecurityAudit", "job-function/ViewOnlyAccess"),
    "images": (),
    "deploy": ("PowerUserAccess",),
}


class Deployer(Component):
    """GitHub as an identity provider of the account, and its roles; of each an account has one."""

    def __init__(
        self, name: str, settings: StackSettings, repository: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("foundation:Deployer", name, settings, opts)
        self._repository = repository
        self._github = aws.iam.OpenIdConnectProvider(
            self.child_name("github"),
            url=f"https://{ISSUER}",
            client_id_lists=[AUDIENCE],
            tags=self.tags("github"),
            opts=self.child(),
        )
        self._role("preview", ["preview"], rights.preview(settings))
        self._role("images", ["images"], rights.images(settings))
        self.deploy = self._role("deploy", _deploying(settings), rights.deploy(settings, ISSUER))
        self.register_outputs({"deploy_role_arn": self.deploy.arn})

    def _role(self, part: str, environments: Sequence[str], statements: Sequence[iam.Statement]) -> aws.iam.Role:
        role = aws.iam.Role(
            self.child_name(part),
            name=pipeline_role_name(self.settings, part),
            assume_role_policy=iam.document(self._trust(environments)),
            max_session_duration=_SESSION_SECONDS[part],
            tags=self.tags(part),
            opts=self.child(),
        )
        aws.iam.RolePolicy(self.child_name(part), role=role.name, policy=iam.document(*statements), opts=self.child())
        for policy in _POLICIES[part]:
            aws.iam.RolePolicyAttachment(
                self.child_name(f"{part}-{policy}"),
                role=role.name,
                policy_arn=f"{_AWS_POLICIES}{policy}",
                opts=self.child(),
            )
        return role

    def _trust(self, environments: Sequence[str]) -> iam.Statement:
        """The whole subject is named, never a part of it: a pull request of a fork has another one."""
        subjects = [f"repo:{self._repository}:environment:{each}" for each in environments]
        return {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": self._github.arn},
            "Condition": {"StringEquals": {f"{ISSUER}:aud": AUDIENCE, f"{ISSUER}:sub": subjects}},
        }


def deployer_arn(settings: StackSettings, own: Deployer | None) -> pulumi.Output[str] | None:
    """The role that deploys to a stack: its own, or of a copy that of the stack whose account it shares."""
    if own is not None:
        return own.deploy.arn
    if settings.github_repository is None:
        return None
    return pulumi.Output.from_input(pipeline_role_arn(settings, "deploy"))


def _deploying(settings: StackSettings) -> list[str]:
    """Copies live in staging's account, and are made from an environment of their own."""
    own = settings.environment.value
    return [own, "ephemeral"] if settings.environment is Environment.STAGING else [own]
