"""`valletta policy test`: what it says of a rule that is right, is blind, swallows an unknown, or breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from policies.catalogue import rules
from policies.pack.probing import VARIANTS, Answer, Probe, Probed, probe
from policies.resources import Resource, Stack, UnknownValueError
from policies.rules import Rule, rule
from policies.values import Value
from sandbox.errors import SandboxError
from sandbox.plan import record
from tests.policies.plans import Resources
from valletta.commands import policy

BUCKET, LOG = "a:b:Bucket", "a:b:Log"
REFUSED, KEPT, NOT_EVALUATED, BROKE = Answer.REFUSED, Answer.KEPT, Answer.NOT_EVALUATED, Answer.BROKE


def entry(type_: str, name: str, references: dict[str, str] | None = None, **inputs: Value) -> dict[str, Any]:
    """A resource of a recorded plan."""
    return {
        "urn": f"urn:pulumi:production::p::{type_}::{name}",
        "type": type_,
        "name": name,
        "inputs": inputs,
        "property_dependencies": {
            key: [f"urn:pulumi:production::p::{BUCKET}::{to}"] for key, to in (references or {}).items()
        },
    }


def probed(judged: Rule, *plan: dict[str, Any]) -> Probed:
    return probe(judged, plan or (entry(BUCKET, "one", encrypted=True, size=3),), "production")


def answers(of: Probed) -> dict[tuple[str, str], tuple[Answer | None, ...]]:
    return {(each.resource, each.path): tuple(each.answers.get(v) for v in VARIANTS) for each in of.probes}


@rule("xx-1-right", BUCKET, remedy="none")
def right(bucket: Resource, _: Stack) -> Iterator[str]:
    """It is encrypted."""
    if bucket.get("encrypted", default=False) is not True:
        yield "is not encrypted"


@rule("xx-1-blind", BUCKET, remedy="none")
def blind(bucket: Resource, _: Stack) -> Iterator[str]:
    """It reads and never refuses."""
    if bucket.get("encrypted") == "never":
        yield "is never encrypted"


@rule("xx-1-swallows", BUCKET, remedy="none")
def swallows(bucket: Resource, _: Stack) -> Iterator[str]:
    """It takes an unknown for good."""
    try:
        if bucket.get("encrypted") is not True:
            yield "is not encrypted"
    except UnknownValueError:
        return


@rule("xx-1-breaks", BUCKET, remedy="none")
def breaks(bucket: Resource, _: Stack) -> Iterator[str]:
    """It believes that there is a number."""
    if bucket.get("size") + 1 > 4:
        yield "is too large"


@rule("xx-1-joins", BUCKET, joins=True, remedy="none")
def joins(bucket: Resource, stack: Stack) -> Iterator[str]:
    """It has a log."""
    if not stack.referring(bucket, LOG, "bucket"):
        yield "has no log"


@rule("xx-1-lists", BUCKET, remedy="none")
def lists(bucket: Resource, _: Stack) -> Iterator[str]:
    """Every part is on."""
    if not all(part.get("on") for part in bucket.items("parts")):
        yield "has a part that is off"


def test_a_rule_that_is_right_notices_whatever_it_reads_and_nothing_else() -> None:
    found = probed(right)
    assert answers(found) == {("one", "encrypted"): (REFUSED, REFUSED, NOT_EVALUATED)}
    assert (found.judged, found.notices, found.faults) == (1, True, ())


def test_a_blind_rule_is_told_from_one_that_is_right() -> None:
    found = probed(blind)
    assert answers(found) == {("one", "encrypted"): (KEPT, KEPT, NOT_EVALUATED)}
    assert not found.notices


def test_a_rule_that_swallows_an_unknown_has_a_fault() -> None:
    """It refuses what is wrong, and lets pass what may be."""
    found = probed(swallows)
    assert answers(found) == {("one", "encrypted"): (REFUSED, REFUSED, KEPT)}
    assert [each.path for each in found.faults] == ["encrypted"]


def test_a_rule_that_breaks_has_a_fault() -> None:
    """Where a program leaves the property out, the whole analysis would end."""
    found = probed(breaks)
    assert answers(found) == {("one", "size"): (BROKE, REFUSED, NOT_EVALUATED)}
    assert found.faults


def test_a_resource_that_a_rule_asks_for_is_taken_away() -> None:
    """It reads nothing of the log, and misses it."""
    log = entry(LOG, "log", {"bucket": "one"}, bucket="one")
    found = probed(joins, entry(BUCKET, "one"), log, entry(LOG, "other", bucket="one"))
    assert answers(found) == {("log", ""): (REFUSED, None, None)}


def test_the_elements_of_a_list_are_told_once() -> None:
    found = probed(lists, entry(BUCKET, "one", parts=[{"on": True}, {"on": True}]))
    assert answers(found) == {("one", "parts.*.on"): (REFUSED, REFUSED, NOT_EVALUATED)}


def test_an_unknown_that_comes_from_a_known_resource_is_no_fault() -> None:
    """The rule looks at the resource, which is there before its name is."""

    @rule("xx-1-reads", LOG, joins=True, remedy="none")
    def reads(log: Resource, stack: Stack) -> Iterator[str]:
        """It reads the name, and asks for the reference where that is unknown."""
        try:
            named = log.get("bucket") == "one"
        except UnknownValueError:
            named = stack.refers_to(log, "bucket", BUCKET)
        if not named:
            yield "is of no bucket"

    plan = (entry(BUCKET, "one"), entry(LOG, "log", {"bucket": "one"}, bucket="one"))
    found = probed(reads, *plan)
    assert answers(found)["log", "bucket"] == (REFUSED, REFUSED, Answer.BY_REFERENCE)
    assert not found.faults


def test_a_rule_about_a_few_of_many_is_probed_until_one_of_them_is_found() -> None:
    @rule("xx-1-few", BUCKET, remedy="none")
    def few(bucket: Resource, _: Stack) -> Iterator[str]:
        """What holds records is locked."""
        if bucket.get("kind") == "records" and not bucket.get("locked"):
            yield "is not locked"

    plain = [entry(BUCKET, f"plain-{n}", kind="plain", locked=False) for n in range(9)]
    assert probed(few, *plain, entry(BUCKET, "records", kind="records", locked=True)).notices


def test_every_rule_of_the_catalogue_notices_something_of_production(plans: dict[str, Resources]) -> None:
    """In the account's stack or in that of its workloads; and none takes an unknown for a good value, or breaks."""
    unnoticed = set()
    for _, each in rules():
        found = [probe(each, plans[stack], stack) for stack in ("production", "production-workloads")]
        assert not [fault for stack in found for fault in stack.faults]
        if not any(stack.notices for stack in found):
            unnoticed.add(each.name)
    assert unnoticed == {"iam-4-no-lasting-tokens"}  # the program has no Secret; its variants add one


