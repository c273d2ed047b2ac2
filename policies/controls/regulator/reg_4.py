"""REG-4: a suspicious bet becomes a case, and the case leads to what was voided for it."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="REG-4",
    title="Suspicious bets become cases",
    statement=(
        "A bet or a pattern that looks like a fixed event or a fraud opens a case. The case names the bets, who"
        " decided, what was reported to whom and when, and every runner or market that was voided for it."
    ),
    rationale=(
        "The regulator and the sport can act only on what they are told. A market that is voided without a reason on"
        " record cannot be told from one that was voided to save money."
    ),
    clauses=(
        Clause("MGA", "2018", "Directive 3/2018 art. 43"),
        Clause("ISO 27001", "2022", "5.26"),
    ),
    severity=Severity.HIGH,
    owner="Integrity officer",
    evidence=(
        "The log of cases, with the report of each, and the voids of the period with the case that each belongs to."
    ),
    application=(
        Enforced(
            "services/gateway/rest/markets.py",
            "A void carries a reason, and gives every stake back.",
            "tests/gateway/test_markets.py::test_voiding_gives_every_stake_back",
        ),
        Planned(
            "services/ledger",
            "It holds the cases, watches for the patterns that open one, and links a void to its case. The reason of a"
            " void is free text today.",
        ),
    ),
)
