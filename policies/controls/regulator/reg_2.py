"""REG-2: the regulator gets what it asks for, in a file that shows when it was changed."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="REG-2",
    title="Export on demand",
    statement=(
        "Bets, movements of money and changes by operators of any period can be exported on demand, in a format that"
        " is written down, with a digest and a signature. Each export leaves a record of who asked and what was given."
    ),
    rationale=(
        "A regulator that has to wait for a programmer sees what the programmer chooses. An export that anybody can"
        " make and check shows the same to everybody."
    ),
    clauses=(
        Clause("MGA", "2018", "Technical infrastructure guidelines: access"),
        Clause("GLI-19", "3.0", "2.8.1"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence="An export of a day that the auditor picks, its signature, and the record that it was made.",
    application=(
        Planned(
            "services/ledger",
            "It writes bets, entries and operators' changes of a period from the ledger, sums them against the trial"
            " balance, and signs the file. The bucket for exports is there; what fills it is not.",
        ),
    ),
)
