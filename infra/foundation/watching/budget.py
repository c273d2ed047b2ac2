"""What the account may cost in a month, and who hears of it before the bill does."""

from __future__ import annotations

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.settings import StackSettings

COST_TAGS: Final = ("valletta:stack", "valletta:environment", "valletta:component")
"""The tags by which a bill is split."""

ANOMALY_SHARE: Final = 0.02
"""The share of a month's budget from which a spike is told."""

_ACTUAL: Final = (50, 80, 100)
_FORECAST: Final = (100,)


class Budget(Component):
    """The month's budget, told of as it is spent and when it is forecast to be exceeded."""

    def __init__(
        self, name: str, settings: StackSettings, topic: aws.sns.Topic, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("foundation:Budget", name, settings, opts)
        self._limit(topic)
        if settings.cost_allocation:
            self._allocate(topic)
        self.register_outputs({})

    def _limit(self, topic: aws.sns.Topic) -> None:
        kinds = [("ACTUAL", each) for each in _ACTUAL] + [("FORECASTED", each) for each in _FORECAST]
        aws.budgets.Budget(
            self.child_name("month"),
            name=self.name_of("month"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(self.settings.monthly_budget),
            limit_unit="USD",
            notifications=[
                aws.budgets.BudgetNotificationArgs(
                    notification_type=kind,
                    comparison_operator="GREATER_THAN",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                    subscriber_sns_topic_arns=[topic.arn],
                )
                for kind, percent in kinds
            ],
            tags=self.tags("month"),
            opts=self.child(),
        )

    def _allocate(self, topic: aws.sns.Topic) -> None:
        """The bill by stack, environment and component; and a watch on what this stack costs from day to day.

        The monitor is one of our own tag: of the monitors of all services an account has one, which AWS makes itself.
        """
        tags = [
            aws.costexplorer.CostAllocationTag(
                self.child_name(tag.partition(":")[2]), tag_key=tag, status="Active", opts=self.child()
            )
            for tag in COST_TAGS
        ]
        stack = {"Key": COST_TAGS[0], "Values": [self.settings.name], "MatchOptions": ["EQUALS"]}
        monitor = aws.costexplorer.AnomalyMonitor(
            self.child_name("stack-costs"),
            name=self.name_of("stack"),
            monitor_type="CUSTOM",
            monitor_specification=json.dumps({"Tags": stack}, sort_keys=True),
            tags=self.tags("stack-costs"),
            opts=self.child(depends_on=tags),
        )
        impact = aws.costexplorer.AnomalySubscriptionThresholdExpressionDimensionArgs(
            key="ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            values=[str(round(self.settings.monthly_budget * ANOMALY_SHARE))],
            match_options=["GREATER_THAN_OR_EQUAL"],
        )
        aws.costexplorer.AnomalySubscription(
            self.child_name("stack-costs"),
            name=self.name_of("stack"),
            frequency="IMMEDIATE",
            monitor_arn_lists=[monitor.arn],
            subscribers=[aws.costexplorer.AnomalySubscriptionSubscriberArgs(type="SNS", address=topic.arn)],
            threshold_expression=aws.costexplorer.AnomalySubscriptionThresholdExpressionArgs(dimension=impact),
            tags=self.tags("stack-costs"),
            opts=self.child(),
        )
