"""BET-1: what was accepted stays as it was accepted, with the rules that were in force."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="BET-1",
    title="Immutable bets under dated rules",
    statement=(
        "A bet that was accepted is never changed or removed: what becomes of it is added. Its record names the rules'"
        " version under which it was accepted, and the player gets a receipt that proves it."
    ),
    rationale=(
        "A dispute is about what was agreed. Terms that could change after the event, or rules that nobody can date,"
        " leave the player with the operator's word."
    ),
    clauses=(
        Clause("UKGC RTS", "2026", "RTS 5A"),
        Clause("GLI-19", "3.0", "2.8.2"),
        Clause("GLI-19", "3.0", "A.5.1"),
        Clause("US-WV", "179-9", "179-9-6.4"),
    ),
    severity=Severity.CRITICAL,
    owner="Head of trading",
    evidence="The records of bets that the auditor picks, from acceptance to payment, and the rules of that version.",
    application=(
        Enforced(
            "services/matching",
            "Each record of events names the version of the rules in force.",
            "tests/matching/test_rules_version.py::test_every_record_of_events_names_the_rules_in_force",
        ),
        Enforced(
            "services/matching",
            "A build that does not know the rules of the log halts before them.",
            "tests/matching/test_shard.py::test_a_build_halts_before_rules_that_it_does_not_know",
        ),
        Enforced(
            "services/core",
            "Replaying the log gives the same answers and the same state.",
            "tests/core/test_replay.py::test_a_replay_gives_the_same_answers_and_the_same_state_hash",
        ),
        Enforced(
            "services/ledger",
            "The database refuses to change or remove what was booked.",
            "tests/ledger/test_schema.py::test_what_was_booked_is_never_changed_or_removed",
        ),
        Planned("services/auditlog", "It gives the receipt: the bet's record and its proof against a checkpoint."),
    ),
)
