"""The matrix for auditors: what is owed stands first, and each part of an enforcement is beside a test that exists."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys

from policies.catalogue import catalogue, control
from policies.checks import Check
from policies.matrix.page import page
from policies.matrix.proofs import ROOT, proofs
from policies.model import Enforced, Planned
from policies.rules import Rule


def test_what_is_planned_stands_first_in_the_matrix_by_where_it_is_to_be_built() -> None:
    """Nobody overlooks it, and whoever builds a service finds all that it owes."""
    promised = Planned("services/auditlog", "It will write every bet down.")
    owing = [
        dataclasses.replace(control("LOG-1"), application=(promised,)),
        dataclasses.replace(control("LOG-2"), detective=(Planned("services/archive"),)),
    ]
    text = page(owing)
    head = text.partition("## Overview")[0]
    assert "2 parts of 2 controls are NOT_IMPLEMENTED" in head
    assert head.index("`services/archive`") < head.index("`services/auditlog`")
    assert "It will write every bet down." in head
    assert "`services/auditlog` NOT_IMPLEMENTED" in text.partition("## Overview")[2]
    assert "Nothing: every enforcement" in page([dataclasses.replace(control("LOG-1"))])


def test_every_built_part_of_an_enforcement_has_a_test() -> None:
    """A check in `ELSEWHERE` has one when a test in tests/policies/test_*.py names it, in its docstring at least."""
    unproven = [_named(part) for part in _built() if not proofs(part)]
    assert unproven == []


def test_every_test_that_the_matrix_names_is_there() -> None:
    """Its function in its file; and where it has cases, by pytest's own list of them."""
    named = {test for part in _built() for test in proofs(part)}
    text = page()
    for test in named:
        assert f"`{test}`" in text
        file, _, name = test.partition("[")[0].partition("::")
        function = name.rpartition("::")[2]
        assert re.search(rf"\b(def|fn) {re.escape(function)}\b", (ROOT / file).read_text(encoding="utf-8")), test
    cases = {test for test in named if "[" in test}
    assert cases - _collected({test.partition("::")[0] for test in cases}) == set()


def _built() -> list[Rule | Check | Enforced | str]:
    return [
        part
        for owner in catalogue()
        for part in (*owner.preventive, *owner.admission, *owner.detective, *owner.application)
        if not isinstance(part, Planned)
    ]


def _named(part: Rule | Check | Enforced | str) -> str:
    match part:
        case Rule() | Check():
            return part.name
        case Enforced():
            return part.where
        case str():
            return part


def _collected(files: set[str]) -> set[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *sorted(files)]
    return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines())
