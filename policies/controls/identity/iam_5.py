"""IAM-5: nobody commands the cluster through RBAC, and no role says `everything`."""

from __future__ import annotations

from policies.model import Clause, Control, Severity

CONTROL = Control(
    id="IAM-5",
    title="No cluster administrators, no wildcards",
    statement=(
        "Nobody is bound to cluster-admin, admin or edit, and no role of the exchange has a wildcard; administrators"
        " are access entries of the cluster, which AWS logs."
    ),
    rationale="A wildcard grants what does not exist yet. A binding inside the cluster is made by whoever is inside.",
    clauses=(
        Clause("CIS EKS", "1.8", "4.1.1"),
        Clause("CIS EKS", "1.8", "4.1.3"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="All bindings and roles of the cluster, and its access entries.",
    admission=("no-cluster-admins", "roles-without-wildcards"),
)
