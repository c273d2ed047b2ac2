"""Breaks of what the checks of continuity prove."""

from __future__ import annotations

from tests.policies.breaks.breaking import brokers, database

BREAKS = [
    database("bcp-1-database-zones", "no stand-by", MultiAZ=False),
    brokers("bcp-1-brokers-zones", lambda a: a.rebuild_brokers(NumberOfBrokerNodes=2), "are 2"),
    brokers(
        "bcp-1-brokers-zones",
        lambda a: a.rebuild_brokers(BrokerNodeGroupInfo=a.broker_nodes(a.subnets[:2])),
        "lie in 2 zones",
    ),
]

ELSEWHERE = {"bcp-1-brokers-durability"}
