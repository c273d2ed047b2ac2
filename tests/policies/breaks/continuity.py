"""Breaks of what the checks of continuity prove."""

from __future__ import annotations

from tests.policies.account import guards
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Act, Break, brokers, database


def _relock(**changes: object) -> Act:
    def act(account: TestAccount) -> None:
        guards.unlock_vault(account)
        guards.lock_vault(account, **changes)

    return act


def _one_copy(kept: str, reason: str) -> Break:
    return Break(
        "bcp-2-copied-away",
        lambda a: guards.replace_plan(a, (kept,)),
        reason,
        lambda a: guards.replace_plan(a, guards.COPIES),
    )


BREAKS = [
    database("bcp-1-database-zones", "no stand-by", MultiAZ=False),
    brokers("bcp-1-brokers-zones", lambda a: a.rebuild_brokers(NumberOfBrokerNodes=2), "are 2"),
    brokers(
        "bcp-1-brokers-zones",
        lambda a: a.rebuild_brokers(BrokerNodeGroupInfo=a.broker_nodes(a.subnets[:2])),
        "lie in 2 zones",
    ),
    Break("bcp-2-vault-locked", guards.unlock_vault, "has no lock", guards.lock_vault),
    Break("bcp-2-vault-locked", _relock(ChangeableForDays=None), "can be taken off", _relock()),
    Break("bcp-2-vault-locked", _relock(MinRetentionDays=7), "keeps backups for 7 days", _relock()),
    _one_copy(guards.COPIES[0], "into no other account"),
    _one_copy(guards.COPIES[1], "into no other region"),
]

ELSEWHERE = {"bcp-1-brokers-durability", "bcp-3-restored-lately"}
