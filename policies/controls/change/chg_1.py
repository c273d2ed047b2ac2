"""CHG-1: what runs was released: images by digest, from our registry, signed and attested."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.account import Account, Subject
from policies.baseline import baseline_of
from policies.checks import check
from policies.cluster import live, objects
from policies.cluster.objects import Object, containers, pod_of
from policies.model import Clause, Control, Enforced, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

_BY_DIGEST = re.compile(r"[^@]+@sha256:[0-9a-f]{64}")


def _foreign(workload: Object, registry: str) -> Iterator[str]:
    for each in containers(pod_of(workload)):
        image = each.get("image") or "no image"
        if not (image.startswith(f"{registry}/") and _BY_DIGEST.fullmatch(image)):
            yield f"container {each['name']} runs {image}, which is not named by digest in {registry}"


@rule(
    "chg-1-images-by-digest",
    *objects.WORKLOADS,
    joins=True,
    remedy="Take the image from the stack's settings, which hold its digest and its registry.",
)
def runs_images_by_digest(workload: Resource, stack: Stack) -> Iterator[str]:
    """Every container runs an image of the stack's registry, named by its digest."""
    if not objects.ours(workload.properties):
        return
    registry = objects.parameter(stack, "registry")
    if registry is None:
        yield "runs images, and the stack does not say from which registry they come"
    else:
        yield from _foreign(workload.properties, registry)


@check("chg-1-images-by-digest", live.workloads, proves="its images are of the registry, named by digest")
def runs_own_images(workload: Subject, account: Account) -> Iterator[str]:
    """What runs, or is there to run, is of the released registry, or else of the account's own, named by digest."""
    released = baseline_of(live.environment_of(workload, account))
    own = f"{account.id}.dkr.ecr.{account.region}.amazonaws.com"
    yield from _foreign(workload.data, released.registry if released else own)


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
    preventive=(runs_images_by_digest,),
    admission=("images-by-digest",),
    detective=(runs_own_images,),
    application=(
        Enforced(
            ".github/workflows/images.yml",
            "An image is pushed if two builds give one digest, and proposed once it is scanned, attested and signed.",
            "tests/delivery/test_workflows.py"
            "::test_an_image_is_pushed_only_if_two_builds_agree_and_proposed_only_if_it_is_signed",
        ),
        Enforced(
            ".github/workflows/apply.yml",
            "Signatures and attestations are verified before a stack is applied.",
            "tests/delivery/test_workflows.py"
            "::test_a_stack_is_applied_only_when_shown_verified_and_approved_and_one_at_a_time",
        ),
    ),
)
