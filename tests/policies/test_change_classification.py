"""CHG-4: what a change touches, and what it needs before it is made."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from policies.baseline.register import Register
from policies.baseline.register import register as kits_own
from policies.change.classify import Classification, Need, Touch, classify
from policies.change.notice import BLANK, notice
from policies.cloud import tokens
from policies.values import Value
from sandbox.errors import SandboxError
from tests.policies.plans import Edit, Resources, both, broken, drop, put, without
from valletta.commands import policy

REGISTER = """
[[components]]
name = "matching engine"
purpose = "Takes orders and settles markets"
classification = "essential"
version = "its digest"
unseen = "a test"
owner = "Head of trading"
runs = ["kubernetes:StatefulSet/matching"]

[[components]]
name = "ledger database"
purpose = "Holds what players own"
classification = "essential"
version = "its digest"
unseen = "a test"
owner = "Finance officer"
runs = ["aws:rds/instance:Instance", "aws:s3/bucket:Bucket/archive-lock*"]

[[components]]
name = "gateway"
purpose = "Serves players"
classification = "supporting"
version = "its digest"
unseen = "a test"
owner = "Infrastructure lead"
runs = ["kubernetes:Deployment/gateway"]
"""
STATEFUL, DEPLOYMENT = "kubernetes:apps/v1:StatefulSet", "kubernetes:apps/v1:Deployment"
IMAGE = "spec.template.spec.containers.0.image"
Classify = Callable[[str, Edit], Classification]


@pytest.fixture(scope="module")
def register_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of three components."""
    file = tmp_path_factory.mktemp("register") / "register.toml"
    file.write_text(REGISTER)
    return file


@pytest.fixture(scope="module")
def register(register_file: Path) -> Register:
    """The same, read."""
    return Register.read(register_file)


@pytest.fixture
def changed(plans: dict[str, Resources], register: Register) -> Classify:
    """The classification of one edit of a stack's plan."""

    def edit_and_classify(stack: str, edit: Edit) -> Classification:
        return classify(_plan(stack, plans[stack]), _plan(stack, broken(plans[stack], edit)), register)

    return edit_and_classify


def _plan(stack: str, resources: Resources) -> dict[str, Any]:
    return {"project": "valletta", "stack": stack, "resources": resources, "outputs": {}}


def _tag(key: str, value: str) -> Edit:
    def edit(resources: Resources) -> None:
        for resource in resources:
            if resource["type"] == tokens.DATABASE:
                resource["inputs"]["tags"][key] = value

    return edit


@pytest.mark.parametrize(
    ("stack", "edit", "touch"),
    [
        ("production-workloads", put(STATEFUL, IMAGE, "another@sha256:0"), Touch.ESSENTIAL),
        ("production-workloads", put(DEPLOYMENT, IMAGE, "another@sha256:0", "gateway"), Touch.KEY_SETUP),
        ("production-workloads", put(DEPLOYMENT, IMAGE, "another@sha256:0", "ledger"), Touch.KEY_SETUP),
        ("production-workloads", put(STATEFUL, "spec.replicas", 3), Touch.NEITHER),
        ("production-workloads", put(STATEFUL, "spec.replicas", 1), Touch.ESSENTIAL),
        ("production-workloads", put(STATEFUL, "spec.replicas", 5), Touch.ESSENTIAL),
        ("production-workloads", drop(STATEFUL, "spec.replicas"), Touch.ESSENTIAL),
        ("production-workloads", without(STATEFUL), Touch.ESSENTIAL),
        ("production", put(tokens.DATABASE, "multiAz", False), Touch.ESSENTIAL),
        ("production", _tag("cost-centre", "7"), Touch.NEITHER),
        ("production", _tag("valletta:environment", "staging"), Touch.ESSENTIAL),
        ("production", put(tokens.KEY, "description", "another", "keys-database"), Touch.NEITHER),
        ("production", put(tokens.SECURITY_GROUP, "description", "another", "database"), Touch.KEY_SETUP),
        ("production", put(tokens.BUCKET, "forceDestroy", True, "archive-locked"), Touch.ESSENTIAL),
        ("production", put(tokens.BUCKET, "forceDestroy", True, "archive-landing"), Touch.KEY_SETUP),
        ("production", without(tokens.FLOW_LOG), Touch.KEY_SETUP),
    ],
)
def test_a_change_touches_what_it_is_a_part_of(changed: Classify, stack: str, edit: Edit, touch: Touch) -> None:
    """By the register; and what is in no component of it is still a part of the set-up."""
    found = changed(stack, edit)
    assert [entry.touch for entry in found.entries] == [touch]
    needs = {Touch.ESSENTIAL: Need.APPROVAL, Touch.KEY_SETUP: Need.NOTIFICATION, Touch.NEITHER: Need.NOTHING}
    assert found.need is needs[touch]


