"""REG-3: what players are owed is known to the penny, and returned each month."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="REG-3",
    title="Player-funds return",
    statement=(
        "At the end of each month the sum of what players are owed, with open bets and pending withdrawals, is drawn"
        " from the ledger, set beside the balances at banks and payment providers, explained and returned to the"
        " regulator."
    ),
    rationale=(
        "Players' money is not the operator's. A shortfall that nobody adds up is found by the players, on the day"
        " that they all ask for it."
    ),
    clauses=(
        Clause("MGA", "2018", "Player funds return"),
        Clause("GLI-19", "3.0", "A.4.2"),
    ),
    severity=Severity.CRITICAL,
    owner="Finance officer",
    evidence=(
        "The last three returns, the statements of banks and providers behind them, and each difference explained."
    ),
    application=(
        Enforced(
            "services/ledger",
            "The database takes no entry whose postings do not sum to zero.",
            "tests/ledger/test_schema.py::test_an_entry_whose_postings_do_not_sum_to_zero_cannot_be_committed",
        ),
        Enforced(
            "services/gateway/rest/statements.py",
            "An operator sees the shard's sums and the ledger's side by side, and whether they agree.",
            "tests/gateway/test_accounts.py::test_the_shards_totals_and_the_ledgers_trial_balance_agree",
        ),
        Planned(
            "services/ledger",
            "It draws the month's return: wallets, open bets and pending withdrawals at the month's end, with the"
            " fields for banks' and providers' balances. Nothing closes a month today.",
        ),
    ),
    attestation=(
        "The finance officer attests that players' funds are held apart from the operator's own, and at which banks."
    ),
)
