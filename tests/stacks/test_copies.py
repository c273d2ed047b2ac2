"""Copies for a while: nothing of one is another stack's, and only what is a copy is ever ended."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from typing import Any, cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.settings.copies import CopyIdentity, copy_config
from sandbox.copies import expire, spawn
from sandbox.copies.addresses import BLOCK_PREFIX, POOL, blocks
from sandbox.copies.backend import Backend, Claim
from sandbox.copies.naming import CopyName, CopyRefusedError, lifetime
from sandbox.copies.spawn import Copy
from sandbox.paths import CLONE
from sandbox.plan.program import config_text
from sandbox.plan.record import Plan, PlannedResource, record_plan
from tests.planning import Planner

NOW = datetime(2027, 1, 31, 12, tzinfo=UTC)
NAMES = st.from_regex(r"[a-z][a-z0-9]{0,4}(-[a-z0-9]{1,4})?", fullmatch=True)


@given(NAMES, st.sets(st.integers(0, 2047), max_size=40))
def test_a_block_lies_in_the_pool_and_beside_every_other(name: str, numbers: set[int]) -> None:
    size = 1 << (32 - BLOCK_PREFIX)
    taken = {IPv4Network((int(POOL.network_address) + number * size, BLOCK_PREFIX)) for number in numbers}
    block = next(blocks(name, taken))
    assert block.prefixlen == BLOCK_PREFIX
    assert block.subnet_of(POOL)
    assert not any(block.overlaps(other) for other in taken)


@given(NAMES)
@settings(max_examples=5)
def test_every_block_of_the_pool_is_tried_once(name: str) -> None:
    tried = list(blocks(name, set()))
    assert len(tried) == len(set(tried)) == 2048


class Steps:
    """A backend's claims, where each call waits for its turn: so a test decides how spawns fall together."""

    def __init__(self, stack: str, claims: dict[str, IPv4Network]) -> None:
        self.turn, self.waits = threading.Semaphore(0), threading.Semaphore(0)
        self._stack, self._claims = stack, claims

    def tag(self, stack: str, tags: Mapping[str, str]) -> None:
        self._await_turn()
        self._claims[stack] = IPv4Network(tags["valletta:vpc_cidr"])

    def taken(self, but: str) -> set[IPv4Network]:
        self._await_turn()
        return {cidr for stack, cidr in self._claims.items() if stack != but}

    def ended(self, _: object) -> None:
        self.waits.release()

    def _await_turn(self) -> None:
        self.waits.release()
        self.turn.acquire()


@given(st.integers(2, 4), st.data())
@settings(max_examples=40, deadline=None)
def test_copies_spawned_at_once_never_share_addresses_however_their_steps_fall(count: int, data: st.DataObject) -> None:
    claims: dict[str, IPv4Network] = {}
    names = [CopyName(f"c{number}", "staging") for number in range(count)]
    backends = {each.stack: Steps(each.stack, claims) for each in names}
    first = IPv4Network("10.128.0.0/20")  # all begin at the same block
    with ThreadPoolExecutor(count) as pool:
        running: dict[str, Future[IPv4Network]] = {}
        for each in names:
            copy = Copy(each, first, NOW, {}, {})
            backend = cast(Backend, backends[each.stack])
            running[each.stack] = pool.submit(spawn.claim_addresses, backend, copy, lambda _: None)
            running[each.stack].add_done_callback(backends[each.stack].ended)
            backends[each.stack].waits.acquire()
        try:
            while waiting := [stack for stack, future in running.items() if not future.done()]:
                steps = backends[data.draw(st.sampled_from(waiting))]
                steps.turn.release()
                steps.waits.acquire()
        finally:
            for steps in backends.values():
                steps.turn.release(1000)
    settled = [future.result() for future in running.values()]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(settled, 2))


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("PR-1", "staging", "cannot be called 'PR-1'"),
        ("pr--1", "staging", "cannot be called 'pr--1'"),
        ("a-name-too-long-for-aws", "staging", "at most 15"),
        ("pr-1", "production", "production is never copied"),
        ("pr-1", "production-workloads", "production is never copied"),
        ("pr-1", "staging-workloads", "half of a pair"),
    ],
)
def test_what_cannot_be_copied_is_refused(name: str, source: str, told: str) -> None:
    with pytest.raises(CopyRefusedError) as refusal:
        CopyName.of(name, source)
    assert told in f"{refusal.value} {refusal.value.hint}"


@pytest.mark.parametrize("text", ["48", "0h", "-1d", "2w", "15d", "1000h", ""])
def test_a_life_that_is_none_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(CopyRefusedError, match="--ttl"):
        lifetime(text)


def test_a_life_is_hours_or_days() -> None:
    assert (lifetime("48h"), lifetime("3d")) == (timedelta(hours=48), timedelta(days=3))


def claim(stack: str, hours: int) -> Claim:
    return Claim(stack, "staging", IPv4Network("10.128.0.0/20"), NOW + timedelta(hours=hours), 9)


def test_what_is_over_is_due_and_workloads_go_before_what_they_stand_on() -> None:
    claims = [claim("staging-a", -1), claim("staging-b", 1), claim("staging-a-workloads", -1), claim("staging-c", 0)]
    assert [each.stack for each in expire.due(claims, NOW, None)] == ["staging-a-workloads", "staging-a", "staging-c"]