def test_each_component_of_the_kits_own_register_is_a_part_of_production(plans: dict[str, Resources]) -> None:
    """A part that is renamed in the program, and not in the register, would change without anybody being asked."""
    resources = [each for stack in ("production", "production-workloads") for each in plans[stack]]
    for component in kits_own().components:
        for entry in component.runs:
            only = replace(component, runs=(entry,))
            assert any(only.holds(each) for each in resources), f"{component.name} runs as {entry}, which nothing is"


def test_the_gravest_of_several_changes_decides(changed: Classify) -> None:
    edit = both(put(tokens.DATABASE, "multiAz", False), _tag("a", "b"), put(tokens.TRAIL, "enableLogging", False))
    found = changed("production", edit)
    assert {entry.touch for entry in found.entries} == {Touch.ESSENTIAL, Touch.KEY_SETUP}
    assert found.need is Need.APPROVAL


def test_no_change_needs_nothing(changed: Classify) -> None:
    found = changed("production", lambda _: None)
    assert (found.entries, found.need) == ((), Need.NOTHING)


def test_a_change_beside_an_essential_component_is_put_to_a_person(changed: Classify) -> None:
    """The database takes its parameters from the group: whether they change it, no machine decides."""
    found = changed("production", put(tokens.DATABASE_PARAMETERS, "family", "postgres18"))
    assert [(entry.touch, entry.adjoins) for entry in found.entries] == [(Touch.KEY_SETUP, ("ledger database",))]


def test_a_protection_that_is_taken_off_is_a_change(changed: Classify) -> None:
    """It is no property, and decides whether a destroy takes the database with it."""

    def unprotect(resources: Resources) -> None:
        for resource in resources:
            if resource["type"] == tokens.DATABASE:
                resource["protect"] = False

    found = changed("production", unprotect)
    assert [str(value) for value in found.entries[0].change.values] == ["(protect): true -> false"]
    assert found.need is Need.APPROVAL


def test_a_policy_is_compared_by_what_it_says(changed: Classify, production: Resources) -> None:
    """Another order of keys is no change; another action is one, told by its place in the document."""

    def rewrite(change: Callable[[dict[str, Any]], None]) -> Edit:
        def edit(resources: Resources) -> None:
            policy = next(each for each in resources if each["type"] == tokens.BUCKET_POLICY)
            document = json.loads(policy["inputs"]["policy"])
            change(document)
            policy["inputs"]["policy"] = json.dumps(dict(reversed(document.items())))

        return edit

    assert not changed("production", rewrite(lambda _: None)).entries
    found = changed("production", rewrite(lambda document: document["Statement"][0].update(Effect="Allow")))
    assert [value.path for value in found.entries[0].change.values] == [("policy", "Statement", "0", "Effect")]


def test_a_resource_that_only_has_another_name_is_the_same(changed: Classify) -> None:
    """An alias tells the engine, and so it tells us: nothing is made or destroyed."""

    def rename(resources: Resources) -> None:
        for resource in resources:
            if resource["type"] == tokens.DATABASE:
                resource["aliases"] = [resource["urn"]]
                resource["urn"] += "-renamed"

    assert not changed("production", rename).entries


