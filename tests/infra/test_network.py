"""The network, as an auditor reads it: who passes through the ways to AWS, and who reaches the data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import IPv4Network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.cidr import ZONE_LETTERS, Tier, subnet
from infra.foundation.network.data_acl import peers
from infra.foundation.network.endpoint_policies import INTERFACES
from sandbox.plan.record import Plan
from tests.infra.test_plans import each_foundation, only

DEMANDED = {
    *("autoscaling", "ec2", "ec2messages", "ecr.api", "ecr.dkr", "eks", "eks-auth", "elasticloadbalancing", "kms"),
    *("logs", "secretsmanager", "ssm", "ssmmessages", "sts"),
}
"""A fully private cluster's list, with EKS's own two and the secrets."""


def passing(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every endpoint's policy, with the endpoint's name."""
    for endpoint in plan.of_type("aws:ec2/vpcEndpoint:VpcEndpoint"):
        for statement in json.loads(endpoint.inputs["policy"])["Statement"]:
            yield endpoint.name.removeprefix("network-"), statement


def test_aws_is_reached_by_private_ways_for_all_that_nodes_and_pods_need(production: Plan) -> None:
    assert set(INTERFACES) == DEMANDED
    made = {each.inputs["serviceName"] for each in production.of_type("aws:ec2/vpcEndpoint:VpcEndpoint")}
    assert made == {f"com.amazonaws.eu-west-1.{service}" for service in {*DEMANDED, "s3"}}


@each_foundation
def test_only_principals_of_the_stacks_accounts_pass_but_for_two_named_exceptions(
    plans: dict[str, Plan], stack: str
) -> None:
    strangers = {
        (name, statement["Sid"])
        for name, statement in passing(plans[stack])
        if "aws:PrincipalAccount" not in statement.get("Condition", {}).get("StringEquals", {})
    }
    assert strangers == {("s3", "HandedOut"), ("sts", "Pipeline")}


@each_foundation
def test_what_strangers_may_is_to_fetch_what_aws_hands_out_and_to_take_a_role_by_githubs_word(
    plans: dict[str, Plan], stack: str
) -> None:
    found = {statement["Sid"]: statement for _, statement in passing(plans[stack])}
    assert found["HandedOut"]["Action"] == ["s3:GetObject"]
    assert "*" not in found["HandedOut"]["Resource"]
    assert found["Pipeline"]["Action"] == ["sts:AssumeRoleWithWebIdentity"]
    assert ":role/valletta-" in found["Pipeline"]["Resource"]


def test_s3_leads_to_buckets_of_the_stacks_accounts_only(production: Plan) -> None:
    (own,) = (each for name, each in passing(production) if name == "s3" and each["Sid"] == "OwnBuckets")
    accounts = ["444455556666", "777788889999", "888899990000"]
    assert own["Condition"]["StringEquals"] == {"aws:PrincipalAccount": accounts, "aws:ResourceAccount": accounts}


def test_every_packet_is_written_down_within_a_minute_with_both_ends_and_its_way(production: Plan) -> None:
    log = only(production, "aws:ec2/flowLog:FlowLog")
    assert (log.inputs["trafficType"], log.inputs["maxAggregationInterval"]) == ("ALL", 60)
    assert {"${pkt-srcaddr}", "${pkt-dstaddr}", "${flow-direction}", "${traffic-path}", "${tcp-flags}"} <= set(
        log.inputs["logFormat"].split()
    )


@each_foundation
def test_the_data_tier_lets_in_the_private_tier_and_itself_whatever_security_groups_say(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    acl = next(each for each in plan.of_type("aws:ec2/networkAcl:NetworkAcl") if each.name == "network-data")
    data = [each for each in plan.of_type("aws:ec2/subnet:Subnet") if "-data-" in each.name]
    assert len(acl.inputs["subnetIds"]) == len(data)
    rules = plan.of_type("aws:ec2/networkAclRule:NetworkAclRule")
    known = {each.inputs["cidrBlock"] for each in plan.of_type("aws:ec2/subnet:Subnet") if "-public-" not in each.name}
    for egress in (True, False):
        assert {each.inputs["cidrBlock"] for each in rules if each.inputs["egress"] is egress} == known
    assert {(each.inputs["protocol"], each.inputs["ruleAction"]) for each in rules} == {("tcp", "allow")}


ZONES = st.sets(st.sampled_from(ZONE_LETTERS), min_size=1).map(lambda letters: [f"eu-west-1{each}" for each in letters])


@given(ZONES, ZONES)
def test_a_zone_that_is_added_renumbers_no_rule_of_the_data_tier(zones: list[str], more: list[str]) -> None:
    vpc = IPv4Network("10.0.0.0/16")
    before, after = set(peers(vpc, zones)), set(peers(vpc, sorted({*zones, *more})))
    assert before <= after
    assert len({number for _, number, _ in after}) == len(after)
    assert {network for _, _, network in before} == {
        subnet(vpc, zone, tier) for zone in zones for tier in (Tier.PRIVATE, Tier.DATA)
    }


@each_foundation
def test_the_load_balancers_subnets_are_excepted_from_the_accounts_block_and_no_others(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    excepted = plan.of_type("aws:ec2/vpcBlockPublicAccessExclusion:VpcBlockPublicAccessExclusion")
    balancer = only(plan, "aws:lb/loadBalancer:LoadBalancer")
    assert {each.inputs["subnetId"] for each in excepted} == set(balancer.inputs["subnets"])
