"""CHG-1: what runs was released: images by digest, from our registry, signed and attested."""

from __future__ import annotations

from policies.model import Clause, Control, Severity

CONTROL = Control(
    id="CHG-1",
    title="Images by digest, signed and attested",
    statement=(
        "Every container of the exchange runs an image of the stack's own registry, named by its digest; images are"
        " signed and attested when they are built, and verified before they are released."
    ),
    rationale=(
        "A tag can be moved after the release was approved. A digest is the thing itself: what was tested, signed and"
        " approved is what runs, to the byte."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "5.1.4"),
        Clause("GLI-19", "3.0", "2.3"),
        Clause("ISO 27001", "2022", "8.32"),
    ),
    severity=Severity.CRITICAL,
    owner="Infrastructure lead",
    evidence="The images of all running containers, and the signature and attestation of a few that the auditor picks.",
    admission=("images-by-digest",),
)
