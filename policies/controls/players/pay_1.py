"""PAY-1: players get their money back, where it came from, at once."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="PAY-1",
    title="Withdrawals to their own instrument",
    statement=(
        "A withdrawal of what no bet holds is paid without delay to the instrument that the player paid in with."
        " Neither an exclusion nor a limit stands in its way."
    ),
    rationale=(
        "Money that is slow to come out gets bet again. Money that goes out to another instrument is how stolen cards"
        " are turned into cash."
    ),
    clauses=(
        Clause("MGA", "2018", "Payments"),
        Clause("MGA", "2018", "Player Protection Directive: exclusion"),
    ),
    severity=Severity.HIGH,
    owner="Finance officer",
    evidence=(
        "Withdrawals that the auditor picks, from the request to the provider's confirmation, with the instrument."
    ),
    application=(
        Enforced(
            "services/gateway/rest/accounts.py",
            "What is paid out leaves the wallet at once.",
            "tests/gateway/test_accounts.py::test_money_paid_in_and_out_is_in_the_funds_at_once",
        ),
        Enforced(
            "services/gateway/rest/accounts.py",
            "What a bet holds cannot be paid out.",
            "tests/gateway/test_accounts.py::test_what_is_held_for_a_bet_cannot_be_paid_out",
        ),
        Planned(
            "services/gateway",
            "It speaks to a payment provider (a test provider is part of the reference), remembers each player's"
            " instruments, and pays back to those alone. Today a withdrawal is a command and no payment.",
        ),
    ),
)
