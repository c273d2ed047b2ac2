"""What the edge refuses before it reaches the exchange: other countries, floods, and what looks like an attack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.settings import StackSettings

UNAVAILABLE_FOR_LEGAL_REASONS: Final = 451
TOO_MANY_REQUESTS: Final = 429
_RATE_WINDOW_SECONDS: Final = 60

MANAGED: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesSQLiRuleSet",
)
"""The rule groups that AWS keeps up to date, in the order in which they are asked."""

_COUNTED: Final = {"AWSManagedRulesCommonRuleSet": ("SizeRestrictions_BODY",)}
"""Rules that only count: a batch of orders is longer than the 8 KiB that this one allows; the gateway has bounds."""

_NEVER_LOGGED: Final = ("authorization", "cookie", "x-authentication")
"""Headers that carry a session: whoever reads the log must not become the player."""

_Rule = aws.wafv2.WebAclRuleArgs


class Firewall(Component):
    """A web ACL and the log of what it refused and let through: controls JUR-1 and NET-7."""

    def __init__(
        self, name: str, settings: StackSettings, keys: Keys, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("foundation:Firewall", name, settings, opts)
        self.acl = aws.wafv2.WebAcl(
            self.child_name("acl"),
            name=self.name_of("acl"),
            scope="REGIONAL",
            description="Who may call the exchange, how often, and with what",
            default_action=aws.wafv2.WebAclDefaultActionArgs(allow=aws.wafv2.WebAclDefaultActionAllowArgs()),
            rules=list(_rules(settings)),
            visibility_config=aws.wafv2.WebAclVisibilityConfigArgs(**_visible(self.name_of("acl"))),
            tags=self.tags("acl"),
            opts=self.child(),
        )
        self._log(keys)
        self.register_outputs({"acl_arn": self.acl.arn})

    def guard(self, balancer: aws.lb.LoadBalancer) -> None:
        """Ask the ACL before anything reaches a load balancer."""
        aws.wafv2.WebAclAssociation(
            self.child_name("edge"), resource_arn=balancer.arn, web_acl_arn=self.acl.arn, opts=self.child()
        )

    def _log(self, keys: Keys) -> None:
        """AWS writes into log groups of this beginning only, and gives itself the right unless it is given."""
        settings = self.settings
        group = log_group(self, "log", f"aws-waf-logs-{settings.prefix}", keys.arn(Purpose.LOGS))
        sources = f"arn:aws:logs:{settings.region}:{settings.account_id}:*"
        deliver = iam.allow(
            "WriteFirewall",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            pulumi.Output.concat(group.arn, ":*"),
            principal=iam.service("delivery.logs.amazonaws.com"),
            condition={
                "StringEquals": {"aws:SourceAccount": settings.account_id},
                "ArnLike": {"aws:SourceArn": sources},
            },
        )
        allowed = aws.cloudwatch.LogResourcePolicy(
            self.child_name("log"),
            policy_name=self.name_of("log"),
            policy_document=iam.document(deliver),
            opts=self.child(),
        )
        header = aws.wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs
        aws.wafv2.WebAclLoggingConfiguration(
            self.child_name("log"),
            resource_arn=self.acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[
                aws.wafv2.WebAclLoggingConfigurationRedactedFieldArgs(single_header=header(name=each))
                for each in _NEVER_LOGGED
            ],
            opts=self.child(depends_on=[allowed]),
        )


def _rules(settings: StackSettings) -> Iterator[_Rule]:
    """The cheapest question first; the numbers are priorities, with room between them."""
    if settings.edge_countries:
        yield _jurisdiction(settings.edge_countries)
    yield _rate(settings.edge_requests_per_minute)
    for index, group in enumerate(MANAGED):
        yield _managed(group, 20 + 10 * index)


def _jurisdiction(countries: tuple[str, ...]) -> _Rule:
    """Nobody from a country that the licence does not cover: control JUR-1."""
    inside = aws.wafv2.WebAclRuleStatementArgs(
        geo_match_statement=aws.wafv2.WebAclRuleStatementGeoMatchStatementArgs(country_codes=list(countries))
    )
    outside = aws.wafv2.WebAclRuleStatementArgs(
        not_statement=aws.wafv2.WebAclRuleStatementNotStatementArgs(statement=inside)
    )
    return _blocking("jurisdiction", 0, UNAVAILABLE_FOR_LEGAL_REASONS, outside)


def _rate(requests: int) -> _Rule:
    counted = aws.wafv2.WebAclRuleStatementRateBasedStatementArgs(
        limit=requests, aggregate_key_type="IP", evaluation_window_sec=_RATE_WINDOW_SECONDS
    )
    statement = aws.wafv2.WebAclRuleStatementArgs(rate_based_statement=counted)
    return _blocking("rate", 10, TOO_MANY_REQUESTS, statement)


def _blocking(name: str, priority: int, status: int, statement: aws.wafv2.WebAclRuleStatementArgs) -> _Rule:
    response = aws.wafv2.WebAclRuleActionBlockCustomResponseArgs(response_code=status)
    return _Rule(
        name=name,
        priority=priority,
        statement=statement,
        action=aws.wafv2.WebAclRuleActionArgs(block=aws.wafv2.WebAclRuleActionBlockArgs(custom_response=response)),
        visibility_config=aws.wafv2.WebAclRuleVisibilityConfigArgs(**_visible(name)),
    )


def _managed(group: str, priority: int) -> _Rule:
    args = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementArgs
    override = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgs
    use = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseArgs
    count = aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideActionToUseCountArgs
    counted = [override(name=each, action_to_use=use(count=count())) for each in _COUNTED.get(group, ())]
    nothing = aws.wafv2.WebAclRuleOverrideActionNoneArgs()  # type: ignore[no-untyped-call]
    statement = args(vendor_name="AWS", name=group, rule_action_overrides=counted or None)
    return _Rule(
        name=group,
        priority=priority,
        statement=aws.wafv2.WebAclRuleStatementArgs(managed_rule_group_statement=statement),
        override_action=aws.wafv2.WebAclRuleOverrideActionArgs(none=nothing),
        visibility_config=aws.wafv2.WebAclRuleVisibilityConfigArgs(**_visible(group)),
    )


def _visible(metric: str) -> dict[str, Any]:
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": False}
