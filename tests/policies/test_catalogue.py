"""The catalogue refuses to contradict itself, and what is generated from it is fresh."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import policies
from policies.catalogue import catalogue, control, digest, judging_files, module_faults, soundness_faults
from policies.environment import Environment
from policies.frameworks import Framework, frameworks
from policies.matrix.__main__ import main
from policies.matrix.page import page
from policies.model import Clause, Control, Outcome, Planned
from policies.rules import rule

REQUIRED = {"LOG-1", "LOG-2", "LOG-3", "NET-1", "NET-3", "NET-5", "CRY-1", "CRY-2", "IAM-2", "BCP-1"}


def test_the_catalogue_holds_what_was_asked_with_a_rule_and_a_check_each() -> None:
    """The first guardrails: each of them prevents and proves, and neither half is only planned."""
    for control_id in REQUIRED:
        found = control(control_id)
        assert found.preventive
        assert found.detective
        assert not found.planned


def test_a_control_is_found_in_any_case() -> None:
    """People type log-2."""
    assert control("log-2") is control("LOG-2")


def test_no_word_of_the_catalogue_claims_a_certificate() -> None:
    """A control maps to a clause; who certifies or complies is for others to say."""
    for found in catalogue():
        text = " ".join([found.title, found.statement, found.rationale, found.evidence]).lower()
        assert "certified" not in text
        assert "compliant" not in text


def _faults(changed: Control) -> str:
    return "\n".join(soundness_faults([changed], frameworks()))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"preventive": (), "detective": ()}, "is enforced by nothing"),
        ({"clauses": ()}, "is demanded by no clause"),
        ({"clauses": (Clause("CIS AWS", "6.0", "3.1"),)}, "CIS AWS 6.0, which is not among the frameworks"),
        ({"clauses": (Clause("CIS AWS", "5.0", "3.10"),)}, "CIS AWS 5.0 3.10, which is not among that framework's"),
        ({"clauses": (Clause("CIS AWS", "5.0", "3.01"),)}, "CIS AWS 5.0 3.01, which is not among that framework's"),
        ({"owner": " "}, "has no owner"),
        ({"evidence": ""}, "has no evidence"),
        ({"id": "LOG1"}, "LOG1 is no id"),
        ({"id": "LOG-9"}, "owns log-1-trail-digests, whose name does not begin with log-9-"),
    ],
)
def test_an_unsound_control_is_named_with_its_fault(change: dict[str, object], fault: str) -> None:
    """Each way in which a control can be unsound is an error that says which control and what."""
    assert fault in _faults(dataclasses.replace(control("LOG-1"), **change))  # type: ignore[arg-type]


def test_a_control_twice_is_an_error() -> None:
    """And so is each of its rules."""
    faults = list(soundness_faults([control("LOG-1")] * 2, frameworks()))
    assert "LOG-1 is defined 2 times" in faults
    assert "the rule log-1-trail-digests is defined 2 times" in faults


def _module(**content: object) -> ModuleType:
    module = ModuleType("policies.controls.logging.log_1")
    vars(module).update(content)
    return module


def test_a_rule_that_no_control_owns_is_an_error() -> None:
    """A rule in a control's file that is not among its rules would never run."""

    @rule("log-1-orphan", "aws:s3/bucket:Bucket", remedy="none")
    def orphan(*_: object) -> Iterator[str]:
        """It asks nothing."""
        yield from ()

    faults = list(module_faults(_module(CONTROL=control("LOG-1"), orphan=orphan)))
    assert faults == ["policies.controls.logging.log_1.orphan (log-1-orphan) is owned by no control"]


def test_a_file_holds_the_control_of_its_name() -> None:
    """One control, one file, and the file bears its id."""
    assert "defines LOG-2" in next(module_faults(_module(CONTROL=control("LOG-2"))))
    assert "defines no CONTROL" in next(module_faults(_module()))
    assert not list(module_faults(_module(CONTROL=control("LOG-1"))))


def test_planned_enforcement_counts_and_is_named() -> None:
    """It holds a control up in the catalogue, and is reported as what it is."""
    planned = dataclasses.replace(control("LOG-1"), preventive=(), detective=(Planned("services/auditlog"),))
    assert not _faults(planned)
    assert [part.where for part in planned.planned] == ["services/auditlog"]


def test_clauses_are_text() -> None:
    """A framework whose clause is a number is refused: 1.10 would become 1.1."""
    good = frameworks()["CIS AWS", "5.0"].model_dump()
    with pytest.raises(ValueError, match="string"):
        Framework.model_validate({**good, "clauses": [{"clause": 1.10, "asks": "x", "source": "K"}]})
    twice = [{"clause": "1.1", "asks": "x", "source": "K"}] * 2
    with pytest.raises(ValueError, match=r"holds twice: 1\.1"):
        Framework.model_validate({**good, "clauses": twice})


def test_what_is_not_known_to_be_harmless_is_production() -> None:
    """No name, a wrong one, one in another case: all are judged most strictly."""
    assert Environment.of("staging") is Environment.STAGING
    assert Environment.of("staging-pr-123") is Environment.STAGING
    assert Environment.of("production-workloads") is Environment.of("stagingpr-123") is Environment.PRODUCTION
    assert {Environment.of(name) for name in (None, "", "prod", "Local", "dev")} == {Environment.PRODUCTION}


def test_a_failure_outweighs_everything_and_a_pass_almost_nothing() -> None:
    """Of several checks on one resource the heaviest speaks, so a pass never hides what another check found."""
    ordered = sorted(Outcome, key=lambda outcome: outcome.weight, reverse=True)
    assert ordered[:3] == [Outcome.FAIL, Outcome.ERROR, Outcome.NOT_OBSERVABLE]
    assert ordered[-2:] == [Outcome.PASS, Outcome.NOT_APPLICABLE]


def test_the_matrix_is_fresh() -> None:
    """The page for auditors is what the controls say now."""
    assert main([]) == 0


def test_the_matrix_names_every_control_rule_and_check() -> None:
    """Nothing of the catalogue is left out of the page."""
    text = page()
    for found in catalogue():
        assert found.statement in text
        for part in (*found.preventive, *found.detective):
            assert isinstance(part, Planned) or f"`{part.name}`" in text


def test_the_digest_of_the_catalogue_is_stable() -> None:
    """The same files give the same digest, so that two runs can be told to have used one wording."""
    assert digest() == digest()
    assert len(digest()) == 64


def test_the_digest_covers_every_room_that_judges() -> None:
    """A rule, a clause or a check that was changed must show in the evidence that it judged."""
    rooms = {file.relative_to(Path(policies.__file__).parent).parts[0] for file in judging_files()}
    judging = {"admission", "baseline", "cloud", "cluster", "controls", "evidence", "frameworks", "pack"}
    assert judging | {"rules.py", "checks.py", "account.py", "resources.py"} <= rooms
    assert not {"reports", "matrix"} & rooms
