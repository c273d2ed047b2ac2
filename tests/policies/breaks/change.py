"""Breaks of what the checks of change prove."""

from __future__ import annotations

from tests.policies.account.computing import PIPELINE
from tests.policies.breaks.breaking import Break
from tests.policies.variants.change import ANY_BRANCH

BREAKS = [
    Break(
        "chg-2-pipeline-trusts-environments",
        lambda a: a.client("iam").update_assume_role_policy(RoleName=PIPELINE, PolicyDocument=ANY_BRANCH),
        "may be taken by jobs of any repository",
        lambda a: a.trust_pipeline(),
    ),
]

ELSEWHERE: set[str] = set()
