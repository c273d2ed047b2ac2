"""What changed between two evidence runs: findings that appeared, went, got better or worse, and the wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from policies.model import Outcome


class Kind(StrEnum):
    """How a finding changed, worst first."""

    WORSE = "worse"
    APPEARED = "appeared"
    GONE = "gone"
    BETTER = "better"
    OTHERWISE = "otherwise"
    """The same outcome for another reason."""


@dataclass(frozen=True, slots=True)
class Change:
    """One finding that is not what it was."""

    kind: Kind
    control: str
    account: str
    resource: str
    before: str
    """Outcome; empty where there was none."""
    after: str
    reason: str
    """Of the newer run; of the older where the finding is gone."""

    @property
    def bad(self) -> bool:
        """Must somebody look: did it get worse, or does what is new fail?"""
        return self.kind is Kind.WORSE or (self.kind is Kind.APPEARED and self.after in {"FAIL", "ERROR"})

    @property
    def fleeting(self) -> bool:
        """Did a pod come or go, as they do with every deployment, and was it as it should be?"""
        came_or_went = {self.before, self.after} == {"", Outcome.PASS.value}
        return came_or_went and "/pods/" in self.resource


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, side by side."""

    before: str
    """When the older one ended."""
    after: str
    catalogue_changed: bool
    controls_added: tuple[str, ...]
    controls_removed: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def worse(self) -> bool:
        """Is there anything that somebody must look at?"""
        return any(change.bad for change in self.changes)

    def to_json(self) -> dict[str, Any]:
        """It as plain data."""
        return {**asdict(self), "worse": self.worse}


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """Set two evidence documents side by side.

    Raises:
        ValueError: the newer one ended before the older.
    """
    if new["ended_at"] < old["ended_at"]:
        raise ValueError(f"the first ended at {old['ended_at']}, after the second at {new['ended_at']}: swap them")
    before, after = _by_place(old), _by_place(new)
    changes = [change for place in {**before, **after} for change in _change(before.get(place), after.get(place))]
    asked_before, asked_after = set(old["controls"]), set(new["controls"])
    return Comparison(
        before=old["ended_at"],
        after=new["ended_at"],
        catalogue_changed=old["catalogue_sha256"] != new["catalogue_sha256"],
        controls_added=tuple(sorted(asked_after - asked_before)),
        controls_removed=tuple(sorted(asked_before - asked_after)),
        changes=tuple(sorted(changes, key=lambda each: (list(Kind).index(each.kind), each.control, each.resource))),
    )


def _by_place(document: Mapping[str, Any]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {(each["control"], each["account"], each["resource"]): each for each in document["findings"]}


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Change]:
    shown = after or before
    if shown is None:
        return
    place = (shown["control"], shown["account"], shown["resource"])
    if before is None:
        yield Change(Kind.APPEARED, *place, "", shown["outcome"], shown["reason"])
    elif after is None:
        yield Change(Kind.GONE, *place, shown["outcome"], "", shown["reason"])
    elif before["outcome"] != after["outcome"]:
        worse = Outcome(after["outcome"]).weight > Outcome(before["outcome"]).weight
        yield Change(Kind.WORSE if worse else Kind.BETTER, *place, before["outcome"], after["outcome"], after["reason"])
    elif before["reason"] != after["reason"]:
        yield Change(Kind.OTHERWISE, *place, before["outcome"], after["outcome"], after["reason"])
