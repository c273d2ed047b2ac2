"""Breaks of what the checks of network prove."""

from __future__ import annotations

from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Break, brokers, cluster, database


def _drop_flow_log(account: TestAccount) -> None:
    account.client("ec2").delete_flow_logs(FlowLogIds=[account.flow_log])


BREAKS = [
    database("net-1-database-private", "has a public address", PubliclyAccessible=True),
    Break("net-1-database-subnets", lambda a: a.route_to_the_internet(), "route", lambda a: a.close_the_route()),
    Break("net-1-brokers-subnets", lambda a: a.route_to_the_internet(), "route", lambda a: a.close_the_route()),
    brokers(
        "net-1-brokers-private",
        lambda a: a.rebuild_brokers(BrokerNodeGroupInfo=a.broker_nodes(access="SERVICE_PROVIDED_EIPS")),
        "SERVICE_PROVIDED_EIPS",
    ),
    brokers(
        "net-1-brokers-authenticate",
        lambda a: a.rebuild_brokers(ClientAuthentication={"Unauthenticated": {"Enabled": True}}),
        "answers anybody",
    ),
    cluster(
        "net-3-endpoint",
        "has a public endpoint; has no private endpoint",
        resourcesVpcConfig={"endpointPublicAccess": True, "endpointPrivateAccess": False},
    ),
    Break(
        "net-2-default-group-empty",
        lambda a: a.fill_default_group(),
        "is a network's default group and has rules",
        lambda a: a.empty_default_group(),
    ),
    Break(
        "net-2-nothing-open", lambda a: a.build_group(22), "lets the world in (0.0.0.0/0)", lambda a: a.remove_group()
    ),
    Break(
        "net-2-nothing-open",
        lambda a: a.build_group(22, "128.0.0.0/1"),
        "lets the world in (128.0.0.0/1)",
        lambda a: a.remove_group(),
    ),
    Break(
        "net-2-nothing-open",
        lambda a: a.build_group(22, "::/0"),
        "lets the world in (::/0)",
        lambda a: a.remove_group(),
    ),
    *(
        Break(check, lambda a: a.rebuild_machine(tokens="optional"), "without a token", lambda a: a.rebuild_machine())
        for check in ("net-6-template-metadata", "net-6-instance-metadata")
    ),
    *(
        Break(check, lambda a: a.rebuild_machine(hops=2), "travels 2 hops", lambda a: a.rebuild_machine())
        for check in ("net-6-template-metadata", "net-6-instance-metadata")
    ),
    Break(
        "net-5-flow-log-delivers",
        lambda a: a.misdirect_flow_log(),
        "does not deliver: Access error",
        lambda a: a.rebuild_flow_log(),
    ),
    Break("net-5-flow-log", _drop_flow_log, "has no flow log", lambda a: a.build_flow_log()),
    Break(
        "net-5-flow-log", lambda a: a.rebuild_flow_log(traffic="REJECT"), "REJECT only", lambda a: a.rebuild_flow_log()
    ),
    Break("net-5-flow-log", lambda a: a.rebuild_flow_log(interval=600), "600 seconds", lambda a: a.rebuild_flow_log()),
]

ELSEWHERE: set[str] = set()
