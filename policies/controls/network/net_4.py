"""NET-4: in the cluster nobody talks to anybody, unless it is written down who may."""

from __future__ import annotations

from policies.model import Clause, Control, Severity

CONTROL = Control(
    id="NET-4",
    title="Default-deny network policies",
    statement=(
        "Every namespace of the exchange denies all traffic, in and out, until a policy allows a flow by name; the"
        " load balancer's port is the one way in."
    ),
    rationale="A pod that was taken over should find every door shut but those that its service needs.",
    clauses=(
        Clause("CIS EKS", "1.8", "4.3.2"),
        Clause("ISO 27001", "2022", "8.22"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The network policies of every namespace, and a refused connection between two services.",
    admission=("closed-network-first", "one-way-in"),
)
