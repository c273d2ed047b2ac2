"""CHG-5: containers get no power that they do not need, and production is apart from everything else."""

from __future__ import annotations

from policies.model import Clause, Control, Severity

CONTROL = Control(
    id="CHG-5",
    title="Restricted pods, production apart",
    statement=(
        "Containers of the exchange run restricted: without privileges, host access or a writable root, within bounds"
        " of CPU and memory, in a namespace of their own. Production has its own account and its own cluster."
    ),
    rationale=(
        "A container that can reach its node can reach every other one. A test that shares a cluster with production"
        " is a change to production."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "4.2.1"),
        Clause("CIS EKS", "1.8", "4.2.2"),
        Clause("CIS EKS", "1.8", "4.2.3"),
        Clause("CIS EKS", "1.8", "4.2.4"),
        Clause("CIS EKS", "1.8", "4.2.5"),
        Clause("ISO 27001", "2022", "8.31"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The namespaces with their labels, and the security contexts of all running pods.",
    admission=("bounded-resources", "no-host-access", "nothing-in-default", "restricted-containers"),
)
