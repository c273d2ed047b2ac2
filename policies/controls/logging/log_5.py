"""LOG-5: somebody else has seen the log, and signs for it."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="LOG-5",
    title="Independent cosignature every day",
    statement=(
        "At least every 24 hours a witness that the operator does not control signs the newest checkpoint of the log,"
        " after it has checked that the log only grew."
    ),
    rationale=(
        "A log that nobody else has seen can be made anew in one piece, proofs and all. Whoever signed yesterday's"
        " checkpoint would notice."
    ),
    clauses=(
        Clause("MGA", "2018", "Technical infrastructure guidelines: integrity"),
        Clause("ISO 27001", "2022", "8.15"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence="The cosignatures of the period with their times, and who holds each witness's key.",
    detective=(
        Planned("services/auditlog", "A check reads the newest cosignature and refuses one that is older than a day."),
    ),
    application=(Planned("services/auditlog", "It hands each checkpoint to its witnesses and keeps what they sign."),),
)
