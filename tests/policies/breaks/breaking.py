"""A way to break what a detective check proves, on a live account, and to mend it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.policies.account.whole import TestAccount

Act = Callable[[TestAccount], object]


@dataclass(frozen=True)
class Break:
    """What to do to the account, what the check must then say, and how to undo it."""

    check: str
    act: Act
    reason: str
    mend: Act

    @property
    def control(self) -> str:
        """The id of the control that owns the check."""
        return "-".join(self.check.split("-")[:2]).upper()


def database(check: str, reason: str, **changes: object) -> Break:
    """The database, made otherwise."""
    return Break(check, lambda a: a.rebuild_database(**changes), reason, lambda a: a.rebuild_database())


def cluster(check: str, reason: str, **changes: object) -> Break:
    """The cluster, made otherwise."""
    return Break(check, lambda a: a.rebuild_cluster(**changes), reason, lambda a: a.rebuild_cluster())


def brokers(check: str, act: Act, reason: str) -> Break:
    """The brokers, made otherwise."""
    return Break(check, act, reason, lambda a: a.rebuild_brokers())
