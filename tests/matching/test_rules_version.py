"""Control BET-1: whatever was accepted, its record says by which version of the rules."""

from __future__ import annotations

from services.matching.core import NEWEST_RULES, new_core
from services.matching.replica import Replica
from tests.matching.betting import NOW_MS, activate_rules, funded


def test_every_record_of_events_names_the_rules_in_force() -> None:
    replica = Replica(0, new_core())
    opened = replica.apply(0, replica.chain.opening("test", NOW_MS))
    told = replica.apply(1, replica.chain.following(funded(1), NOW_MS))
    assert opened is not None
    assert told is not None
    assert told.events.events
    assert opened.events.rules == told.events.rules == replica.core.rules() == 1
    changed = replica.apply(2, replica.chain.following([activate_rules(NEWEST_RULES)], NOW_MS))
    assert changed is not None
    assert changed.events.rules == replica.core.rules() == NEWEST_RULES > 1