def test_a_copy_that_is_named_goes_whole_before_its_time() -> None:
    claims = [claim("staging-b", 1), claim("staging-b-workloads", 1), claim("staging-bb", 1)]
    for named in ("b", "staging-b"):
        assert [each.stack for each in expire.due(claims, NOW, named)] == ["staging-b-workloads", "staging-b"]


@pytest.mark.parametrize("named", ["staging", "production", "staging-workloads", "c"])
def test_a_stack_that_stays_is_never_due(named: str) -> None:
    with pytest.raises(CopyRefusedError, match="is no copy, and only copies are destroyed"):
        expire.due([claim("staging-b", 1)], NOW, named)


def config_of(file: str) -> dict[str, Any]:
    config: dict[str, Any] = (yaml.safe_load((CLONE / file).read_text()))["config"]
    return config


def copied_from(config: Mapping[str, Any], **also: str) -> dict[str, str]:
    """The configuration of a copy `pr-123`, as the engine hands it over."""
    identity = CopyIdentity("pr-123", IPv4Network("10.128.16.0/20"), NOW, "organization/valletta/staging-pr-123")
    source = {**config, **{f"valletta:{key}": value for key, value in also.items()}}
    return {key: config_text(key, value) for key, value in copy_config(source, identity).items()}


def planned(stack: str, config: Mapping[str, str], project: str) -> Plan:
    return record_plan(stack, config, project=project, unwritten=True)


@pytest.fixture(scope="module")
def pair(planner: Planner) -> tuple[Plan, Plan]:
    """The plans of staging's foundation and of a copy of it that is delegated."""
    config = copied_from(config_of("Pulumi.staging.yaml"), copies_zone_id="Z0123456789ABCDEFGHIJ")
    return planner("staging"), planned("staging-pr-123", config, "valletta")


@pytest.fixture(scope="module")
def laptops(planner: Planner) -> tuple[Plan, Plan]:
    """The plans of the stack `local` and of a copy of it."""
    config = copied_from(config_of("sandbox/Pulumi.local.yaml"))
    return planner("local"), planned("local-pr-123", config, "valletta-local")


def test_a_copy_is_found_where_its_sources_zone_delegates_it_and_has_no_way_in_otherwise() -> None:
    config = config_of("Pulumi.staging.yaml")
    delegated, alone = copied_from(config, copies_zone_id="Z0123456789ABCDEFGHIJ"), copied_from(config)
    assert delegated["valletta:domain"] == "pr-123.staging.exchange.example"
    assert delegated["valletta:parent_zone_id"] == "Z0123456789ABCDEFGHIJ"
    assert not {"valletta:domain", "valletta:parent_zone_id", "valletta:edge_countries"} & set(alone)


SHARED_ON_PURPOSE = frozenset({"valletta", "ledger", "postgres"})
"""Names within something that is the stack's own: a database within its instance, an engine."""


@pytest.mark.parametrize("both", ["pair", "laptops"])
def test_no_name_address_or_domain_of_a_copy_is_its_sources(both: str, request: pytest.FixtureRequest) -> None:
    source, copy = (dict(_names(plan)) for plan in request.getfixturevalue(both))
    assert len(copy) > 40
    assert {name for name in copy.keys() & source.keys() if name not in SHARED_ON_PURPOSE} == set()


def _names(plan: Plan) -> Iterator[tuple[str, str]]:
    """Whatever AWS or people tell one resource from another by, as name -> URN."""
    for resource in plan.resources:
        for key in ("name", "bucket", "identifier", "clusterName", "cidrBlock", "domainName", "groupName", "alarmName"):
            value = resource.inputs.get(key)
            if isinstance(value, str) and not _within(resource, key):
                yield value, resource.urn


def _within(resource: PlannedResource, key: str) -> bool:
    """Whether the value names something within another of the stack's own resources, or refers to it."""
    refers = key in resource.property_dependencies
    return refers or resource.type in {"aws:msk/topic:Topic", "aws:rds/parameterGroup:ParameterGroup"}


def test_a_copy_holds_no_record_and_shares_what_an_account_has_once(pair: tuple[Plan, Plan]) -> None:
    source, copy = pair
    assert [each.urn for each in copy.resources if each.protect or each.retain_on_delete] == []
    types = {each.type for each in copy.resources}
    assert "aws:cloudtrail/trail:Trail" not in types
    assert "aws:ebs/encryptionByDefault:EncryptionByDefault" not in types
    assert "aws:cloudtrail/trail:Trail" in {each.type for each in source.resources}


def test_everything_in_a_copy_says_when_it_ends(pair: tuple[Plan, Plan]) -> None:
    tagged = [_tags(each) for each in pair[1].resources if "tags" in each.inputs]
    assert {tags.get("valletta:expires") for tags in tagged} == {NOW.isoformat()}


def _tags(resource: PlannedResource) -> Mapping[str, Any]:
    tags: Mapping[str, Any] = json.loads(json.dumps(resource.to_json()["inputs"]["tags"]))
    return tags
