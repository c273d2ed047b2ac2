"""LOG-7: the log that nobody can change names no person."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Severity

CONTROL = Control(
    id="LOG-7",
    title="No people in the immutable log",
    statement=(
        "The records of commands and events hold no direct personal data. A player is a number there; the name, the"
        " login and the documents behind it are in a database from which they can be erased."
    ),
    rationale=(
        "What cannot be changed cannot be erased. A player who has the right to be forgotten must find every name in a"
        " place where it can be deleted, without a hole in the record of bets."
    ),
    clauses=(
        Clause("GDPR", "2016/679", "5(1)(c)"),
        Clause("GDPR", "2016/679", "5(1)(e)"),
        Clause("GDPR", "2016/679", "17"),
        Clause("ISO 27001", "2022", "5.34"),
        Clause("ISO 27001", "2022", "8.10"),
    ),
    severity=Severity.HIGH,
    owner="Data protection officer",
    evidence=(
        "The contract in proto/ with the classification of each field, and a sample of records, decoded, that the"
        " auditor picks."
    ),
    application=(
        Enforced(
            "proto/valletta/exchange/v1/exchange.proto",
            "Every field of every message that a record of the log can hold is classified; one that is not, or that"
            " would name a person, fails the build.",
            "tests/journal/test_personal_data.py::test_every_field_of_the_log_is_classified_and_none_names_a_person",
        ),
        Enforced(
            "services/gateway/identity",
            "A sign-up sends an empty command to the log: the user's name stays in the gateway's database.",
            "tests/journal/test_personal_data.py::test_a_sign_up_tells_the_log_nothing_about_the_person",
        ),
    ),
    attestation=(
        "The data protection officer attests that operators write no player's name into the three texts that the log"
        " takes from them (the source of a result, the reason of a void, the names of events and runners). Contestants"
        " are named there, as the organiser publishes them."
    ),
)