def test_nothing_of_the_plan_is_changed(production: Resources) -> None:
    """The variants are copies: the next rule is probed on the plan as it is."""
    before = json.dumps(production)
    probe(next(each for _, each in rules() if each.name == "log-2-archive-lock"), production, "production")
    assert json.dumps(production) == before


@pytest.fixture
def recorded(production: Resources, monkeypatch: pytest.MonkeyPatch) -> None:
    """Production's plan, without recording it anew."""
    data = {"project": "valletta", "stack": "production", "resources": production, "outputs": {}}
    monkeypatch.setattr(record, "record_plan", lambda stack: record.Plan.from_json(data))


@pytest.mark.usefixtures("recorded")
def test_the_command_shows_the_rules_that_were_asked_for() -> None:
    result = CliRunner().invoke(policy.app, ["test", "--rule", "BCP-1-database", "--json"])
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)
    assert found["rule"] == "bcp-1-database-zones"
    assert found["probes"][0] | {"resource": ""} == {
        "resource": "",
        "path": "multiAz",
        "absent": "refused",
        "wrong": "refused",
        "unknown": "not evaluated",
    }
    shown = CliRunner(env={"COLUMNS": "200"}).invoke(policy.app, ["test", "--rule", "bcp-1-database"])
    assert "1 of 1 rules" in shown.output
    wrong = CliRunner().invoke(policy.app, ["test", "--rule", "nothing"])
    assert isinstance(wrong.exception, SandboxError)
    assert wrong.exception.exit_code == 2


@pytest.mark.usefixtures("recorded")
def test_the_command_ends_with_3_on_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    faulty = Probed(swallows, 1, (Probe(swallows.name, "one", "encrypted", {"wrong": REFUSED, "unknown": KEPT}),))
    monkeypatch.setattr("policies.pack.probing.probe", lambda *_: faulty)
    result = CliRunner().invoke(policy.app, ["test", "--rule", "bcp-1-database"])
    assert result.exit_code == 3
    assert "unknown is kept" in result.output
