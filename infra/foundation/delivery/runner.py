"""The machine that deploys from inside: GitHub's jobs run in the private subnets, for nobody else reaches the cluster.

Each job has a machine of its own, made when it is queued and gone when it is done. The machine itself may do nothing
in AWS but write its log: a job takes its role from GitHub's environment, here as anywhere (`deployer.py`).
"""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier
from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster.cluster import API_PORT, Cluster
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.foundation.network.doors import WORLD, let_in, let_out
from infra.foundation.network.network import Network
from infra.settings import Environment, StackSettings

# Ubuntu, for GitHub's actions bring tools for its own machines' systems: setup-python has none for Amazon Linux.
IMAGE: Final = "aws/codebuild/standard:7.0"
_MINUTES: Final = 120
_QUEUED_MINUTES: Final = 30
_HTTPS: Final = 443


class Runner(Component):
    """A CodeBuild project that GitHub's jobs name as `codebuild-<project>-<run>-<attempt>`, with a way to the API.

    `connection_arn` is the account's connection to GitHub. Which workflows may ask for a machine is said by their
    name: production's by `deploy` alone, which runs from main. Whoever may push a branch may name a workflow so, and
    would stand in the network without any role; that is why nothing in it trusts an address.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        repository: str,
        connection_arn: str,
        network: Network,
        keys: Keys,
        cluster: Cluster,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Runner", name, settings, opts)
        self._network, self._connection_arn = network, connection_arn
        self._project_name = f"{settings.prefix}-runner"
        group = self._group(cluster)
        log = log_group(self, "log", f"/aws/codebuild/{self._project_name}", keys.arn(Purpose.LOGS))
        role, rights = self._role(group, log)
        project = self._project(repository, role, group, log, rights)
        aws.codebuild.Webhook(
            self.child_name("jobs"),
            project_name=project.name,
            build_type="BUILD",
            filter_groups=[aws.codebuild.WebhookFilterGroupArgs(filters=_asked_by(settings))],
            opts=self.child(),
        )
        self.register_outputs({"project_name": self._project_name})

    def _project(
        self,
        repository: str,
        role: aws.iam.Role,
        group: aws.ec2.SecurityGroup,
        log: aws.cloudwatch.LogGroup,
        rights: pulumi.Resource,
    ) -> aws.codebuild.Project:
        return aws.codebuild.Project(
            self.child_name("project"),
            name=self._project_name,
            description="Runs GitHub's jobs inside the network",
            service_role=role.arn,
            build_timeout=_MINUTES,
            queued_timeout=_QUEUED_MINUTES,
            artifacts=aws.codebuild.ProjectArtifactsArgs(type="NO_ARTIFACTS"),
            environment=aws.codebuild.ProjectEnvironmentArgs(
                type="LINUX_CONTAINER",
                compute_type="BUILD_GENERAL1_MEDIUM",
                image=IMAGE,
                image_pull_credentials_type="CODEBUILD",
                privileged_mode=False,
            ),
            source=aws.codebuild.ProjectSourceArgs(
                type="GITHUB",
                location=f"https://github.com/{repository}.git",
                git_clone_depth=1,
                auth=aws.codebuild.ProjectSourceAuthArgs(type="CODECONNECTIONS", resource=self._connection_arn),
            ),
            vpc_config=aws.codebuild.ProjectVpcConfigArgs(
                vpc_id=self._network.vpc.id,
                subnets=self._network.subnet_ids(Tier.PRIVATE),
                security_group_ids=[group.id],
            ),
            logs_config=aws.codebuild.ProjectLogsConfigArgs(
                cloudwatch_logs=aws.codebuild.ProjectLogsConfigCloudwatchLogsArgs(
                    status="ENABLED", group_name=log.name
                ),
                s3_logs=aws.codebuild.ProjectLogsConfigS3LogsArgs(status="DISABLED"),
            ),
            tags=self.tags("project"),
            opts=self.child(depends_on=[rights]),
        )

    def _group(self, cluster: Cluster) -> aws.ec2.SecurityGroup:
        """Out to GitHub and AWS, and in to the cluster's API; nobody reaches it."""
        group = aws.ec2.SecurityGroup(
            self.child_name("machine"),
            name=self.name_of("machine"),
            description="The runner: HTTPS to the outside and to the cluster",
            vpc_id=self._network.vpc.id,
            tags=self.tags("machine"),
            opts=self.child(),
        )
        let_out(self, "https", group.id, _HTTPS, WORLD, description="HTTPS to GitHub, to AWS and to the cluster")
        let_in(
            self,
            "api",
            cluster.security_group_id,
            API_PORT,
            group.id,
            description="The Kubernetes API, from the runner",
        )
        return group

    def _role(
        self, group: aws.ec2.SecurityGroup, log: aws.cloudwatch.LogGroup
    ) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        account, region = self.settings.account_id, self.settings.region
        project = f"arn:aws:codebuild:{region}:{account}:project/{self._project_name}"
        ours = {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": project}}
        role = aws.iam.Role(
            self.child_name("machine"),
            name=self.name_of("machine"),
            assume_role_policy=iam.trust("codebuild.amazonaws.com", ours),
            tags=self.tags("machine"),
            opts=self.child(),
        )
        policy = aws.iam.RolePolicy(
            self.child_name("machine"),
            role=role.name,
            policy=iam.document(*self._rights(group, log)),
            opts=self.child(),
        )
        return role, policy

    def _rights(self, group: aws.ec2.SecurityGroup, log: aws.cloudwatch.LogGroup) -> list[iam.Statement]:
        """Its log, its place in the network, and the connection by which it hears of jobs."""
        place = f"arn:aws:ec2:{self.settings.region}:{self.settings.account_id}"
        subnets = [pulumi.Output.concat(place, ":subnet/", each) for each in self._network.subnet_ids(Tier.PRIVATE)]
        interfaces = f"{place}:network-interface/*"
        for_builds = {
            "StringEquals": {"ec2:AuthorizedService": "codebuild.amazonaws.com"},
            "ArnEquals": {"ec2:Subnet": subnets},
        }
        look = ["DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"]
        connect = ["codeconnections:GetConnection", "codeconnections:GetConnectionToken"]
        return [
            iam.allow(
                "WriteLog",
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                [log.arn, pulumi.Output.concat(log.arn, ":*")],
            ),
            iam.allow("LookAround", [f"ec2:Describe{each}" for each in look], "*"),
            iam.allow(
                "Plug",
                ["ec2:CreateNetworkInterface"],
                [interfaces, *subnets, pulumi.Output.concat(place, ":security-group/", group.id)],
            ),
            iam.allow("Unplug", ["ec2:DeleteNetworkInterface"], interfaces),
            iam.allow("LetBuildsPlug", ["ec2:CreateNetworkInterfacePermission"], interfaces, condition=for_builds),
            iam.allow("HearOfJobs", connect, self._connection_arn),
        ]


def _asked_by(settings: StackSettings) -> list[aws.codebuild.WebhookFilterGroupFilterArgs]:
    """A job that is queued, of a workflow that has business in this network."""
    workflows = "deploy|preview"
    if settings.ephemeral:
        workflows = "ephemeral"
    elif settings.environment is Environment.PRODUCTION:
        workflows = "deploy"
    return [
        aws.codebuild.WebhookFilterGroupFilterArgs(type="EVENT", pattern="WORKFLOW_JOB_QUEUED"),
        aws.codebuild.WebhookFilterGroupFilterArgs(type="WORKFLOW_NAME", pattern=f"^({workflows})$"),
    ]
