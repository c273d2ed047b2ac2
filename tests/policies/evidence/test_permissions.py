"""The auditor's policy: all that the checks ask, nothing that they do not, and nothing that writes."""

from __future__ import annotations

import ast
import json
import warnings
from pathlib import Path

import pytest
from botocore import xform_name

from policies.evidence import EvidenceRun, permissions
from policies.evidence.permissions import actions, policy, questions
from policies.evidence.reader import READING

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pkg_resources is deprecated, and parliament reads its data by it
    import parliament

ASKING = ("ask", "all", "find")
"""How rules and checks put a question; `content` asks for an object, whose name only the account knows."""


def test_the_policy_in_the_documents_is_the_present_one() -> None:
    assert permissions.main([]) == 0


def test_a_stale_policy_is_told_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(permissions, "PAGE", tmp_path / "evidence-policy.json")
    assert permissions.main([]) == 1
    assert "python -m policies.evidence.permissions --write" in capsys.readouterr().err
    assert permissions.main(["--write"]) == permissions.main([]) == 0


def test_a_run_asks_nothing_that_is_not_on_the_list(good: EvidenceRun) -> None:
    """The list is read off the code, so a question that is not written out there would be missing from the policy."""
    asked = {(answer.service, xform_name(answer.operation)) for answer in good.answers}
    assert asked - {("sts", "get_caller_identity"), ("kubernetes", "list")} <= questions()


def test_every_question_in_the_code_is_written_out() -> None:
    """A service or an operation in a variable could not be read off."""
    policies = Path(permissions.__file__).parents[1]
    for file in sorted(file for room in ("controls", "cloud", "cluster") for file in (policies / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
                words = node.args[:2]
                assert all(isinstance(word, ast.Constant) for word in words), f"{file.name}:{node.lineno}"


def test_nothing_that_is_allowed_writes() -> None:
    assert all(operation.startswith(READING) for _, operation in questions())
    verbs = ("BatchGet", "Describe", "Get", "Head", "List")
    assert not [action for action in actions() if not action.split(":")[1].startswith(verbs)]


def test_the_policy_is_one_that_aws_takes() -> None:
    """By parliament, which knows every action, and the resources that each can be limited to."""
    findings = parliament.analyze_policy_string(json.dumps(policy())).findings
    assert not [finding for finding in findings if finding.issue not in ("RESOURCE_STAR",)], [str(f) for f in findings]
