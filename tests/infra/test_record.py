"""A recorded plan is the same on every machine, and a refusal is the program's own words."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from rich.console import Console

from sandbox.plan.monitor import STACK_TYPE, Registration
from sandbox.plan.outputs import synthesiser
from sandbox.plan.program import ProgramRefusedError, read_stack, run_program
from sandbox.plan.record import Plan, plan_here, record_plan
from valletta.commands.plan import tree


def test_a_plan_survives_being_written_and_read(production: Plan) -> None:
    assert Plan.from_json(json.loads(json.dumps(production.to_json()))) == production


def test_two_recordings_of_one_stack_have_one_digest(production: Plan) -> None:
    assert plan_here("production").digest() == production.digest()


def test_the_order_of_keys_in_a_file_does_not_change_the_digest(production: Plan) -> None:
    text = json.dumps(production.to_json())
    reordered = json.loads(text, object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert Plan.from_json(reordered).digest() == production.digest()


def test_a_changed_input_changes_the_digest(production: Plan) -> None:
    first, *rest = production.resources
    changed = replace(production, resources=(replace(first, protect=not first.protect), *rest))
    assert changed.digest() != production.digest()


def test_a_setting_on_top_changes_only_what_it_must(production: Plan) -> None:
    single = plan_here("production", {"valletta:nat": "single"})
    gone = {each.urn for each in production.resources} - {each.urn for each in single.resources}
    assert {urn.rpartition("::")[2] for urn in gone} == {"network-nat-eu-west-1b", "network-nat-eu-west-1c"}


def test_an_added_zone_changes_no_subnet_that_is_there(production: Plan) -> None:
    zones = json.dumps([f"eu-west-1{letter}" for letter in "abcd"])
    larger = plan_here("production", {"valletta:availability_zones": zones})
    subnets = {each.urn: each.inputs["cidrBlock"] for each in production.of_type("aws:ec2/subnet:Subnet")}
    larger_subnets = {each.urn: each.inputs["cidrBlock"] for each in larger.of_type("aws:ec2/subnet:Subnet")}
    assert subnets.items() < larger_subnets.items()
    assert len(larger_subnets) == len(subnets) + 3


def test_the_layers_together_are_one_stack_of_both(production: Plan, production_workloads: Plan) -> None:
    digests = read_stack("production-workloads").config["valletta:image_digests"]
    both = plan_here("production", {"valletta:layer": "all", "valletta:image_digests": digests})
    halves = [each for plan in (production, production_workloads) for each in plan.resources]
    names = {(each.type, each.name) for each in halves if each.type != STACK_TYPE}
    assert {(each.type, each.name) for each in both.resources if each.type != STACK_TYPE} == names


def test_workloads_on_a_foundation_elsewhere_are_refused() -> None:
    with pytest.raises(ProgramRefusedError, match="but the foundation 'organization/valletta/production' lies in"):
        plan_here("production-workloads", {"valletta:vpc_cidr": "10.99.0.0/16"})


def test_workloads_on_a_stack_that_is_no_foundation_are_refused_with_what_it_lacks() -> None:
    def outputs_of(_stack: str) -> dict[str, str]:
        return {"cluster_name": "somewhere"}

    files = read_stack("production-workloads")
    with pytest.raises(ProgramRefusedError, match=r"has no output '[a-z_]+', which the layer workloads stands on"):
        run_program(files, synthesiser(files.config), outputs_of=outputs_of)


def test_the_trail_is_the_organisations_where_an_organisation_is_named() -> None:
    plan = plan_here("production", {"valletta:organization_id": "o-a1b2c3d4e5", "valletta:layer": "foundation"})
    (trail,) = plan.of_type("aws:cloudtrail/trail:Trail")
    assert trail.inputs["isOrganizationTrail"] is True
    landing = next(each for each in plan.of_type("aws:s3/bucketPolicy:BucketPolicy") if "landing" in each.name)
    assert "/AWSLogs/o-a1b2c3d4e5/*" in landing.inputs["policy"]


def test_a_refusal_is_told_in_the_programs_own_words_and_without_a_traceback() -> None:
    with pytest.raises(ProgramRefusedError) as refusal:
        record_plan("staging", {"valletta:vpc_cidr": "10.0.0.0/28", "valletta:regoin": "eu-west-1"})
    assert str(refusal.value).startswith("valletta:regoin is not a setting; did you mean 'region'?")
    assert refusal.value.exit_code == 2


def test_a_refused_setting_makes_nothing() -> None:
    made: list[str] = []

    def handler(registration: Registration) -> tuple[str, dict[str, object]]:
        made.append(registration.urn)
        return registration.name, {}

    files = read_stack("production")
    refused = replace(files, config={**files.config, "valletta:archive_lock_acknowledged_until": "2031-01-01"})
    with pytest.raises(ProgramRefusedError, match="set it to 2032-01-01 to say that this is understood"):
        run_program(refused, handler)
    assert made == []


def test_a_stack_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ProgramRefusedError, match="no stack 'prod'; the stacks are local, production, production-"):
        read_stack("prod")


def test_the_stack_local_belongs_to_another_project() -> None:
    assert read_stack("local").project == "valletta-local"
    assert read_stack("staging").project == "valletta"


def test_the_printed_tree_has_every_component_and_counts_every_resource(production: Plan) -> None:
    screen = Console(width=200)
    with screen.capture() as printed:
        screen.print(tree(production))
    text = printed.get()
    assert all(each.name in text for each in production.resources if not each.custom)
    assert "aws ec2 Subnet 9" in text
    assert "aws rds Instance 1 protected" in text
