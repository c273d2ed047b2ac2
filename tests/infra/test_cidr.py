"""The address plan: nothing overlaps, everything fits, and what is there never moves."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.cidr import LONGEST_VPC_PREFIX, SHORTEST_VPC_PREFIX, ZONE_LETTERS, Tier, subnet

VPCS = st.integers(SHORTEST_VPC_PREFIX, LONGEST_VPC_PREFIX).flatmap(
    lambda prefix: st.integers(0, (1 << (prefix - 8)) - 1).map(
        lambda number: IPv4Network(((10 << 24) + (number << (32 - prefix)), prefix))
    )
)
ZONES = st.sets(st.sampled_from(ZONE_LETTERS), min_size=1).map(
    lambda letters: [f"eu-west-1{letter}" for letter in sorted(letters)]
)
TIERS = st.sets(st.sampled_from(list(Tier)), min_size=1)


def plan(vpc: IPv4Network, zones: list[str], tiers: set[Tier]) -> dict[tuple[str, Tier], IPv4Network]:
    return {(zone, tier): subnet(vpc, zone, tier) for zone in zones for tier in tiers}


@given(VPCS)
def test_no_two_subnets_of_a_full_plan_overlap(vpc: IPv4Network) -> None:
    everything = plan(vpc, [f"eu-west-1{letter}" for letter in ZONE_LETTERS], set(Tier))
    assert not [pair for pair in combinations(everything.values(), 2) if pair[0].overlaps(pair[1])]


@given(VPCS)
def test_every_subnet_lies_within_its_vpc_and_within_what_aws_allows(vpc: IPv4Network) -> None:
    for network in plan(vpc, [f"eu-west-1{letter}" for letter in ZONE_LETTERS], set(Tier)).values():
        assert network.subnet_of(vpc)
        assert network.prefixlen <= 28


@given(VPCS, ZONES, ZONES, TIERS, TIERS)
def test_adding_a_zone_or_a_tier_moves_no_subnet(
    vpc: IPv4Network, zones: list[str], more_zones: list[str], tiers: set[Tier], more_tiers: set[Tier]
) -> None:
    before = plan(vpc, zones, tiers)
    after = plan(vpc, sorted({*more_zones, *zones}), more_tiers | tiers)
    assert before.items() <= after.items()


@given(VPCS)
def test_each_zone_keeps_an_eighth_of_its_slot_for_a_tier_to_come(vpc: IPv4Network) -> None:
    for letter in ZONE_LETTERS:
        used = sum(subnet(vpc, f"eu-west-1{letter}", tier).num_addresses for tier in Tier)
        assert used == vpc.num_addresses // 8 * 7 // 8


def test_the_documented_place_is_the_one_that_is_given() -> None:
    assert subnet(IPv4Network("10.0.0.0/16"), "eu-west-1b", Tier.PRIVATE) == IPv4Network("10.0.32.0/20")


@pytest.mark.parametrize("zone", ["eu-west-1i", "eu-west-1", ""])
def test_a_zone_without_a_slot_is_refused(zone: str) -> None:
    with pytest.raises(ValueError, match="must end in one of abcdefgh"):
        subnet(IPv4Network("10.0.0.0/16"), zone, Tier.DATA)


@pytest.mark.parametrize("cidr", ["10.0.0.0/15", "10.0.0.0/21"])
def test_a_vpc_of_another_size_is_refused(cidr: str) -> None:
    with pytest.raises(ValueError, match="between /16 and /20"):
        subnet(IPv4Network(cidr), "eu-west-1a", Tier.DATA)
