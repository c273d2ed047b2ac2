"""Everything that the program declares is what a real API server takes, keeps and bounds."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sandbox.plan.record import Plan
from sandbox.twin.kubernetes_api import ApiError, Reference
from tests.cluster.conftest import Cluster
from tests.cluster.exchange.conftest import fixtures, in_order


def test_every_manifest_is_kept_as_declared(exchange: Cluster, workloads: Plan) -> None:
    """Strict validation refused no field; and what was kept holds everything that was declared."""
    for manifest in in_order(workloads):
        kept = exchange.api.find(Reference.of(manifest))
        assert kept is not None
        assert missing(manifest, kept) == [], (manifest["kind"], manifest["metadata"]["name"])


def missing(declared: object, kept: object, path: str = "") -> list[str]:
    """The paths in which what was kept lacks what was declared; quantities may be written otherwise."""
    match declared, kept:
        case dict(), dict():
            return [one for key, value in declared.items() for one in missing(value, kept.get(key), f"{path}.{key}")]
        case list(), list() if len(declared) == len(kept):
            pairs = zip(declared, kept, strict=True)
            return [one for n, (mine, theirs) in enumerate(pairs) for one in missing(mine, theirs, f"{path}[{n}]")]
        case ((False | None | [] | {}), None):
            return []
    return [] if declared == kept or _same_quantity(declared, kept) else [f"{path}: {declared!r} became {kept!r}"]


def _same_quantity(declared: object, kept: object) -> bool:
    units = {"m": 0.001, "Mi": 2**20, "Gi": 2**30, "": 1}

    def number(text: object) -> float | None:
        digits = str(text).rstrip("mMiG")
        return float(digits) * units[str(text)[len(digits) :]] if digits.isdigit() else None

    return number(declared) is not None and number(declared) == number(kept)


def test_the_services_pods_are_made_for_no_guardrail_refuses_them(exchange: Cluster, workloads: Plan) -> None:
    """The controllers make the pods of the deployments, the shard and the migrations, under quota and admission."""
    wanted = {"gateway", "ledger", "matching"}
    while {each["metadata"]["labels"]["app.kubernetes.io/name"] for each in _pods(exchange)} != wanted:
        time.sleep(0.1)
    for pod in _pods(exchange):
        assert pod["spec"]["priority"] > 0, "its class was resolved"
        projected = [each for each in pod["spec"]["volumes"] if "projected" in each]
        shard = pod["metadata"]["labels"]["app.kubernetes.io/name"] == "matching"
        assert len(projected) == (1 if shard else 0), "Kubernetes mounted no token of its own"


def _pods(exchange: Cluster) -> list[dict[str, Any]]:
    return exchange.api.every("v1", "Pod", "exchange")


def test_the_quota_binds(exchange: Cluster) -> None:
    """The namespace has no Secret at all, so the first is one too many."""
    (secret,) = fixtures("no-lasting-tokens", "good.yaml")
    with pytest.raises(ApiError, match="exceeded quota: exchange, requested: secrets=1"):
        exchange.apply(secret, dry_run=True)


def test_a_container_larger_than_the_namespace_allows_is_refused(exchange: Cluster) -> None:
    (pod, _) = fixtures("images-by-digest", "good.yaml")
    pod["spec"]["containers"][0]["resources"]["limits"] = {"cpu": "3", "memory": "128Mi"}
    with pytest.raises(ApiError, match="maximum cpu usage per Container is 2"):
        exchange.apply(pod, dry_run=True)


def test_pods_that_pod_security_refuses_are_refused(exchange: Cluster) -> None:
    (pod, _) = fixtures("images-by-digest", "good.yaml")
    pod["spec"]["hostNetwork"] = True
    with pytest.raises(ApiError, match=r"violates PodSecurity .restricted:v1\.35"):
        exchange.apply(pod, dry_run=True)
