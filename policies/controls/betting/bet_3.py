"""BET-3: two people settle, by a named source, and what is settled anew leaves both results."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="BET-3",
    title="Two people settle a market",
    statement=(
        "One operator proposes a result and names its source; another one confirms it before money moves. A result"
        " that was wrong is corrected by a second settlement that stands beside the first, with the values before and"
        " after."
    ),
    rationale=(
        "On an exchange the result is the money. One person who can enter it alone can pay a friend; two have to agree"
        " to."
    ),
    clauses=(
        Clause("UKGC RTS", "2026", "RTS 5A"),
        Clause("GLI-19", "3.0", "2.9.5"),
    ),
    severity=Severity.CRITICAL,
    owner="Head of trading",
    evidence=(
        "The settlements of a day that the auditor picks: who proposed, who confirmed, the source, each correction."
    ),
    application=(
        Enforced(
            "services/gateway/rest/markets.py",
            "A result without a source, or with the wrong winners, settles nothing.",
            "tests/gateway/test_markets.py::test_a_result_that_is_wrong_settles_nothing",
        ),
        Enforced(
            "services/gateway/rest/markets.py",
            "A settled market cannot be settled again or voided behind the players' backs.",
            "tests/gateway/test_markets.py::test_a_settled_market_cannot_be_settled_or_voided_again",
        ),
        Planned(
            "services/core",
            "It takes a proposal and a confirmation of two different operators, and a resettlement that books the"
            " difference. Today one operator settles, all operators are one actor of the log, and there is no"
            " correction.",
        ),
    ),
)
