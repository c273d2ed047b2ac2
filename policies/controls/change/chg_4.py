"""CHG-4: before the key technical set-up changes, it is known who has to be asked or told."""

from __future__ import annotations

from policies.model import Clause, Control, Enforced, Severity

CONTROL = Control(
    id="CHG-4",
    title="Key set-up changes classified",
    statement=(
        "Every change of a stack is classified before it is made: does it touch an essential component, which needs a"
        " prior approval; the key technical set-up outside of them, which is notified 30 days before; or neither? What"
        " the register of components does not know counts as key technical set-up."
    ),
    rationale=(
        "An engineer sees a parameter, a regulator sees a change of what was approved. If nobody asks before, the"
        " question is asked after, and then it is a breach."
    ),
    clauses=(
        Clause(
            "MGA",
            "2018",
            "Directive 3/2018: key technical set-up",
            note="The classification is a draft; a person decides.",
        ),
        Clause("ISO 27001", "2022", "8.32"),
        Clause("GLI-19", "3.0", "B.8"),
    ),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence=(
        "The classifications and the notices of the year, beside the deployments, and the register as it was then."
    ),
    application=(
        Enforced(
            "policies/change",
            "`valletta policy classify` compares two recorded plans, says what each difference touches, and drafts the"
            " notice.",
            "tests/policies/test_change_classification.py::test_a_change_touches_what_it_is_a_part_of",
        ),
        Enforced(
            ".github/workflows/preview.yml",
            "Every request that changes a stack is classified against what main declares, for its approver to read.",
            "tests/delivery/test_workflows.py::test_a_change_is_classified_before_it_is_approved",
        ),
    ),
    attestation=(
        "The compliance officer attests that no change was merged before the approval was given or the 30 days had"
        " passed: the pipeline shows what is needed and does not wait for it."
    ),
)
