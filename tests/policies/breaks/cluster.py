"""Breaks of what is in the cluster, for the controls of several families."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policies.values import Value
from tests.policies.account.whole import TestAccount
from tests.policies.breaks.breaking import Break
from tests.policies.kubernetes_api import APPS, CORE, LEASES, NAMESPACES, PODS, POLICIES, RBAC, binding, node_lease

GATEWAY = "gateway"
DEPLOYMENTS = f"{APPS}/deployments"


def changed(check: str, path: str, name: str, edit: Callable[[dict[str, Any]], object], reason: str) -> Break:
    """An object, made otherwise."""
    return Break(check, lambda a: a.kubernetes.change(path, name, edit), reason, _mend)


def added(check: str, path: str, document: dict[str, Any], reason: str) -> Break:
    """One more object."""
    return Break(check, lambda a: a.kubernetes.add(path, document), reason, _mend)


def removed(check: str, path: str, name: str, reason: str) -> Break:
    """An object less."""
    return Break(check, lambda a: a.kubernetes.remove(path, name), reason, _mend)


def _mend(account: TestAccount) -> None:
    account.kubernetes.mend()


def _pod(**changes: Value) -> Callable[[dict[str, Any]], object]:
    return lambda pod: pod["spec"].update(changes)


def _main(**changes: Value) -> Callable[[dict[str, Any]], object]:
    return lambda pod: pod["spec"]["containers"][0].update(changes)


def _template(**changes: Value) -> Callable[[dict[str, Any]], object]:
    return lambda maker: maker["spec"]["template"]["spec"]["containers"][0].update(changes)


def _started(image: str) -> Callable[[dict[str, Any]], object]:
    return lambda pod: pod["status"]["containerStatuses"][0].update(imageID=image)


_EVERYTHING = [{"apiGroups": [""], "resources": ["*"], "verbs": ["get"]}]
_DEBUGGER = [{"name": "debugger", "image": "busybox:1.36"}]

BREAKS = [
    removed("net-4-namespace-closed", POLICIES, "default-deny", "no network policy that denies everything"),
    changed(
        "net-4-namespace-closed",
        POLICIES,
        "default-deny",
        lambda p: p["spec"].update(podSelector={"matchLabels": {"app": "gateway"}}),
        "no network policy that denies everything",
    ),
    changed(
        "net-4-one-way-in",
        f"{CORE}/services",
        "ledger",
        lambda s: s["spec"].update(type="LoadBalancer"),
        "LoadBalancer",
    ),
    changed(
        "net-4-one-way-in",
        f"{CORE}/services",
        "ledger",
        lambda s: s["spec"].update(externalIPs=["203.0.113.7"]),
        "an address from outside",
    ),
    changed(
        "iam-4-accounts-without-tokens",
        f"{CORE}/serviceaccounts",
        "ledger",
        lambda s: s.pop("automountServiceAccountToken"),
        "mounts a token into its pods",
    ),
    changed("iam-4-no-mounted-tokens", PODS, GATEWAY, _pod(automountServiceAccountToken=True), "mounts a token"),
    changed(
        "iam-4-no-secrets",
        f"{CORE}/resourcequotas",
        "exchange",
        lambda q: q["status"]["used"].update(secrets="2"),
        "holds 2 Secrets",
    ),
    removed("iam-4-no-secrets", f"{CORE}/resourcequotas", "exchange", "no quota that allows no Secret"),
    added(
        "iam-5-no-cluster-admins",
        f"{RBAC}/clusterrolebindings",
        {"metadata": {"name": "someone"}, **binding("cluster-admin", "developers")},
        "binds the cluster role cluster-admin",
    ),
    added(
        "iam-5-no-cluster-admins",
        f"{RBAC}/clusterrolebindings",
        {
            "metadata": {"name": "someone", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
            **binding("view", "system:unauthenticated"),
        },
        "binds to whoever asks",
    ),
    changed(
        "iam-5-roles-without-wildcards", f"{RBAC}/roles", "matching", lambda r: r.update(rules=_EVERYTHING), "wildcard"
    ),
    changed("chg-1-images-by-digest", DEPLOYMENTS, GATEWAY, _template(image="nginx:latest"), "runs nginx:latest"),
    changed("chg-3-live-images", PODS, GATEWAY, _started("valletta/gateway@sha256:" + "0" * 64), "not in the baseline"),
    changed(
        "chg-5-namespace-restricted",
        NAMESPACES,
        "exchange",
        lambda n: n["metadata"]["labels"].pop("pod-security.kubernetes.io/enforce"),
        "enforces no profile",
    ),
    changed("chg-5-restricted-workloads", PODS, GATEWAY, _main(securityContext={}), "can write to its root"),
    changed("chg-5-restricted-workloads", PODS, GATEWAY, _pod(ephemeralContainers=_DEBUGGER), "container debugger"),
    changed("chg-5-restricted-workloads", PODS, GATEWAY, _pod(hostNetwork=True), "hostNetwork"),
    Break(
        "chg-5-account-apart",
        lambda a: a.rebuild_cluster(tags={"valletta:environment": "staging"}),
        "production and staging side by side",
        lambda a: a.rebuild_cluster(),
    ),
    added(
        "loc-3-images",
        PODS,
        {
            "metadata": {"name": "stray", "namespace": "exchange"},
            "spec": {"containers": [{"name": "x", "image": "docker.io/library/nginx:1"}]},
        },
        "library/nginx is in the cluster, and not in the register",
    ),
    Break(
        "loc-3-resources",
        lambda a: a.rebuild_brokers(ClusterName="shadow"),
        "the register names Journal",
        lambda a: a.rebuild_brokers(),
    ),
    added(
        "tim-1-node-clock",
        LEASES,
        node_lease("node-2", "2026-11-23T08:00:05.300000Z", "2026-11-23T08:00:00Z"),
        "5.3 seconds away",
    ),
]

ELSEWHERE = {"net-4-policies-enforced"}
