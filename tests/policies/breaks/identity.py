"""Breaks of what the checks of identity prove."""

from __future__ import annotations

from tests.policies.account import ALLOW_EVERYTHING
from tests.policies.breaks.breaking import Break


def _policy(name: str) -> str:
    return f"arn:aws:iam::123456789012:policy/{name}"


BREAKS = [
    Break(
        "iam-2-policy-not-everything",
        lambda a: a.client("iam").create_policy(PolicyName="all", PolicyDocument=ALLOW_EVERYTHING),
        "every action on every resource",
        lambda a: a.client("iam").delete_policy(PolicyArn=_policy("all")),
    ),
    Break(
        "iam-2-identity-not-everything",
        lambda a: a.client("iam").put_role_policy(
            RoleName="cluster", PolicyName="all", PolicyDocument=ALLOW_EVERYTHING
        ),
        "carries the policy all",
        lambda a: a.client("iam").delete_role_policy(RoleName="cluster", PolicyName="all"),
    ),
]

ELSEWHERE: set[str] = set()
