"""The gate: violations, what could not be judged, levels that only tell, and the state after a deployment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from policies.catalogue import catalogue, control
from policies.cloud import tokens
from policies.pack.analysis import analyse
from policies.pack.gate import gate
from policies.pack.levels import Level, LevelsError, read_levels
from policies.pack.state import StateError, resources_of
from policies.values import Value
from sandbox.errors import SandboxError
from tests.policies.plans import UNKNOWN, Edit, Resources, broken, put
from valletta.commands import policy

ONE_ZONE = put(tokens.DATABASE, "multiAz", False)
NOBODY_KNOWS = put(tokens.DATABASE, "multiAz", UNKNOWN)
RULE = "bcp-1-database-zones"
LOWERED = {RULE: Level("advisory", "a load test of one zone, OPS-12")}
SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:x"}


def exported(resources: Resources, **deployment: Value) -> dict[str, Any]:
    """The resources as `pulumi stack export` writes them."""
    held = [
        {
            "urn": each["urn"],
            "type": each["type"],
            "custom": each["custom"],
            "inputs": {"__defaults": [], **each["inputs"]},
            "outputs": {},
            "protect": each["protect"],
            "propertyDependencies": each["property_dependencies"] or None,
        }
        for each in resources
    ]
    return {"version": 3, "deployment": {"manifest": {}, "resources": held, **deployment}}


def _run(tmp_path: Path, content: Value, *arguments: str, stack: str = "production", option: str = "--state") -> Result:
    (file := tmp_path / "content.json").write_text(json.dumps(content))
    return CliRunner().invoke(policy.app, ["gate", "--stack", stack, option, str(file), *arguments])


def _status(result: Result) -> int:
    if isinstance(result.exception, SandboxError):
        return result.exception.exit_code
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code


@pytest.mark.parametrize(
    ("edit", "status", "said"),
    [
        (None, 0, "open"),
        (ONE_ZONE, 3, "shut"),
        (NOBODY_KNOWS, 4, "shut"),
        (put(tokens.DATABASE, "multiAz", SECRET), 4, ""),
    ],
    ids=["good", "violated", "unknown", "secret"],
)
def test_a_state_is_judged_as_its_plan_is_and_what_nobody_knows_shuts_the_gate(
    tmp_path: Path, production: Resources, edit: Edit | None, status: int, said: str
) -> None:
    """The same rules, on what was made; a value that cannot be read is no value that is right."""
    result = _run(tmp_path, exported(broken(production, edit) if edit else production))
    assert _status(result) == status, result.output
    assert said in result.output


def test_a_plan_in_a_file_is_judged_and_must_be_the_stacks(tmp_path: Path, production: Resources) -> None:
    plan = {"project": "valletta", "stack": "production", "resources": production, "outputs": {}}
    assert _status(_run(tmp_path, plan, option="--plan")) == 0
    other = _run(tmp_path, plan, option="--plan", stack="staging")
    assert _status(other) == 2
    assert "is a plan of production, not of staging" in str(other.exception)


def test_a_release_is_shut_while_a_control_is_still_to_be_built(tmp_path: Path, production: Resources) -> None:
    """Each is listed with where it belongs; without --release it is no matter of this stack."""
    result = _run(tmp_path, exported(production), "--release", "--json")
    assert _status(result) == 3
    listed = {(each["control"], each["where"]) for each in json.loads(result.stdout)["notImplemented"]}
    assert listed == {(known.id, part.where) for known in catalogue() for part in known.planned}
    assert ("LOG-5", "services/auditlog") in listed


def test_a_release_is_open_once_everything_is_built(production: Resources) -> None:
    analysis = analyse(production, stack="production")
    assert gate(analysis, release=True, controls=[control("NET-5")]).open
    assert not gate(analysis, release=True, controls=[control("LOG-5")]).open
    assert gate(analysis, release=False, controls=[control("LOG-5")]).open


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "no export of Pulumi's state"),
        ({"version": 2, "deployment": {"resources": []}}, "no export of Pulumi's state"),
        ({"version": 3, "deployment": {}}, "holds no resource"),
        (
            {"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:x::p::t::n", "type": "t"}]}},
            "of the stack x",
        ),
        (
            {"version": 3, "deployment": {"pending_operations": [{"resource": {"urn": "urn:a"}, "type": "creating"}]}},
            "broken off, and nobody knows what became of urn:a",
        ),
        (
            {"version": 4, "deployment": {"resources": [{"urn": "urn:a", "type": "t", "pendingReplacement": True}]}},
            "urn:a is deleted and not made again",
        ),
        ({"version": 5, "deployment": {"resources": []}}, "no export of Pulumi's state"),
    ],
)
def test_a_state_that_tells_nothing_is_refused(content: Value, message: str) -> None:
    """An empty state, another stack's, one of a deployment that has not ended: none of them is a clean one."""
    with pytest.raises(StateError, match=message):
        resources_of(content, "production")


