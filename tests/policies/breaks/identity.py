"""Breaks of what the checks of identity prove."""

from __future__ import annotations

import json

from tests.policies.account import people
from tests.policies.account.whole import ALLOW_EVERYTHING, TestAccount
from tests.policies.breaks.breaking import Break

GUESTS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWith*",
            "Principal": {"Federated": "arn:aws:iam::123456789012:oidc-provider/issuer.example"},
        },
    }
)
ALLOW_ALL_BUT_ONE = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "NotAction": "iam:CreateUser", "Resource": "*"}],
    }
)


def _policy(name: str) -> str:
    return f"arn:aws:iam::123456789012:policy/{name}"


def _drop_keys(account: TestAccount) -> None:
    iam = account.client("iam")
    for key in iam.list_access_keys(UserName=people.CLERK)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=people.CLERK, AccessKeyId=key["AccessKeyId"])


BREAKS = [
    Break(
        "iam-1-root-keys",
        lambda _: people.set_root("access_keys_present", 1),
        "the root user has access keys",
        lambda _: people.set_root("access_keys_present", 0),
    ),
    Break(
        "iam-1-root-mfa",
        lambda _: people.set_root("mfa_enabled", 0),
        "without a second factor",
        lambda _: people.set_root("mfa_enabled", 1),
    ),
    Break(
        "iam-3-no-passwords",
        lambda a: a.client("iam").create_login_profile(UserName=people.CLERK, Password="correct-Horse-1"),
        "the user clerk has a password",
        lambda a: a.client("iam").delete_login_profile(UserName=people.CLERK),
    ),
    Break(
        "iam-3-no-keys",
        lambda a: a.client("iam").create_access_key(UserName=people.CLERK),
        "the user clerk has the key",
        _drop_keys,
    ),
    Break(
        "iam-3-federation",
        lambda a: a.client("iam").create_role(RoleName="guests", AssumeRolePolicyDocument=GUESTS),
        "lets in identities of issuer.example of any audience; lets in identities of issuer.example of any subject",
        lambda a: a.client("iam").delete_role(RoleName="guests"),
    ),
    Break(
        "iam-2-policy-not-everything",
        lambda a: a.client("iam").create_policy(PolicyName="most", PolicyDocument=ALLOW_ALL_BUT_ONE),
        "every action on every resource",
        lambda a: a.client("iam").delete_policy(PolicyArn=_policy("most")),
    ),
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

ELSEWHERE = {"iam-1-root-hardware", "iam-4-own-identity"}
