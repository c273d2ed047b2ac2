"""EXC-1: who excluded themselves from all gambling is not let in here either."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="EXC-1",
    title="National exclusion registers",
    statement=(
        "At registration and at each log-in a player is looked up in the exclusion registers of the places that the"
        " licence covers. Who is listed is refused; a register that does not answer refuses too."
    ),
    rationale=("A person who excluded themselves once, for everything, must not have to do it again at each operator."),
    clauses=(
        Clause("MGA", "2018", "Player Protection Directive: exclusion"),
        Clause("GLI-19", "3.0", "2.5.5"),
    ),
    severity=Severity.CRITICAL,
    owner="Responsible gambling officer",
    evidence=(
        "The log of decisions: look-ups with their answers, and the refusals of a day on which a register was away."
    ),
    application=(
        Planned(
            "services/gateway",
            "It asks the registers through a provider's interface (a test register is part of the reference) at"
            " sign-up and log-in, and keeps each answer. Today no register is asked.",
        ),
    ),
)
