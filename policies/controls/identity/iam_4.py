"""IAM-4: every service has an identity of AWS of its own, and no token lies around."""

from __future__ import annotations

from policies.model import Clause, Control, Severity

CONTROL = Control(
    id="IAM-4",
    title="An identity of AWS for every service",
    statement=(
        "Every service account that calls AWS is bound to a role of its own by EKS Pod Identity; no pod mounts a token"
        " of Kubernetes that it does not use, and no token outlives its pod."
    ),
    rationale=(
        "A shared identity gives the weakest service the rights of all. A token that lasts is a password that nobody"
        " changes."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "5.2.1"),
        Clause("ISO 27001", "2022", "8.2"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The Pod Identity associations with their roles, and the service accounts of all pods.",
    admission=("accounts-without-tokens", "no-lasting-tokens", "no-mounted-tokens"),
)
