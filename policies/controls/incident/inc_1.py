"""INC-1: from the moment that an incident is known, the clocks of those who must be told run."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="INC-1",
    title="Incident clock",
    statement=(
        "An incident has the time at which it was known and the times by which it must be reported: players locked out"
        " for more than 12 hours (an older form says 24: both moments are shown), at most 3 working days after; a"
        " breach of players' data, 3 working days to the gambling authority and 72 hours to the data protection"
        " authority. Each deadline is watched."
    ),
    rationale=(
        "In an incident nobody reads directives. A report that is late is a second breach, and it is the one that was"
        " easy to avoid."
    ),
    clauses=(
        Clause("MGA", "2018", "Directive 3/2018 art. 37(2)(c)"),
        Clause("MGA", "2018", "Directive 3/2018 art. 37(2)(d)"),
        Clause("GDPR", "2016/679", "33"),
        Clause("ISO 27001", "2022", "5.26"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence="The timeline of the year's incidents: known, decided, reported; and the last drill of one.",
    application=(
        Planned(
            "services/web",
            "The operator's console opens an incident from an alarm, computes the deadlines over working days, and"
            " reminds before each. Alarms and runbooks are there; no incident has a clock.",
        ),
    ),
)
