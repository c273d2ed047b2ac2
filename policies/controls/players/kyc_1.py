"""KYC-1: nobody deposits or bets whose age and identity are not known."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Planned, Severity

CONTROL = Control(
    id="KYC-1",
    title="Verified before money or bets",
    statement=(
        "An account takes no deposit and no bet until its holder's identity and age are verified. The verification"
        " names its source, and is kept."
    ),
    rationale=(
        "A child, a stolen identity and an excluded player under another name all look alike until somebody asks for a"
        " document."
    ),
    clauses=(
        Clause("MGA", "2018", "Player verification"),
        Clause("GLI-19", "3.0", "2.5.3"),
    ),
    severity=Severity.CRITICAL,
    owner="Compliance officer",
    evidence="The log of decisions on accounts that the auditor picks: what was asked, what the provider said, when.",
    application=(
        Enforced(
            "services/core",
            "A deposit of an account that is not verified is refused.",
            "tests/core/test_refusals.py"
            "::test_bad_input_is_refused_with_the_value_and_the_bound_and_changes_nothing[an unverified deposit]",
        ),
        Enforced(
            "services/core",
            "A bet of an account that is not verified is refused.",
            "tests/core/test_refusals.py"
            "::test_bad_input_is_refused_with_the_value_and_the_bound_and_changes_nothing[an unverified bet]",
        ),
        Enforced(
            "services/gateway/rest/accounts.py",
            "Only an operator verifies, never the player.",
            "tests/gateway/test_accounts.py::test_only_an_operator_verifies_and_only_once",
        ),
        Planned(
            "services/gateway",
            "It asks a provider of identities (a test provider is part of the reference; a licensee brings the real"
            " one) and keeps the answer. Today an operator's word is all there is.",
        ),
    ),
)
