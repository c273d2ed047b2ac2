"""docs/infrastructure.md names real places: a reader who follows it finds what it says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from infra.settings import StackSettings
from sandbox.paths import CLONE

PAGE = (CLONE / "docs" / "infrastructure.md").read_text()
AREAS = (
    "Subnets, NAT",
    "Endpoints",
    "Flow logs",
    "Default security group",
    "EKS access",
    "EKS logs",
    "EKS secrets",
    "Nodes",
    "MSK auth",
    "MSK configuration",
    "MSK storage and logs",
    "RDS",
    "RDS audit",
    "RDS secret",
    "CloudTrail",
    "WORM",
    "Detection",
    "Guardrails",
    "Backup, DR",
    "Edge",
    "Supply chain",
)
"""The rows of the table of defaults that the program set out to beat."""


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table under a heading."""
    section = PAGE.partition(f"## {heading}")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]


@cache
def functions(file: Path) -> frozenset[str]:
    return frozenset(node.name for node in ast.parse(file.read_text()).body if isinstance(node, ast.FunctionDef))


def test_every_default_has_a_row_with_code_test_and_control() -> None:
    found = {row[0]: row for row in rows("Every default") if row[0] in AREAS}
    assert tuple(found) == AREAS
    for area, row in found.items():
        assert "`infra/" in row[2], area
        assert "::test_" in row[3], area
        assert re.search(r"[A-Z]{3}-\d", row[4]), area


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`([\w./-]+/[\w./-]+)`", PAGE))))
def test_every_place_that_is_named_is_there(named: str) -> None:
    if "<" not in named:
        assert (CLONE / named).exists(), named


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", PAGE))))
def test_every_test_that_is_named_is_there(named: str) -> None:
    file, _, function = named.partition("::")
    assert function in functions(CLONE / file), named


def test_every_setting_that_is_named_is_one() -> None:
    named = set(re.findall(r"`valletta:(\w+)`", PAGE))
    assert named
    assert named <= set(StackSettings.model_fields)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([\w./-]+)\)", PAGE))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (CLONE / "docs" / link).exists()
