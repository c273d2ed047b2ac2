"""What changed between two runs: each way once, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from policies.evidence.comparison import Change, Kind, compare


def document(*findings: tuple[str, str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401  (any field)
    return {
        "ended_at": "2026-11-23T10:00:00+00:00",
        "catalogue_sha256": "0" * 64,
        "controls": ["NET-3"],
        "scopes": [{"account": "1", "regions": ["eu-west-1"]}],
        "findings": [
            {
                "control": "NET-3",
                "account": "1",
                "resource": resource,
                "outcome": outcome,
                "reason": reason,
                "faults": reason.split("; ") if outcome in ("FAIL", "WAIVED") else [],
            }
            for resource, outcome, reason in findings
        ],
        **more,
    }


@pytest.mark.parametrize(
    ("before", "after", "kind", "bad"),
    [
        (("a", "PASS", "x"), ("a", "FAIL", "y"), Kind.WORSE, True),
        (("a", "PASS", "x"), ("a", "ERROR", "y"), Kind.WORSE, True),
        (("a", "FAIL", "x"), ("a", "WAIVED", "y"), Kind.BETTER, False),
        (("a", "FAIL", "x"), ("a", "FAIL", "y"), Kind.WORSE, True),
        (("a", "FAIL", "x"), ("a", "FAIL", "x; y"), Kind.WORSE, True),
        (("a", "WAIVED", "x"), ("a", "WAIVED", "x; y"), Kind.WORSE, True),
        (("a", "FAIL", "x; y"), ("a", "FAIL", "x"), Kind.BETTER, False),
        (("a", "FAIL", "x; y"), ("a", "FAIL", "y; x"), Kind.OTHERWISE, False),
        (("a", "PASS", "x"), ("a", "PASS", "y"), Kind.OTHERWISE, False),
        (None, ("a", "FAIL", "y"), Kind.APPEARED, True),
        (None, ("a", "PASS", "y"), Kind.APPEARED, False),
        (("a", "FAIL", "x"), None, Kind.GONE, False),
    ],
)
def test_a_finding_changes_in_one_way(
    before: tuple[str, str, str] | None, after: tuple[str, str, str] | None, kind: Kind, bad: bool
) -> None:
    kept = ("other", "PASS", "z")
    old, new = (document(kept, *([each] if each else [])) for each in (before, after))
    found = compare(old, new)
    shown = after or before
    assert shown is not None
    assert found.changes == (
        Change(kind, "NET-3", "1", "a", before[1] if before else "", after[1] if after else "", shown[2]),
    )
    assert found.worse is bad


def test_nothing_changed_is_nothing() -> None:
    same = compare(document(("a", "PASS", "x")), document(("a", "PASS", "x")))
    assert not same.changes
    assert not same.worse
    assert not same.catalogue_changed


def test_another_wording_and_other_controls_are_told() -> None:
    found = compare(document(), document(catalogue_sha256="1" * 64, controls=["NET-1"]))
    assert found.catalogue_changed
    assert found.controls_added == ("NET-1",)
    assert found.controls_removed == ("NET-3",)
    assert found.worse, "whoever asks less finds less"


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ({"account": "2", "regions": ["eu-west-1"]}, "the account 1 was not asked any more"),
        ({"account": "1", "regions": ["eu-north-1"]}, "the account 1 was not looked at in eu-west-1 any more"),
        ({"account": "1", "regions": ["eu-west-1"], "environment": "staging"}, "judged as staging"),
    ],
)
def test_a_run_that_asks_less_is_worse_and_what_it_no_longer_finds_is_not_put_right(
    scope: dict[str, Any], told: str
) -> None:
    found = compare(document(("a", "FAIL", "x")), document(scopes=[scope]))
    assert found.worse
    assert any(told in each for each in found.scopes_changed), found.scopes_changed
    assert [change.unasked for change in found.changes] == ["environment" not in scope]
    assert found.changes[0].bad is ("environment" not in scope)


def test_whoever_asks_more_is_not_worse() -> None:
    wider = [{"account": each, "regions": ["eu-west-1", "eu-central-1"]} for each in "12"]
    assert not compare(document(("a", "PASS", "x")), document(("a", "PASS", "x"), scopes=wider)).worse


def test_the_newer_one_first_is_refused() -> None:
    with pytest.raises(ValueError, match="swap them"):
        compare(document(ended_at="2026-11-24T10:00:00+00:00"), document())
