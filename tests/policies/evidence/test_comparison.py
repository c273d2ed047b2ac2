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
        "findings": [
            {"control": "NET-3", "account": "1", "resource": resource, "outcome": outcome, "reason": reason}
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
        (("a", "FAIL", "x"), ("a", "FAIL", "y"), Kind.OTHERWISE, False),
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


def test_the_newer_one_first_is_refused() -> None:
    with pytest.raises(ValueError, match="swap them"):
        compare(document(ended_at="2026-11-24T10:00:00+00:00"), document())
