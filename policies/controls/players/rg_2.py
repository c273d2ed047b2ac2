"""RG-2: players see what they have spent, and for how long they have played."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="RG-2",
    title="Statement, net deposits, reality check",
    statement=(
        "A player sees the balance, every movement and the net deposits at any time, six months back at once and"
        " longer on request; and is told at intervals how long they have played and what it came to. Markers of harm"
        " are watched for and acted on."
    ),
    rationale=(
        "A loss that is spread over a hundred bets is not felt. Sums that are shown without being asked for let a"
        " player stop in time."
    ),
    clauses=(
        Clause("UKGC RTS", "2026", "RTS 1"),
        Clause("UKGC RTS", "2026", "RTS 13"),
        Clause("GLI-19", "3.0", "2.5.7"),
        Clause("MGA", "2018", "Player Protection Directive: markers of harm"),
    ),
    severity=Severity.HIGH,
    owner="Responsible gambling officer",
    evidence="The statements of accounts that the auditor picks, beside the ledger, and the interactions with players.",
    application=(
        Enforced(
            "services/gateway/rest/statements.py",
            "The statement lists every movement of the wallet with its balance, and the net deposits.",
            "tests/gateway/test_accounts.py::test_the_statement_lists_every_movement_newest_first_and_pages",
        ),
        Enforced(
            "services/ledger",
            "A statement can be read for any period.",
            "tests/ledger/test_reading.py::test_a_statement_is_read_page_by_page_and_by_time",
        ),
        Planned("services/web", "It tells a player in play for how long they have played, and what it came to."),
        Planned("services/ledger", "It computes the markers of harm and opens a task for a person."),
    ),
)
