"""NET-5: every connection in the network leaves a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

LONGEST_INTERVAL = 60
"""Seconds over which a record may sum up. AWS's default is 600."""


@rule(
    "net-5-flow-log-exists",
    tokens.VPC,
    joins=True,
    remedy="Declare an aws.ec2.FlowLog whose vpc_id is this network's, with traffic_type ALL.",
)
def network_is_recorded(vpc: Resource, stack: Stack) -> Iterator[str]:
    """Every network has a flow log."""
    if not stack.referring(vpc, tokens.FLOW_LOG, "vpcId"):
        yield "has no flow log"


@rule("net-5-flow-log-all-traffic", tokens.FLOW_LOG, remedy="Set traffic_type to ALL.")
def records_all_traffic(log: Resource, _: Stack) -> Iterator[str]:
    """A flow log records what was accepted and what was rejected."""
    if log.get("trafficType") != "ALL":
        yield f"records {log.get('trafficType', default='nothing')} only (trafficType is not ALL)"


@rule("net-5-flow-log-interval", tokens.FLOW_LOG, remedy=f"Set max_aggregation_interval to {LONGEST_INTERVAL}.")
def records_every_minute(log: Resource, _: Stack) -> Iterator[str]:
    """A flow log sums up over a minute at most; AWS's default is ten."""
    interval = log.get("maxAggregationInterval", default=600)
    if interval > LONGEST_INTERVAL:
        yield f"sums up over {interval:g} seconds, where {LONGEST_INTERVAL} are demanded"


@check("net-5-flow-log", inventory.networks_in_use, proves="a flow log records all its traffic, minute by minute")
def network_has_a_flow_log(vpc: Subject, account: Account) -> Iterator[str]:
    """Every network in use has an active flow log of all its traffic, minute by minute."""
    account.observe(tokens.FLOW_LOG, "trafficType", "maxAggregationInterval")
    faults = [list(_log_faults(log)) for log in _logs_of(vpc, account)]
    if not faults:
        yield "has no flow log"
    elif all(faults):
        yield from faults[0]


def _logs_of(vpc: Subject, account: Account) -> list[Mapping[str, Any]]:
    return [log for log in account.all("ec2", "describe_flow_logs", "FlowLogs") if log.get("ResourceId") == vpc.id]


def _log_faults(log: Mapping[str, Any]) -> Iterator[str]:
    if log.get("TrafficType") != "ALL":
        yield f"its flow log records {log.get('TrafficType')} only"
    if log.get("MaxAggregationInterval", 600) > LONGEST_INTERVAL:
        yield f"its flow log sums up over {log.get('MaxAggregationInterval', 600)} seconds"
    if log.get("FlowLogStatus") != "ACTIVE":
        yield f"its flow log is {log.get('FlowLogStatus', 'in no known state')}"


@check("net-5-flow-log-delivers", inventory.networks_in_use, proves="its flow logs deliver")
def flow_logs_deliver(vpc: Subject, account: Account) -> Iterator[str]:
    """What a network's flow logs record arrives."""
    account.observe_field("ec2:DescribeFlowLogs.DeliverLogsStatus")
    for log in _logs_of(vpc, account):
        if log.get("DeliverLogsStatus") == "FAILED":
            yield f"its flow log {log['FlowLogId']} does not deliver: {log.get('DeliverLogsErrorMessage')}"


CONTROL = Control(
    id="NET-5",
    title="Flow logs",
    statement="Every network records all its traffic, accepted and rejected, summed up over a minute at most.",
    rationale=(
        "After an incident the first question is who talked to whom, and the attempts that were refused are half of"
        " the answer."
    ),
    clauses=(
        Clause("CIS AWS", "5.0", "3.7"),
        Clause("PCI DSS", "4.0.1", "10.2"),
        Clause("ISO 27001", "2022", "8.16"),
    ),
    severity=Severity.MEDIUM,
    owner="Security officer",
    evidence="The flow logs' configuration, and one record of a connection that the auditor makes.",
    preventive=(network_is_recorded, records_all_traffic, records_every_minute),
    detective=(network_has_a_flow_log, flow_logs_deliver),
)
