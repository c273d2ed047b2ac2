"""The OSCAL documents: each is valid by trestle's models, refers only to what is there, and says what was found."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from trestle.oscal.assessment_plan import Model as PlanFile
from trestle.oscal.assessment_results import Model as ResultsFile
from trestle.oscal.catalog import Model as CatalogFile
from trestle.oscal.component import Model as ComponentFile
from trestle.oscal.poam import Model as PoamFile
from trestle.oscal.profile import Model as ProfileFile

from policies.evidence import EvidenceRun
from policies.model import Outcome
from policies.reports.document import document_of
from policies.reports.formats import FORMATS, rendered
from policies.reports.material import Report, report_of
from policies.values import Value
from tests.policies.reports.conftest import written

FILES: dict[str, Any] = {
    "catalog.json": CatalogFile,
    "profile.json": ProfileFile,
    "component-definition.json": ComponentFile,
    "assessment-plan.json": PlanFile,
    "assessment-results.json": ResultsFile,
    "plan-of-action-and-milestones.json": PoamFile,
}


@pytest.fixture
def told(mixed: Report) -> dict[str, Any]:
    """The documents, parsed."""
    return {name: json.loads(text or "{}") for name, text in rendered(FORMATS["oscal"], mixed).items()}


@pytest.mark.parametrize("name", FILES)
def test_each_document_is_valid_by_its_model(told: dict[str, Any], name: str) -> None:
    """The whole file, read back as another tool reads it; the models know no field that OSCAL does not."""
    assert told.keys() == FILES.keys()
    assert FILES[name].model_validate(told[name])


@pytest.mark.parametrize("name", FILES)
def test_no_id_is_given_twice_in_a_document(told: dict[str, Any], name: str) -> None:
    """And each is derived from what it names: UUIDs of version 5."""
    ids = [value for key, value in _pairs(told[name]) if key == "uuid"]
    assert [each for each, count in Counter(ids).items() if count > 1] == []
    assert {UUID(each).version for each in ids} == {5}


@pytest.mark.parametrize("name", ["assessment-results.json", "plan-of-action-and-milestones.json"])
def test_what_is_referred_to_is_there(told: dict[str, Any], name: str) -> None:
    """Observations, risks and items of the inventory, each in the same document."""
    ids = {value for key, value in _pairs(told[name]) if key == "uuid"}
    referred = {value for key, value in _pairs(told[name]) if key.endswith("-uuid")}
    assert referred
    assert referred <= ids


def test_a_document_names_the_files_it_stands_on(told: dict[str, Any]) -> None:
    """Profile on catalogue, components on profile, results on plan; and controls on the catalogue's ids."""
    assert told["profile.json"]["profile"]["imports"][0]["href"] == "catalog.json"
    component = told["component-definition.json"]["component-definition"]["components"][0]
    assert component["control-implementations"][0]["source"] == "profile.json"
    assert told["assessment-results.json"]["assessment-results"]["import-ap"]["href"] == "assessment-plan.json"
    groups = told["catalog.json"]["catalog"]["groups"]
    controls = {control["id"] for group in groups for control in group["controls"]}
    parts = {part["id"] for group in groups for control in group["controls"] for part in control["parts"]}
    named = {value for name in FILES for key, value in _pairs(told[name]) if key == "control-id"}
    targets = {value for name in FILES for key, value in _pairs(told[name]) if key == "target-id"}
    assert named == controls
    assert targets <= parts


def test_each_finding_is_an_observation_that_names_its_raw_answers(told: dict[str, Any], mixed: Report) -> None:
    """By SHA-256; with the outcome as a property, since OSCAL knows only satisfied and not."""
    (result,) = told["assessment-results.json"]["assessment-results"]["results"]
    items = {item["uuid"]: item["description"] for item in result["local-definitions"]["inventory-items"]}
    found = Counter(
        (
            each["title"].partition(" ")[0],
            items[each["subjects"][0]["subject-uuid"]],
            _props(each)["outcome"],
            tuple(_props(evidence)["sha-256"] for evidence in each["relevant-evidence"]),
        )
        for each in result["observations"]
    )
    assert found == Counter(
        (each.control, each.resource, each.outcome.value, each.answers) for each in mixed.document.findings
    )


def test_every_mapping_carries_the_status_of_its_source(told: dict[str, Any], mixed: Report) -> None:
    """Whoever reads the catalogue sees which wording nobody has checked, and who has to."""
    props = [
        prop
        for group in told["catalog.json"]["catalog"]["groups"]
        for control in group["controls"]
        for prop in control["props"]
        if prop["name"] == "maps-to"
    ]
    assert len(props) == sum(len(judged.control.clauses) for judged in mixed.judged)
    assert {prop["class"] for prop in props} <= {"source-P", "source-S", "source-K"}
    assert all("To be confirmed by" in prop["remarks"] for prop in props)


def test_what_fails_is_waived_or_is_not_built_is_an_item_of_the_plan_of_action(
    told: dict[str, Any], mixed: Report
) -> None:
    """Each once, with who answers for it; nothing else is."""
    items = told["plan-of-action-and-milestones.json"]["plan-of-action-and-milestones"]["poam-items"]
    found = Counter((each["title"].partition(" ")[0], _props(each)["outcome"]) for each in items)
    assert found == Counter(
        (each.control, each.outcome.value)
        for each in mixed.document.findings
        if each.outcome in (Outcome.FAIL, Outcome.NOT_IMPLEMENTED, Outcome.WAIVED)
    )


@pytest.mark.parametrize("name", ["plan-of-action-and-milestones", "assessment-results"])
def test_what_is_waived_is_a_risk_that_two_people_accepted_until_a_day(told: dict[str, Any], name: str) -> None:
    """Nothing else has a date or counts as accepted: a waiver that expired accepts nothing."""
    content = told[f"{name}.json"][name]
    risks = content["risks"] if "risks" in content else content["results"][0]["risks"]
    assert len([each for each in risks if _props(each)["outcome"] == "WAIVED"]) == 2
    for each in risks:
        waived = _props(each)["outcome"] == "WAIVED"
        assert each["status"] == ("deviation-approved" if waived else "open")
        assert each.get("deadline", "").startswith("2026-12-15T23:59:59") == waived
        assert (_props(each).get("waiver-author"), _props(each).get("waiver-approver")) == (
            ("j.borg", "m.vella") if waived else (None, None)
        )


def test_where_nothing_is_open_there_is_no_plan_of_action() -> None:
    """OSCAL knows none without an item; the place of the file is named, so that an old one is taken away."""
    report = report_of(document_of(written(("LOG-1", "trail", Outcome.PASS, "fine"))))
    assert rendered(FORMATS["oscal"], report)["plan-of-action-and-milestones.json"] is None


def test_the_good_account_is_satisfied_where_all_was_seen(good: EvidenceRun, real: Report) -> None:
    """And only there: what the twin does not show is not satisfied."""
    text = rendered(FORMATS["oscal"], real)["assessment-results.json"] or ""
    (result,) = json.loads(text)["assessment-results"]["results"]
    states = {each["title"].partition(" ")[0]: each["target"]["status"]["state"] for each in result["findings"]}
    fine = {Outcome.PASS, Outcome.NOT_APPLICABLE}
    for control in {finding.control for finding in good.findings}:
        outcomes = {finding.outcome for finding in good.findings if finding.control == control}
        assert states[control] == ("satisfied" if outcomes <= fine else "not-satisfied")


def _pairs(value: Value) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _pairs(each)


def _props(value: dict[str, Any]) -> dict[str, str]:
    return {prop["name"]: prop["value"] for prop in value["props"]}
