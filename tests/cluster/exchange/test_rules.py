"""Beyond the fixtures: whatever is left out, set to nothing or turned round, the API server and the rules agree."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

import pytest

from policies.cluster import objects
from policies.pack.analysis import analyse
from sandbox.plan.record import Plan
from tests.cluster.conftest import Cluster
from tests.cluster.exchange.conftest import fixtures, refusal
from tests.policies.test_admission_equal import EQUAL, resource_of

Json = dict[str, Any]

POD, MAIN = "spec.template.spec", "spec.template.spec.containers.0"
SECURITY = f"{MAIN}.securityContext"
ABSENT: Final = object()
PROJECTED: Final = {"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}

EDITS: Final[dict[str, tuple[Any, ...]]] = {
    f"{POD}.hostNetwork": (True, False, None),
    f"{POD}.hostPID": (True, None),
    f"{POD}.hostIPC": (True, None),
    f"{POD}.automountServiceAccountToken": (ABSENT, None, True),
    f"{POD}.securityContext": (ABSENT, None, {}, {"runAsNonRoot": True}, {"seccompProfile": {"type": "Unconfined"}}),
    f"{POD}.volumes": (
        None,
        [],
        [{"name": "v", "emptyDir": {}}],
        [{"name": "v", "hostPath": {"path": "/"}}],
        [PROJECTED],
    ),
    f"{MAIN}.ports": (
        [{"containerPort": 80}],
        [{"containerPort": 80, "hostPort": 0}],
        [{"containerPort": 80, "hostPort": 80}],
    ),
    f"{MAIN}.resources": (ABSENT, None, {}, {"limits": {"cpu": "1", "memory": "1Gi"}}, {"requests": {"cpu": "1"}}),
    f"{MAIN}.image": (
        "gateway",
        "gateway:v1",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/valletta/gateway",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/valletta/gateway@sha256:" + "A" * 64,
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/valletta/gateway:v1@sha256:" + "a" * 64,
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com@sha256:" + "a" * 64,
    ),
    SECURITY: (ABSENT, None, {}),
    f"{SECURITY}.readOnlyRootFilesystem": (ABSENT, None, False),
    f"{SECURITY}.allowPrivilegeEscalation": (ABSENT, None, True),
    f"{SECURITY}.privileged": (None, False, True),
    f"{SECURITY}.capabilities": (
        ABSENT,
        None,
        {},
        {"drop": ["NET_RAW"]},
        {"drop": ["NET_RAW", "ALL"]},
        {"drop": ["ALL"], "add": []},
        {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
    ),
    f"{SECURITY}.runAsNonRoot": (None, True, False),
    f"{SECURITY}.seccompProfile": (
        None,
        {"type": "RuntimeDefault"},
        {"type": "Unconfined"},
        {"type": "Localhost", "localhostProfile": "p"},
    ),
    "metadata.namespace": ("open", "default", "kube-system"),
}
"""A path in a good Deployment -> what is put there; ABSENT takes it away."""


def edited() -> Iterator[Any]:
    """A good Deployment with each edit."""
    good = next(each for each in fixtures("bounded-resources", "good.yaml"))
    for path, values in EDITS.items():
        for number, value in enumerate(values):
            document = copy.deepcopy(good)
            holder: Any = document
            *way, last = path.split(".")
            for step in way:
                holder = holder[int(step)] if step.isdigit() else holder[step]
            if value is ABSENT:
                holder.pop(last, None)
            else:
                holder[last] = copy.deepcopy(value)
            yield pytest.param(document, id=f"{path.removeprefix(f'{POD}.')}-{number}")


@pytest.mark.parametrize("document", list(edited()))
def test_the_api_server_and_the_rules_agree(exchange: Cluster, workloads: Plan, document: Json) -> None:
    """What the API's own validation refuses before any policy is asked, a rule refuses all the same."""
    told = refusal(exchange, document)
    named = {policy for policy in EQUAL if f"ValidatingAdmissionPolicy '{policy}'" in told}
    others = [each for each in workloads.to_json()["resources"] if each["type"] not in objects.WORKLOADS]
    stated = [*others, resource_of(document)]
    analysis = analyse(stated, stack="production-workloads")
    refused = {violation.rule for violation in analysis.violations}
    assert not analysis.not_evaluated
    assert {EQUAL[policy] for policy in named} <= refused
    assert bool(told) == bool(refused), (told, refused)
