"""What changed between two evidence runs: findings that appeared, went, got better or worse, and the wording."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

from policies.model import Outcome

_FAILING: Final = frozenset({Outcome.FAIL.value, Outcome.ERROR.value})


class Kind(StrEnum):
    """How a finding changed, worst first."""

    WORSE = "worse"
    """A heavier outcome, or a fault that was not there before."""
    APPEARED = "appeared"
    GONE = "gone"
    BETTER = "better"
    OTHERWISE = "otherwise"
    """The same outcome in other words."""


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
    unasked: bool = False
    """Is it gone because the newer run asked less: not this control, not this account, or not all of its regions?"""

    @property
    def bad(self) -> bool:
        """Must somebody look: did it get worse, does what is new fail, or was what failed not looked for any more?"""
        if self.kind is Kind.GONE:
            return self.before in _FAILING and self.unasked
        return self.kind is Kind.WORSE or (self.kind is Kind.APPEARED and self.after in _FAILING)

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
    scopes_changed: tuple[str, ...]
    """What is otherwise about who was asked, where, and by which measure: one sentence each."""
    changes: tuple[Change, ...]

    @property
    def worse(self) -> bool:
        """Is there anything that somebody must look at?"""
        return bool(self.controls_removed or self.scopes_changed) or any(change.bad for change in self.changes)

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
    asked_before, asked_after = set(old["controls"]), set(new["controls"])
    less = _asked_less(old, new)
    unasked = {place for place in before if place[0] not in asked_after or place[1] in less}
    changes = [
        change
        for place in {**before, **after}
        for change in _change(before.get(place), after.get(place), unasked=place in unasked)
    ]
    return Comparison(
        before=old["ended_at"],
        after=new["ended_at"],
        catalogue_changed=old["catalogue_sha256"] != new["catalogue_sha256"],
        controls_added=tuple(sorted(asked_after - asked_before)),
        controls_removed=tuple(sorted(asked_before - asked_after)),
        scopes_changed=tuple(_scope_changes(old, new)),
        changes=tuple(sorted(changes, key=lambda each: (list(Kind).index(each.kind), each.control, each.resource))),
    )


def _by_place(document: Mapping[str, Any]) -> dict[tuple[str, str, str], Mapping[str, Any]]:
    return {(each["control"], each["account"], each["resource"]): each for each in document["findings"]}


def _scopes(document: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {scope["account"]: scope for scope in document["scopes"]}


def _asked_less(old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """The accounts that the newer run left out, or looked at in fewer regions."""
    asked = _scopes(new)
    regions = {account: set(asked[account]["regions"]) if account in asked else set() for account in _scopes(old)}
    return {account for account, scope in _scopes(old).items() if set(scope["regions"]) - regions[account]}


def _scope_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What weakens the newer run as a whole. Whoever asks more is not told."""
    asked = _scopes(new)
    for account, before in _scopes(old).items():
        if account not in asked:
            yield f"the account {account} was not asked any more"
            continue
        if missing := sorted(set(before["regions"]) - set(asked[account]["regions"])):
            yield f"the account {account} was not looked at in {', '.join(missing)} any more"
        measures = [scope.get("environment") for scope in (before, asked[account])]
        if measures[0] != measures[1]:
            was, now = (measure or "what each resource's tag says" for measure in measures)
            yield f"the account {account} was judged as {now}, and before as {was}"


def _change(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, *, unasked: bool) -> Iterator[Change]:
    shown = after or before
    if shown is None:
        return
    place = (shown["control"], shown["account"], shown["resource"])
    if before is None:
        yield Change(Kind.APPEARED, *place, "", shown["outcome"], shown["reason"])
    elif after is None:
        yield Change(Kind.GONE, *place, shown["outcome"], "", shown["reason"], unasked)
    elif before["outcome"] != after["outcome"]:
        worse = Outcome(after["outcome"]).weight > Outcome(before["outcome"]).weight
        yield Change(Kind.WORSE if worse else Kind.BETTER, *place, before["outcome"], after["outcome"], after["reason"])
    elif before["reason"] != after["reason"]:
        yield Change(_kind_of_reason(before, after), *place, before["outcome"], after["outcome"], after["reason"])


def _kind_of_reason(before: Mapping[str, Any], after: Mapping[str, Any]) -> Kind:
    """The outcome is the same: is there a fault that was not there, or one fewer? An unanswered question has none."""
    was, now = set(before.get("faults", ())), set(after.get("faults", ()))
    if now - was:
        return Kind.WORSE
    return Kind.BETTER if was - now else Kind.OTHERWISE
