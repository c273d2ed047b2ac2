"""How far a word reaches: what is as good as everything, as the world, as a sample of the whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from policies.account import Account
from policies.cloud.archive import sample
from policies.cloud.documents import allows_everything, names_action
from policies.controls.network.net_2 import nothing_is_open_to_the_world
from policies.environment import Environment
from policies.resources import Resource, Stack
from policies.values import Value


@pytest.mark.parametrize(
    ("statement", "everything"),
    [
        ({"Action": "*", "Resource": "*"}, True),
        ({"Action": ["s3:GetObject", "*:*"], "Resource": ["*"]}, True),
        ({"Action": "**", "Resource": "arn:aws:*"}, True),
        ({"NotAction": "iam:CreateUser", "Resource": "*"}, True),
        ({"Action": "*", "NotResource": "arn:aws:s3:::archive"}, True),
        ({"Action": "*", "Resource": "arn:aws:s3:::archive/*"}, False),
        ({"Action": "s3:*", "Resource": "*"}, False),
        ({"NotAction": "iam:CreateUser", "Resource": "arn:aws:s3:::archive"}, False),
        ({"Action": "*", "Resource": "*", "Effect": "Deny"}, False),
    ],
)
def test_a_statement_that_names_only_exceptions_allows_everything(statement: dict[str, Any], everything: bool) -> None:
    """What AWS adds next year is allowed by it as well."""
    document = {"Statement": [{"Effect": "Allow", **statement}]}
    assert allows_everything(document) is everything


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ({"Action": "sts:AssumeRoleWithWebIdentity"}, True),
        ({"Action": ["STS:assumerolewithWEBidentity"]}, True),
        ({"Action": "sts:*"}, True),
        ({"Action": "*"}, True),
        ({"NotAction": "sts:AssumeRole"}, True),
        ({"NotAction": "sts:*"}, False),
        ({"Action": "sts:AssumeRole"}, False),
        ({}, False),
    ],
)
def test_an_action_is_named_by_a_pattern_and_in_any_case(statement: dict[str, Any], named: bool) -> None:
    assert names_action(statement, "sts:AssumeRoleWithWebIdentity") is named


@pytest.mark.parametrize(
    ("source", "world"),
    [
        ("0.0.0.0/0", True),
        ("0.0.0.0/1", True),
        ("64.0.0.0/7", True),
        ("::/0", True),
        ("2000::/3", True),
        ("10.0.0.0/8", False),
        ("93.184.0.0/16", False),
        ("2a02:1234::/32", False),
        ("no network", False),
    ],
)
def test_two_halves_of_the_world_are_the_world(source: str, world: bool) -> None:
    open_rule = {"protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlocks": [source]}
    group = Resource("urn", "aws:ec2/securityGroup:SecurityGroup", "group", {"ingress": [open_rule]})
    assert bool(list(nothing_is_open_to_the_world.judge(group, Stack(Environment.PRODUCTION, (group,))))) is world


class Folders:
    """A bucket, listed level by level."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    def ask(self, service: str, operation: str, **asked: str) -> Mapping[str, Any]:
        assert (service, operation, asked["Delimiter"]) == ("s3", "list_objects_v2", "/")
        inner = [key.removeprefix(asked["Prefix"]) for key in self.keys if key.startswith(asked["Prefix"])]
        folders = sorted({f"{asked['Prefix']}{each.partition('/')[0]}/" for each in inner if "/" in each})
        here = [{"Key": f"{asked['Prefix']}{each}"} for each in inner if "/" not in each]
        return {"CommonPrefixes": [{"Prefix": each} for each in folders], "Contents": here}


def sampled(keys: list[str], most: int = 20) -> list[str]:
    """The sample of a bucket with these keys."""
    account: Value = Folders(sorted(keys))
    own: Account = account
    return sample("archive", most, own)


def test_a_sample_reaches_into_every_kind_of_record_and_holds_the_newest_of_each() -> None:
    """A bucket's own listing begins with the digests of the first year, and would never end there."""
    days = [f"2026/{month:02}/{day:02}" for month in (9, 10, 11) for day in range(1, 29)]
    kinds = ("CloudTrail", "CloudTrail-Digest", "vpcflowlogs")
    keys = [f"AWSLogs/1/{kind}/{day}/{hour}.gz" for kind in kinds for day in days for hour in range(10, 34)]
    found = sampled(keys)
    assert len(found) == len(set(found)) <= 20
    assert set(found) <= set(keys)
    for kind in kinds:
        assert f"AWSLogs/1/{kind}/2026/11/28/33.gz" in found, "the newest of each kind"
        assert sum(f"/{kind}/" in key for key in found) >= 5


@pytest.mark.parametrize("count", [0, 1, 5, 20, 21, 500])
def test_a_sample_is_all_there_is_or_twenty_with_both_ends(count: int) -> None:
    keys = [f"object-{number:03}" for number in range(count)]
    found = sampled(keys)
    assert len(found) == min(count, 20)
    assert found == sorted(set(found))
    assert not keys or {keys[0], keys[-1]} <= set(found)


def test_objects_beside_folders_are_looked_at_too() -> None:
    found = sampled(["a/1", "a/2", "b/1", "top-1", "top-2"], most=3)
    assert len(found) == 3
    assert {"top-2", "a/2"} & set(found)
