"""The exchange's metrics: a managed Prometheus with our key, a managed collector, rules, and who hears of them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation.logs import log_group
from infra.observability.alerts import GROUP, rule_groups
from infra.observability.collection import scrape_configuration
from infra.observability.notices import alert_manager
from infra.settings import StackSettings


class Metrics(Component):
    """Workspace, collector, rules and alert manager. No agent of ours runs in the cluster.

    The collector comes from outside the cluster's namespace into the private subnets; AWS admits it to the cluster's
    API by an access entry of its own making, with a policy that reads and no more.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        *,
        cluster_arn: pulumi.Input[str],
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
        topic_arn: pulumi.Output[str],
        metrics_key_arn: pulumi.Input[str],
        logs_key_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("observability:Metrics", name, settings, opts)
        self.workspace = self._make_workspace(metrics_key_arn, logs_key_arn)
        self._collect(cluster_arn, subnet_ids, security_group_id)
        self._alert(topic_arn)
        self.register_outputs({"workspace": self.workspace.id, "query_url": self.workspace.prometheus_endpoint})

    def _make_workspace(self, key_arn: pulumi.Input[str], logs_key_arn: pulumi.Input[str]) -> aws.amp.Workspace:
        # Logs that AWS vends to this prefix need no policy of their own.
        group = log_group(self, "rules", f"/aws/vendedlogs/{self.settings.prefix}/prometheus", logs_key_arn)
        return aws.amp.Workspace(
            self.child_name("workspace"),
            alias=self.name_of("workspace"),
            kms_key_arn=key_arn,
            logging_configuration=aws.amp.WorkspaceLoggingConfigurationArgs(
                log_group_arn=group.arn.apply(lambda arn: f"{arn}:*")
            ),
            tags=self.tags("workspace"),
            opts=self.child(),
        )

    def _collect(
        self,
        cluster_arn: pulumi.Input[str],
        subnet_ids: Sequence[pulumi.Input[str]],
        security_group_id: pulumi.Input[str],
    ) -> None:
        source = aws.amp.ScraperSourceEksArgs(
            cluster_arn=cluster_arn, subnet_ids=list(subnet_ids), security_group_ids=[security_group_id]
        )
        aws.amp.Scraper(
            self.child_name("collector"),
            alias=self.name_of("collector"),
            source=aws.amp.ScraperSourceArgs(eks=source),
            destination=aws.amp.ScraperDestinationArgs(
                amp=aws.amp.ScraperDestinationAmpArgs(workspace_arn=self.workspace.arn)
            ),
            scrape_configuration=scrape_configuration(),
            tags=self.tags("collector"),
            opts=self.child(),
        )

    def _alert(self, topic_arn: pulumi.Output[str]) -> None:
        aws.amp.RuleGroupNamespace(
            self.child_name("rules"),
            name=GROUP,
            workspace_id=self.workspace.id,
            data=rule_groups(),
            tags=self.tags("rules"),
            opts=self.child(),
        )
        region, stack = self.settings.region, self.settings.prefix
        aws.amp.AlertManagerDefinition(
            self.child_name("notices"),
            workspace_id=self.workspace.id,
            definition=topic_arn.apply(lambda topic: alert_manager(topic, region, stack)),
            opts=self.child(),
        )
