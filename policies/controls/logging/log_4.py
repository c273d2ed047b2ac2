"""LOG-4: what matters in the exchange is in a log that outsiders can check."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="LOG-4",
    title="Events in a transparency log",
    statement=(
        "Every command and its outcome is in a log that only grows. The log publishes signed checkpoints, and gives a"
        " proof for each single record that it is there and for each two checkpoints that nothing was rewritten."
    ),
    rationale=(
        "An operator who keeps the only copy of the log could change it and would be asked to be believed. With"
        " checkpoints in other hands a change shows, whoever made it."
    ),
    clauses=(
        Clause("MGA", "2018", "Technical infrastructure guidelines: integrity"),
        Clause("GLI-19", "3.0", "2.8.8"),
        Clause("GLI-19", "3.0", "B.6.5"),
        Clause("ISO 27001", "2022", "8.15"),
    ),
    severity=Severity.CRITICAL,
    owner="Compliance officer",
    evidence=(
        "A checkpoint, the proof of a bet that the auditor picks, and the proof between two checkpoints of the year."
    ),
    detective=(
        Planned("services/auditlog", "A check reads the newest checkpoint and its age, and verifies its signature."),
    ),
    application=(
        Enforced(
            "services/journal",
            "Each record names the hash of the one before it; a changed record stops whoever reads on.",
            "tests/journal/test_chain.py::test_no_bit_of_a_record_that_others_follow_can_change_unnoticed",
        ),
        Enforced(
            "services/matching",
            "A node does not lead on a log that was rewritten under events that are published.",
            "tests/matching/test_shard.py::test_a_log_rewritten_under_published_events_is_not_led_on",
        ),
        Planned("services/auditlog", "It builds the tree over the records, signs checkpoints and serves proofs."),
    ),
)
