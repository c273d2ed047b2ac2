"""CMP-1: a complaint is written down, answered in time, and kept."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="CMP-1",
    title="Complaints and disputes",
    statement=(
        "Every complaint and dispute is recorded with the bets that it is about, answered within the published time,"
        " and kept for five years with the answer. The player is told where to turn next."
    ),
    rationale=(
        "What players complain about is what goes wrong first. A register shows a regulator that faults are heard and"
        " mended, and not only answered."
    ),
    clauses=(
        Clause("MGA", "2018", "Complaints"),
        Clause("GLI-19", "3.0", "A.4.4"),
    ),
    severity=Severity.MEDIUM,
    owner="Compliance officer",
    evidence=(
        "The register of the year: received, answered, escalated; and the full record of a few that the auditor picks."
    ),
    application=(
        Planned(
            "services/web",
            "The operator's console holds the register, links a complaint to its bets, and watches the deadlines.",
        ),
    ),
)
