"""Breaks of what the checks of continuity prove."""

from __future__ import annotations

from tests.policies.account import backups
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Act, Break, brokers, database


def _relock(**changes: object) -> Act:
    def act(account: TestAccount) -> None:
        backups.unlock_vault(account)
        backups.lock_vault(account, **changes)

    return act


def _one_copy(kept: str, reason: str) -> Break:
    return Break(
        "bcp-2-copied-away",
        lambda a: backups.replace_plan(a, (kept,)),
        reason,
        lambda a: backups.replace_plan(a, backups.COPIES),
    )


BREAKS = [
    database("bcp-1-database-zones", "no stand-by", MultiAZ=False),
    brokers("bcp-1-brokers-zones", lambda a: a.rebuild_brokers(NumberOfBrokerNodes=2), "are 2"),
    brokers(
        "bcp-1-brokers-zones",
        lambda a: a.rebuild_brokers(BrokerNodeGroupInfo=a.broker_nodes(a.subnets[:2])),
        "lie in 2 zones",
    ),
    Break("bcp-2-vault-locked", backups.unlock_vault, "has no lock", backups.lock_vault),
    Break("bcp-2-vault-locked", _relock(ChangeableForDays=None), "can be taken off", _relock()),
    Break("bcp-2-vault-locked", _relock(ChangeableForDays=30), "can be taken off for 29 days", _relock()),
    Break("bcp-2-vault-locked", _relock(MinRetentionDays=7), "keeps backups for 7 days", _relock()),
    _one_copy(backups.COPIES[0], "into no other account"),
    _one_copy(backups.COPIES[1], "into no other region"),
]

ELSEWHERE = {"bcp-1-brokers-durability", "bcp-2-database-backed-up", "bcp-3-restored-lately"}
