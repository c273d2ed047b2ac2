"""What is to be done about a finding, in the words of the catalogue."""

from __future__ import annotations

from typing import Final

from policies.model import Control, Outcome
from policies.reports.document import Finding
from policies.rules import Rule

_SAID: Final = {
    Outcome.ERROR: ("Let the caller read what was refused, or ask again: until it is answered, nothing is known.",),
    Outcome.NOT_IMPLEMENTED: ("Build it, or have the risk accepted in writing. Until then it blocks a release.",),
    Outcome.NOT_OBSERVABLE: ("Collect from the real account: the twin does not hold this part of AWS.",),
    Outcome.WAIVED: ("Put it right before the waiver ends.",),
}


def remedies(control: Control, finding: Finding) -> tuple[str, ...]:
    """What puts it right, or who has to look; nothing where nothing is to be done."""
    if finding.outcome is Outcome.FAIL:
        return _of_rules(control, finding)
    if finding.outcome is Outcome.MANUAL:
        return (f"{control.owner}: have this ready. {control.evidence}",)
    return _SAID.get(finding.outcome, ())


def _of_rules(control: Control, finding: Finding) -> tuple[str, ...]:
    """The rules that bear the name of a check that judged; where none does, all of the control's."""
    rules = [part for part in control.preventive if isinstance(part, Rule)]
    same = [rule for rule in rules if rule.name in finding.checks]
    found = tuple(dict.fromkeys(rule.remedy for rule in same or rules))
    return found or (f"Bring the account to what is demanded: {control.statement}",)