def test_a_value_that_the_engine_wraps_is_not_taken_for_a_plain_one(production: Resources) -> None:
    """A reference, an asset, a value with dependencies: what it holds is not looked into, so it is not judged."""
    wrapped = {"4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4", "value": True}
    export = exported(broken(production, put(tokens.DATABASE, "multiAz", wrapped)))
    analysis = analyse(resources_of(export, "production"), stack="production")
    assert [entry.rule for entry in analysis.not_evaluated] == [RULE]


def test_what_is_only_looked_up_or_about_to_go_is_not_judged(production: Resources) -> None:
    """The replacement is judged, and what it replaces is not; nor is what another stack owns."""
    export = exported(production)
    for name, mark in (("external", True), ("delete", True)):
        old = {"urn": "urn:pulumi:production::v::t::old", "type": tokens.DATABASE, "inputs": {}, name: mark}
        export["deployment"]["resources"].append(old)
    assert not analyse(resources_of(export, "production"), stack="production").mandatory


def test_a_rule_only_tells_where_no_money_is_held_and_a_reason_is_given(plans: dict[str, Resources]) -> None:
    edit = ONE_ZONE
    told = analyse(broken(plans["staging"], edit), stack="staging", levels=LOWERED)
    assert [each.rule for each in told.violations] == [RULE]
    assert not told.mandatory
    assert gate(told).open
    assert analyse(broken(plans["staging"], edit), stack="staging").mandatory
    unknown = analyse(broken(plans["staging"], NOBODY_KNOWS), stack="staging", levels=LOWERED)
    assert not gate(unknown).open, "what cannot be judged is not told either"


@pytest.mark.parametrize(
    ("stack", "levels", "message"),
    [
        ("production", LOWERED, "every rule is mandatory in production"),
        ("production-workloads", LOWERED, "every rule is mandatory in production"),
        ("nobody-knows", LOWERED, "every rule is mandatory in production"),
        ("staging", {RULE: Level("disabled", "a load test, OPS-12")}, "may only tell, but not be silent"),
        ("staging", {RULE: Level("advisory", "because")}, "without a reason"),
        ("staging", {"all": Level("advisory", "a load test, OPS-12")}, "there is no rule all"),
        ("staging", {"bcp-1-database-zone": Level("advisory", "a load test, OPS-12")}, "there is no rule"),
    ],
)
def test_a_level_that_weakens_more_than_it_may_is_refused(
    stack: str, levels: Mapping[str, Level], message: str
) -> None:
    with pytest.raises(LevelsError, match=message):
        analyse([], stack=stack, levels=levels)


def test_levels_are_read_from_a_file_of_the_clis_form(tmp_path: Path, production: Resources) -> None:
    file = tmp_path / "levels.json"
    file.write_text(json.dumps({RULE: {"enforcementLevel": "advisory", "reason": LOWERED[RULE].reason}}))
    assert read_levels(file) == LOWERED
    refused = _run(tmp_path, exported(production), "--levels", str(file))
    assert _status(refused) == 2
    assert "mandatory in production" in str(refused.exception)
    file.write_text('["advisory"]')
    with pytest.raises(LevelsError, match="no configuration of a policy pack"):
        read_levels(file)
