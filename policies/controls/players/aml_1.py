"""AML-1: money is watched, and those who bring much of it are known."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="AML-1",
    title="Due diligence and monitoring",
    statement=(
        "Customer due diligence is done when a player's deposits reach EUR 2 000. Transactions are monitored; what"
        " stands out becomes a case with a decision. Cases and the documents behind them are kept for five years."
    ),
    rationale=(
        "An exchange turns money into winnings between two accounts. Whoever owns both has washed it, unless somebody"
        " looks."
    ),
    clauses=(
        Clause("MGA", "2018", "AML due diligence"),
        Clause("MGA", "2018", "AML record retention"),
    ),
    severity=Severity.CRITICAL,
    owner="Money laundering reporting officer",
    evidence="The cases of the year with their decisions, and the accounts beyond the threshold with their documents.",
    application=(
        Planned(
            "services/gateway",
            "It stops deposits at the threshold until due diligence is recorded by a provider or a person.",
        ),
        Planned("services/ledger", "It watches movements and matched bets between related accounts, and opens cases."),
    ),
)
