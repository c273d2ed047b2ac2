"""The engine's events, as it writes them to its event log, read as progress and as reasons."""

from __future__ import annotations

from pulumi.automation import EngineEvent

from sandbox.provision.events import Watch

URN = "urn:pulumi:local::valletta-local::valletta:foundation:Keys$aws:kms/key:Key::records"


def step(op: str, *, type_: str = "aws:kms/key:Key", custom: bool = True, urn: str = URN) -> EngineEvent:
    state = {"type": type_, "urn": urn, "id": "i", "parent": "", "provider": "", "custom": custom}
    metadata = {"op": op, "urn": urn, "type": type_, "provider": "", "new": state}
    return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "resOutputsEvent": {"metadata": metadata}})


def watch() -> tuple[Watch, list[tuple[str, int, int | None]]]:
    told: list[tuple[str, int, int | None]] = []
    return Watch(lambda *said: told.append(said), 2), told


def test_only_cloud_resources_count_not_the_stack_components_or_providers() -> None:
    watching, told = watch()
    watching(step("create"))
    watching(step("create", type_="pulumi:pulumi:Stack", custom=False, urn="stack"))
    watching(step("create", type_="valletta:foundation:Keys", custom=False, urn="component"))
    watching(step("create", type_="pulumi:providers:aws", urn="provider"))
    watching(step("same", urn="urn:x::ledger"))
    assert (watching.created, watching.unchanged, watching.resources) == (1, 1, 2)
    assert told == [("aws:kms/key:Key records", 1, 2), ("aws:kms/key:Key ledger", 2, 2)]


def test_a_replacement_is_one_creation_and_what_is_deleted_does_not_count() -> None:
    watching, _ = watch()
    watching(step("delete-replaced"))
    watching(step("create-replacement"))
    watching(step("replace"))
    watching(step("delete", urn="urn:x::old"))
    watching(step("update", urn="urn:x::ledger"))
    assert (watching.created, watching.unchanged, watching.resources) == (1, 0, 2)


def test_errors_carry_the_urn_and_the_engines_words_once_without_colours() -> None:
    watching, _ = watch()
    diagnostic = {
        "urn": URN,
        "message": "<{%reset%}>error: the name is taken<{%reset%}>\n",
        "color": "raw",
        "severity": "error",
    }
    event = EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": diagnostic})
    watching(event)
    watching(event)
    assert watching.reason() == f"{URN}: the name is taken"


def test_a_mandatory_violation_is_a_reason_and_an_advisory_one_is_not() -> None:
    watching, _ = watch()

    def violation(level: str) -> EngineEvent:
        policy = {
            "resourceUrn": URN,
            "message": "keys rotate",
            "color": "raw",
            "policyName": "CRY-1",
            "policyPackName": "valletta",
            "policyPackVersion": "1",
            "policyPackVersionTag": "1",
            "enforcementLevel": level,
        }
        return EngineEvent.from_json({"sequence": 1, "timestamp": 1, "policyEvent": policy})

    watching(violation("advisory"))
    assert watching.reason() == ""
    watching(violation("mandatory"))
    assert watching.reason() == f"{URN}: CRY-1: keys rotate"
