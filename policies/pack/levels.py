"""What a rule does about a fault: refuse the stack, or only tell. In production, and wherever nobody knows, it refuses.

A stack that holds no player's money may have single rules only tell, for a stated reason. The configuration is the
one of Pulumi's CLI (`--policy-pack-config FILE`), and is judged alike by the pack under the CLI and by our commands:

    {"bcp-1-database-zones": {"enforcementLevel": "advisory", "reason": "a load test of one zone, OPS-12"}}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from policies.catalogue import rules
from policies.environment import Environment

ADVISORY: Final = "advisory"
MANDATORY: Final = "mandatory"
REASON: Final = "reason"
SHORTEST_REASON: Final = 10
"""Characters: enough for a ticket and a word."""

SCHEMA: Final[Mapping[str, dict[str, Any]]] = {
    REASON: {
        "type": "string",
        "minLength": SHORTEST_REASON,
        "description": "Why the rule only tells on this stack, with a ticket. Demanded where its level is advisory.",
    }
}
"""What may be configured of every rule, as JSON schema, besides its level."""


class LevelsError(ValueError):
    """The configuration would weaken what must not be weakened, in each of the ways that the message tells."""


@dataclass(frozen=True, slots=True)
class Level:
    """What is configured of one rule."""

    level: str
    reason: str = ""


def advisory_rules(configured: Mapping[str, Level], stack: str | None) -> frozenset[str]:
    """The rules that only tell on this stack. A stack that is not known is judged as production.

    Raises:
        LevelsError: it is production, a rule is switched off, no reason is given, or there is no such rule.
    """
    if faults := list(_faults(configured, Environment.of(stack))):
        raise LevelsError(f"the levels of rules on {stack or 'an unknown stack'} are refused: {'; '.join(faults)}")
    return frozenset(name for name, each in configured.items() if each.level == ADVISORY)


def read_levels(file: Path) -> Mapping[str, Level]:
    """The levels in a file of the CLI's form.

    Raises:
        LevelsError: it cannot be read, or has another form.
    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return {name: _level(entry) for name, entry in document.items()}
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise LevelsError(f"{file} is no configuration of a policy pack: {error!r}") from error


def _level(entry: str | Mapping[str, Any]) -> Level:
    if isinstance(entry, str):
        return Level(entry)
    return Level(entry["enforcementLevel"], str(entry.get(REASON, "")))


def _faults(configured: Mapping[str, Level], environment: Environment) -> Iterator[str]:
    known = {rule.name for _, rule in rules()}
    for name, each in configured.items():
        if name not in known:
            yield f"there is no rule {name} (rules are named one by one)"
        elif each.level == MANDATORY:
            continue
        elif environment is Environment.PRODUCTION:
            yield f"{name} would be {each.level}, and every rule is mandatory in production"
        elif each.level != ADVISORY:
            yield f"{name} would be {each.level}: a rule may only tell, but not be silent"
        elif len(each.reason.strip()) < SHORTEST_REASON:
            yield f"{name} would be advisory without a reason ({REASON}, {SHORTEST_REASON} characters at least)"
