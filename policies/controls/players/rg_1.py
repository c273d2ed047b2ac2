"""RG-1: limits and exclusions stand in the way of the order itself."""

from __future__ import annotations

from policies.model import Clause, Control, Planned, Severity

CONTROL = Control(
    id="RG-1",
    title="Limits and exclusion bind orders",
    statement=(
        "A player's limits on deposits, stakes and losses, and an exclusion, are checked where the order or the"
        " deposit is accepted, on every shard. Tighter holds at once; looser only after the time to cool off, and a"
        " second yes. An excluded player can still withdraw and cancel."
    ),
    rationale=(
        "Whoever asks to be stopped means now. A limit that is checked in the screen, or a minute later, lets through"
        " the bets that it was asked to stop."
    ),
    clauses=(
        Clause("MGA", "2018", "Player Protection Directive: exclusion"),
        Clause("UKGC RTS", "2026", "RTS 12A-D"),
        Clause("GLI-19", "3.0", "2.5.5"),
    ),
    severity=Severity.CRITICAL,
    owner="Responsible gambling officer",
    evidence=(
        "The log of decisions: each limit or exclusion with its time, and the first command refused because of it."
    ),
    application=(
        Planned(
            "services/core",
            "It holds limits and exclusions in the state of an account and refuses in the order of the log. Today an"
            " account knows neither.",
        ),
        Planned("services/gateway", "It takes a player's limits and exclusions, and shows what is in force from when."),
    ),
)
