"""What controls say of the exchange: whatever is called enforced has its place and its test in this repository."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from policies.catalogue import catalogue
from policies.model import Control, Enforced

ROOT = Path(__file__).parents[2]
CLAIMS = [(owner, part) for owner in catalogue() for part in owner.application if isinstance(part, Enforced)]


@pytest.mark.parametrize(
    ("owner", "claim"), CLAIMS, ids=[f"{owner.id}-{claim.test.partition('::')[2]}" for owner, claim in CLAIMS]
)
def test_what_is_enforced_names_a_place_and_a_test_that_are_there(owner: Control, claim: Enforced) -> None:
    """A claim outlives neither the code that it speaks of nor the test that proves it."""
    assert (ROOT / claim.where).exists(), f"{owner.id} names {claim.where}"
    file, _, test = claim.test.partition("::")
    name, _, case = test.rstrip("]").partition("[")
    source = (ROOT / file).read_text()
    defined = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    assert name in defined, f"{owner.id} names {claim.test}"
    assert f'"{case}"' in source or not case, f"{owner.id} names the case {case!r}, which {file} does not have"


def test_what_is_planned_says_where_and_what_and_claims_no_test() -> None:
    """A plan is told in a sentence, so that a reader of the release gate knows what is missing."""
    plans = [(owner.id, part) for owner in catalogue() for part in owner.planned]
    assert all(part.where and part.what.endswith(".") for _, part in plans), plans
