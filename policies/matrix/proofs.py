"""Which test proves that a rule refuses, that a check fails, that an admission policy holds: for the matrix.

The names are taken from the tables of the tests themselves, so this is read in a clone, where the tests lie.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from policies.checks import Check
from policies.model import Enforced, Planned
from policies.rules import Rule

ROOT: Final = Path(__file__).parent.parent.parent

OF_A_RULE: Final = "tests/policies/test_rules.py::test_a_variant_is_refused_by_exactly_its_rule"
OF_A_CHECK: Final = "tests/policies/test_checks.py::test_a_check_fails_on_what_it_is_about"
OF_AN_ADMISSION_POLICY: Final = (
    "tests/cluster/exchange/test_admission.py::test_a_bad_fixture_is_refused_by_its_policy_alone"
)


def proofs(part: Rule | Check | Enforced | Planned | str) -> tuple[str, ...]:
    """The tests that fail when this part of an enforcement no longer holds, as pytest takes them.

    What is planned has none. So has a part that nothing tests: a test of the matrix refuses it.
    """
    match part:
        case Rule():
            return _of_rule(part)
        case Check():
            return _of_check(part)
        case Enforced():
            return (part.test,)
        case Planned():
            return ()
        case str():
            return (OF_AN_ADMISSION_POLICY,)


def _of_rule(rule: Rule) -> tuple[str, ...]:
    """The variant of production's plan that is wrong; where a rule has none, the first that it refuses."""
    from tests.policies.variants import variants  # noqa: PLC0415 (only a clone has the tests)

    refused = [each.kind for each in variants() if each.rule == rule.name and each.expected == "refused"]
    kind = "wrong" if "wrong" in refused else next(iter(refused), None)
    return (f"{OF_A_RULE}[{rule.name}-{kind}]",) if kind else ()


def _of_check(check: Check) -> tuple[str, ...]:
    """Each way to break the account; for what moto does not hold, the tests that name the check."""
    from tests.policies.breaks import BREAKS  # noqa: PLC0415 (as above)

    ways = sum(each.check == check.name for each in BREAKS)
    if not ways:
        return tuple(_naming(check.name))
    return tuple(f"{OF_A_CHECK}[{check.name}{number if ways > 1 else ''}]" for number in range(ways))


def _naming(name: str) -> Iterator[str]:
    whole = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
    for test, source in _tests().items():
        if whole.search(source):
            yield test


@cache
def _tests() -> dict[str, str]:
    """Every test of the guardrails with its source, its docstring and parameters included."""
    found: dict[str, str] = {}
    for file in sorted((ROOT / "tests" / "policies").glob("test_*.py")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for node in ast.parse("\n".join(lines)).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
                name = f"{file.relative_to(ROOT).as_posix()}::{node.name}"
                found[name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found
