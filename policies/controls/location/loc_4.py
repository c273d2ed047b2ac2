"""LOC-4: the cloud's risk is known, and the exchange can leave it."""

from __future__ import annotations

from policies.model import Clause, Control, Severity

CONTROL = Control(
    id="LOC-4",
    title="Cloud risk and exit plan",
    statement=(
        "The risk of running on one cloud is assessed each year, its contract gives the regulator access and the "
        "licensee its data back, and a plan says how and in how many months the exchange leaves it."
    ),
    rationale=(
        "The licensee answers for what its supplier does. A supplier may fail, raise its price or lose its "
        "certificates; whoever has thought about leaving can leave."
    ),
    clauses=(
        Clause("ISO 27001", "2022", "5.23"),
        Clause("GLI-19", "3.0", "C.3"),
        Clause("MGA", "2018", "Suppliers"),
    ),
    severity=Severity.MEDIUM,
    owner="Compliance officer",
    evidence="The assessment with its date, the contract's clauses on access and exit, and the exit plan.",
    attestation=(
        "The compliance officer attests, with the date and the documents: the yearly assessment of AWS as a supplier,"
        " the contract's clauses on the regulator's access and on the return of data, and the exit plan with its "
        "last rehearsal."
    ),
)
