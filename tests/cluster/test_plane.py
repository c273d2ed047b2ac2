"""The control plane is a real one: it admits, authorises, limits, logs, and keeps its secrets."""

from __future__ import annotations

import json
import ssl
import time
from typing import Any

import httpx
import pytest

from sandbox.runtime.controlplane.pins import kubernetes_version
from sandbox.twin.kubernetes_api import ApiError, Reference
from tests.cluster.conftest import Cluster

Json = dict[str, Any]


def config_map(namespace: str, name: str, **data: str) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}, "data": data}


def pod(namespace: str, name: str = "pod") -> Json:
    container = {"name": "main", "image": "example.test/main@sha256:" + "0" * 64}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]}}


def test_the_release_is_the_one_that_is_pinned_and_that_the_cloud_runs(cluster: Cluster) -> None:
    assert cluster.api.ask("GET", "/version")["gitVersion"] == f"v{kubernetes_version()}"


def test_nobody_is_answered_without_a_certificate_or_token(cluster: Cluster) -> None:
    authority = ssl.create_default_context(cafile=str(cluster.plane.folder / "keys" / "authority.crt"))
    answer = httpx.get(f"{cluster.plane.url}/api/v1/namespaces", verify=authority, trust_env=False)
    assert answer.status_code == 401


def test_etcd_answers_the_api_server_alone(cluster: Cluster) -> None:
    keys = cluster.plane.folder / "keys"
    authority = ssl.create_default_context(cafile=str(keys / "etcd-authority.crt"))
    authority.load_cert_chain(keys / "administrator.crt", keys / "administrator.key")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"https://127.0.0.1:{cluster.plane.etcd_port}/health", verify=authority, trust_env=False)


def test_a_field_that_the_api_does_not_know_is_refused_by_its_path(cluster: Cluster, namespace: str) -> None:
    wrong = pod(namespace)
    wrong["spec"]["containers"][0]["imagePullSecret"] = "typo"
    with pytest.raises(ApiError, match=r"\.spec\.containers\[name=\"main\"\]\.imagePullSecret"):
        cluster.apply(wrong)


def test_pod_security_decides_where_a_namespace_asks_for_it(cluster: Cluster, namespace: str) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})
    with pytest.raises(ApiError, match="violates PodSecurity") as refused:
        cluster.apply(pod(namespace))
    assert (refused.value.status, refused.value.reason) == (403, "Forbidden")


def test_a_quota_binds(cluster: Cluster, namespace: str) -> None:
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": namespace}}
    cluster.apply(quota | {"spec": {"hard": {"count/configmaps": "2"}}})
    few = Reference("v1", "ResourceQuota", namespace, "few")
    used: object = None
    while used != "1":  # kube-root-ca.crt, which every namespace gets
        used = ((cluster.api.find(few) or {}).get("status") or {}).get("used", {}).get("count/configmaps")
        time.sleep(0.02)
    cluster.apply(config_map(namespace, "second"))
    with pytest.raises(ApiError, match="exceeded quota: few"):
        cluster.apply(config_map(namespace, "third"))


def test_a_namespace_ends_with_everything_in_it(cluster: Cluster, namespace: str) -> None:
    cluster.apply(config_map(namespace, "settings"))
    cluster.api.delete(Reference("v1", "Namespace", None, namespace), within_s=60)
    assert cluster.api.find(Reference("v1", "ConfigMap", namespace, "settings")) is None


def test_a_service_account_may_what_rbac_grants_it_and_nothing_else(cluster: Cluster, namespace: str) -> None:
    group, metadata = "rbac.authorization.k8s.io", {"name": "reader", "namespace": namespace}
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    subject = {"kind": "ServiceAccount", "name": "reader", "namespace": namespace}
    cluster.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
    cluster.apply({"apiVersion": f"{group}/v1", "kind": "Role", "metadata": metadata, "rules": [rule]})
    reference = {"apiGroup": group, "kind": "Role", "name": "reader"}
    binding = {"apiVersion": f"{group}/v1", "kind": "RoleBinding", "metadata": metadata, "roleRef": reference}
    cluster.apply(binding | {"subjects": [subject]})
    reader = cluster.client_for("reader", namespace)
    assert cluster.may(reader, "get", "configmaps", namespace=namespace)
    assert not cluster.may(reader, "delete", "configmaps", namespace=namespace)
    assert not cluster.may(reader, "get", "secrets", namespace=namespace)
    with pytest.raises(ApiError, match="cannot list resource") as refused:
        reader.every("v1", "Secret", namespace)
    assert refused.value.status == 403


def test_a_workloads_pods_are_made_so_that_admission_judges_them(cluster: Cluster, namespace: str) -> None:
    labels = {"app": "main"}
    template = {"metadata": {"labels": labels}, "spec": pod(namespace)["spec"]}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    metadata = {"name": "main", "namespace": namespace}
    cluster.apply({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec})
    while not (made := cluster.api.every("v1", "Pod", namespace)):
        time.sleep(0.02)
    assert made[0]["status"]["phase"] == "Pending", "no kubelet runs"
    cluster.api.delete(Reference("apps/v1", "Deployment", namespace, "main"), within_s=60)
    assert cluster.api.every("v1", "Pod", namespace) == [], "foreground deletion ends with what it owned"


def test_the_add_ons_own_type_is_there_and_validated(cluster: Cluster, namespace: str) -> None:
    wanted = {
        "apiVersion": "secrets-store.csi.x-k8s.io/v1",
        "kind": "SecretProviderClass",
        "metadata": {"name": "secrets", "namespace": namespace},
        "spec": {"provider": "aws", "parameters": {"objects": "- objectName: operator"}},
    }
    assert cluster.apply(wanted)["spec"] == wanted["spec"]
    with pytest.raises(ApiError, match=r"\.spec\.parameter: field not declared in schema"):
        cluster.apply(wanted | {"spec": {"provider": "aws", "parameter": {}}})


def test_the_audit_log_tells_who_changed_what_and_no_secret(cluster: Cluster, namespace: str) -> None:
    metadata = {"name": "operator", "namespace": namespace}
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": "hunter2"}})
    path = f"/api/v1/namespaces/{namespace}/secrets/operator"
    told: list[Json] = []
    while not told:
        events = map(json.loads, cluster.plane.audit_log.read_text().splitlines())
        told = [event for event in events if path in event["requestURI"] and event["verb"] == "patch"]
    assert told[0]["user"]["username"] == "valletta-administrator"
    logged = cluster.plane.audit_log.read_text()
    assert "hunter2" not in logged
    assert "aHVudGVyMg" not in logged


def test_secrets_are_encrypted_in_etcd(cluster: Cluster, namespace: str) -> None:
    secret = "a-word-that-stands-nowhere-else"
    metadata = {"name": "hidden", "namespace": namespace}
    cluster.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": {"password": secret}})
    cluster.apply(config_map(namespace, "plain", word="a-word-that-is-no-secret"))
    kept = b"".join(path.read_bytes() for path in (cluster.plane.folder / "etcd").rglob("*") if path.is_file())
    assert b"a-word-that-is-no-secret" in kept
    assert secret.encode() not in kept
