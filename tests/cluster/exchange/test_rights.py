"""Who may do what in the cluster: the shard its lease, and every other account nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.workloads.deploy import load_deployments
from sandbox.twin.kubernetes_api import ApiError, KubernetesApi, Reference
from tests.cluster.conftest import Cluster

ACCOUNTS = sorted({account for each in load_deployments().values() for account in each.accounts(1)} | {"default"})
SHARDS = [each for each in ACCOUNTS if each.startswith("matching-")]
EVERYBODY = {
    ("create", "selfsubjectaccessreviews"),
    ("create", "selfsubjectrulesreviews"),
    ("create", "selfsubjectreviews"),
}
"""What Kubernetes lets whoever is signed in: ask what he himself may."""
PROBED = [
    (verb, group, resource)
    for verb in ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
    for group, resource in (
        ("", "pods"), ("", "pods/exec"), ("", "pods/ephemeralcontainers"), ("", "secrets"), ("", "configmaps"),
        ("", "serviceaccounts/token"), ("", "nodes"), ("", "namespaces"), ("apps", "deployments"),
        ("apps", "statefulsets"), ("batch", "jobs"), ("coordination.k8s.io", "leases"),
        ("rbac.authorization.k8s.io", "rolebindings"),
        ("networking.k8s.io", "networkpolicies"), ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
        ("secrets-store.csi.x-k8s.io", "secretproviderclasses"),
    )
]  # fmt: skip


def rules(client: KubernetesApi) -> set[tuple[str, str, tuple[str, ...]]]:
    """Everything that an account may do with resources of the namespace, as (verb, resource, names)."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": "exchange"},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status: dict[str, Any] = client.ask("POST", path, content=json.dumps(review))["status"]
    assert not status["incomplete"]
    return {
        (verb, resource, tuple(rule.get("resourceNames", ())))
        for rule in status["resourceRules"]
        for verb in rule["verbs"]
        for resource in rule["resources"]
    }


@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_may_use_its_own_lease_and_nothing_else(exchange: Cluster, account: str) -> None:
    own = {(verb, "leases", (account,)) for verb in ("get", "watch", "patch")} if account in SHARDS else set()
    everybody = {(verb, resource, ()) for verb, resource in EVERYBODY}
    assert rules(exchange.client_for(account, "exchange")) == own | everybody


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize("namespace", ["exchange", "kube-system", ""])
def test_every_other_thing_is_refused_when_asked_one_by_one(exchange: Cluster, account: str, namespace: str) -> None:
    client = exchange.client_for(account, "exchange")
    allowed = [
        (verb, resource)
        for verb, group, resource in PROBED
        if exchange.may(client, verb, resource, group=group, namespace=namespace)
    ]
    assert allowed == [], "without a name nothing is allowed, not even with leases"


@pytest.mark.parametrize("account", SHARDS)
def test_a_shard_writes_its_own_lease_and_no_other(exchange: Cluster, account: str) -> None:
    client = exchange.client_for(account, "exchange")
    lease = Reference("coordination.k8s.io/v1", "Lease", "exchange", account)
    patch = {"spec": {"holderIdentity": "somebody", "leaseDurationSeconds": 15}}
    path, kind = f"{client.path(lease)}?dryRun=All", "application/merge-patch+json"
    kept = client.ask("PATCH", path, content=json.dumps(patch), kind=kind)
    assert kept["spec"]["holderIdentity"] == "somebody"
    with pytest.raises(ApiError) as refused:
        client.find(Reference("coordination.k8s.io/v1", "Lease", "kube-system", account))
    assert refused.value.status == 403
