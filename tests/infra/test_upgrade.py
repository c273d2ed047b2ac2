"""From the last release's recorded plan to today's program: nothing that holds records is deleted or replaced."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sandbox.plan.record import Plan, PlannedResource
from tests.twin.account_server import AccountServer

RELEASES = Path(__file__).parent / "releases"
STACKS = ("production", "staging")

GONE = {
    "kubernetes:": "what runs in the cluster is the stack of the workloads now; it holds no records",
    "pulumi:providers:kubernetes": "so is the provider of its cluster",
    "valletta:workloads:": "and so are its components",
    "aws:eks/podIdentityAssociation:": "a binding of a service account, which a shard has one of its own now",
}
"""What a release takes out of a stack on purpose: the beginning of a type -> the reason. None of it holds records."""


def recorded(stack: str) -> list[dict[str, Any]]:
    """The resources of the last release's stack, in the form of the golden plans."""
    resources: list[dict[str, Any]] = json.loads((RELEASES / f"0.1.0-{stack}.json").read_text())["resources"]
    return resources


def path_of(urn: str) -> str:
    """The types and the name of a URN, without stack and project."""
    return "::".join(urn.split("::")[2:])


def successors(plan: Plan) -> dict[str, PlannedResource]:
    """Each resource of today under its own path, and under those by which Pulumi would know it from before."""
    found = {path_of(each.urn): each for each in plan.resources}
    for each in plan.resources:
        for alias in each.aliases:
            found.setdefault(_aliased(each, alias), each)
    return found


def _aliased(resource: PlannedResource, alias: str) -> str:
    """The path of an alias: whole, or what it changes (`name=`, `parentUrn=`) of the resource's own."""
    if alias.startswith("urn:pulumi:"):
        return path_of(alias)
    changed = dict(part.split("=", 1) for part in alias.split(",") if "=" in part)
    own_types, own_name = path_of(resource.urn).rsplit("::", 1)
    parent = path_of(changed["parentUrn"]).rsplit("::", 1)[0] + "$" if "parentUrn" in changed else None
    types = f"{parent}{resource.type}" if parent is not None else own_types
    return f"{types}::{changed.get('name', own_name)}"


def type_of(path: str) -> str:
    """The resource's own type, the last of the chain in its path."""
    return path.rsplit("::", 1)[0].rpartition("$")[2]


Replaces = Callable[[str, Mapping[str, Any], Mapping[str, Any]], Sequence[str]]


@pytest.fixture(scope="module")
def replaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replaces]:
    """The inputs for whose change a resource would be replaced, by the twin's knowledge of AWS."""
    server = AccountServer(tmp_path_factory.mktemp("upgrade") / "account")
    yield lambda type_, old, new: server.twin.diff(type_, old, new).replaces
    server.stop()


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_is_deleted_but_what_moved_on_purpose(plans: dict[str, Plan], stack: str) -> None:
    today = successors(plans[stack])
    paths = [each["resource"] for each in recorded(stack)]
    deleted = [path for path in paths if path not in today]
    assert [path for path in deleted if not type_of(path).startswith(tuple(GONE))] == []
    assert any(type_of(path).startswith("kubernetes:") for path in deleted), "the table of reasons is out of date"


@pytest.mark.parametrize("stack", STACKS)
def test_nothing_that_holds_records_is_replaced_or_loses_its_protection(
    plans: dict[str, Plan], stack: str, replaces: Replaces
) -> None:
    today = successors(plans[stack])
    records = [each for each in recorded(stack) if each.get("options", {}).get("protect")]
    assert len(records) > 40
    for old in records:
        new = today[old["resource"]]
        assert new.protect, f"{old['resource']} was protected"
        changed = replaces(new.type, old["inputs"], dict(new.inputs))
        ignored = {each.partition(".")[0] for each in new.ignore_changes}
        assert [each for each in changed if each not in ignored] == [], old["resource"]


def test_an_alias_leads_from_the_old_path_to_the_new() -> None:
    parent = "urn:pulumi:production::valletta::valletta:foundation:Network::network"
    moved = PlannedResource(
        urn="urn:pulumi:production::valletta::valletta:foundation:Account$aws:ec2/vpc:Vpc::account-vpc",
        type="aws:ec2/vpc:Vpc",
        name="account-vpc",
        custom=True,
        parent="",
        inputs={},
        aliases=(f"name=network-vpc,parentUrn={parent}",),
    )
    assert "valletta:foundation:Network$aws:ec2/vpc:Vpc::network-vpc" in successors(
        Plan("valletta", "production", (moved,), {})
    )


def test_a_changed_name_would_be_told_as_a_replacement(replaces: Replaces) -> None:
    old = next(each for each in recorded("production") if type_of(each["resource"]) == "aws:s3/bucket:Bucket")
    assert replaces("aws:s3/bucket:Bucket", old["inputs"], {**old["inputs"], "bucket": "another"}) == ["bucket"]
