"""BET-2: betting can be stopped at once, and nothing is accepted after that."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="BET-2",
    title="Betting stops on command",
    statement=(
        "An operator can suspend all betting, one market or one selection. From the suspension's place in the log on"
        " nothing is accepted, whenever it was sent; a player can still cancel."
    ),
    rationale=(
        "A goal is scored, a horse is withdrawn, a fault is found: each second of betting after that pays those who"
        " knew. A suspension that some bets overtake is none."
    ),
    clauses=(
        Clause("GLI-19", "3.0", "2.4.1"),
        Clause("UKGC RTS", "2026", "RTS 5A"),
        Clause("UKGC RTS", "2026", "RTS 15A", note="The delay of in-play betting is part of what is planned."),
    ),
    severity=Severity.CRITICAL,
    owner="Head of trading",
    evidence="A suspension that the auditor asks for, and the commands on either side of it in the log.",
    application=(
        Enforced(
            "services/core",
            "A suspended market refuses an order, in the order of the log.",
            "tests/core/test_refusals.py"
            "::test_bad_input_is_refused_with_the_value_and_the_bound_and_changes_nothing[a suspended market]",
        ),
        Enforced(
            "services/core",
            "An order can be cancelled while its market is suspended.",
            "tests/core/test_refusals.py::test_an_order_may_be_cancelled_while_its_market_is_suspended",
        ),
        Enforced(
            "services/gateway/rest/markets.py",
            "Only an operator suspends and resumes.",
            "tests/gateway/test_markets.py::test_only_operators_run_markets",
        ),
        Planned(
            "services/core",
            "It suspends everything and a single selection by one command each, at a market's start where the terms"
            " say so, and holds orders for the delay of in-play betting. Today an operator suspends market by market.",
        ),
    ),
)