def test_what_no_plan_writes_down_is_counted(changed: Classify) -> None:
    """A secret may have changed behind the mark: the draft has a person declare it."""
    marked = put(tokens.TRAIL, "name", {"$valletta": "secret"})
    assert changed("production", marked).entries, "a value that became a secret is a change"
    plan = _plan("s", [_resource("a", {"password": {"$valletta": "secret"}, "list": [{"$valletta": "unknown"}]})])
    found = classify(plan, copy.deepcopy(plan), Register(()))
    assert (found.entries, found.hidden) == ((), 2)


def _resource(name: str, inputs: dict[str, Value]) -> dict[str, Any]:
    return {"urn": f"urn::{name}", "type": "a:b:C", "name": name, "inputs": inputs}


def test_two_stacks_cannot_be_compared(plans: dict[str, Resources], register: Register) -> None:
    with pytest.raises(ValueError, match="two stacks, staging and production"):
        classify(_plan("staging", plans["staging"]), _plan("production", plans["production"]), register)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "registers nothing"),
        ("components = 1", "registers nothing"),
        ("components = [1]", "is no table"),
        (REGISTER.replace('"essential"', '"supporting"'), "registers no essential component"),
        (REGISTER.replace('"essential"', '"no"', 1), "essential or supporting is known"),
        (REGISTER.replace("aws:rds/instance:Instance", "the database"), "which is no type of resource"),
    ],
)
def test_a_register_that_says_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    """By a register without essential components every change would pass."""
    (file := tmp_path / "register.toml").write_text(text)
    with pytest.raises(ValueError, match=message):
        Register.read(file)


def test_the_notice_fills_in_what_is_known_and_leaves_the_rest_to_a_person(
    changed: Classify, register: Register
) -> None:
    """Each essential component has a blank to be declared unchanged, and each change a row of the risk assessment."""
    found = changed("production", put(tokens.DATABASE_PARAMETERS, "family", "postgres18"))
    text = notice(found, register, before="1" * 64, after="2" * 64)
    assert text.startswith("# Notification of a change of the key technical set-up")
    assert f"| matching engine | Head of trading | - | - | {BLANK} |" in text
    (group,) = (entry.change.resource["name"] for entry in found.entries)
    assert f"| ledger database | Finance officer | - | `ParameterGroup {group}` | {BLANK} |" in text
    assert "postgres18" in text
    assert "not before 30 days" in text
    approval = notice(changed("production", without(tokens.DATABASE)), register, before="1", after="2")
    assert approval.startswith("# Request for prior approval")
    assert "No resource of an essential component changes" not in approval


@pytest.mark.parametrize(
    ("edit", "status", "said"),
    [
        (put(tokens.DATABASE, "multiAz", False), 3, "prior approval"),
        (without(tokens.FLOW_LOG), 3, "notification"),
        (_tag("a", "b"), 0, "nothing"),
    ],
)
def test_the_command_ends_with_3_where_somebody_must_be_asked_or_told(  # noqa: PLR0917 (pytest's, each by name)
    tmp_path: Path, production: Resources, register_file: Path, edit: Edit, status: int, said: str
) -> None:
    before, after, draft = (tmp_path / name for name in ("before.json", "after.json", "notice.md"))
    before.write_text(json.dumps(_plan("production", production)))
    after.write_text(json.dumps(_plan("production", broken(production, edit))))
    arguments = ["classify", "--from", before, "--to", after, "--register", register_file, "--notice", draft]
    result = CliRunner().invoke(policy.app, [str(each) for each in arguments])
    assert result.exit_code == status, result.output
    assert said in result.output
    assert draft.read_text().startswith("# ")
    told = CliRunner().invoke(policy.app, [*map(str, arguments), "--json"])
    assert said in json.loads(told.stdout)["need"]


@pytest.mark.parametrize("content", ["", "[]", "{}"])
def test_a_file_that_is_no_plan_is_wrong_use(tmp_path: Path, register_file: Path, content: str) -> None:
    (file := tmp_path / "plan.json").write_text(content)
    arguments = ["classify", "--from", file, "--to", file, "--register", register_file]
    result = CliRunner().invoke(policy.app, [str(each) for each in arguments])
    assert isinstance(result.exception, SandboxError)
    assert result.exception.exit_code == 2
