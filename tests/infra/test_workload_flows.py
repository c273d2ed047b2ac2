"""What the network policies open: each allowed flow is listed here, and every other is closed."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from infra.settings import StackSettings
from infra.workloads.coverage import Party, Policy, UncomputedError, is_open
from infra.workloads.deploy import load_deployments
from infra.workloads.flow_page import documents, open_flows, ports_of_interest, rendered
from infra.workloads.flow_policies import network_policies
from infra.workloads.parties import exchange_parties, surrounding_parties
from sandbox.plan.record import Plan
from tests.infra.golden import CLUSTERS

SETTINGS = StackSettings.model_validate({"environment": "local", "account_id": "123456789012", "region": "eu-west-1"})
DEPLOYMENTS = load_deployments()
PODS = exchange_parties(SETTINGS, DEPLOYMENTS)
AROUND = surrounding_parties(SETTINGS)
PARTIES = {each.name: each for each in [*PODS, *AROUND]}
INSIDE = ("private subnets", "cluster DNS", "pod of another namespace")
"""Who has an address in the private subnets and no policy of ours: a block of addresses cannot tell them apart."""

ALLOWED = {
    *((pod.name, "cluster DNS", 53) for pod in PODS),
    ("pod of no service", "cluster DNS", 53),
    ("gateway", "matching", 7001),
    ("gateway", "database and brokers", 5432),
    ("gateway migration", "database and brokers", 5432),
    ("ledger", "database and brokers", 5432),
    ("ledger", "database and brokers", 9098),
    ("ledger", "Pod Identity agent", 80),
    ("ledger migration", "database and brokers", 5432),
    ("matching", "database and brokers", 9098),
    ("matching", "Pod Identity agent", 80),
    ("matching", "API server", 443),
    *(("matching", target, 443) for target in INSIDE),
    *((source, "gateway", port) for source in INSIDE for port in (8080, 8081)),
    *((source, "ledger", 7012) for source in INSIDE),
    *((source, "matching", 7002) for source in INSIDE),
}

OURS = [each.name for each in PARTIES.values() if each.namespace == "exchange"]
POLICIES = rendered(SETTINGS, DEPLOYMENTS)
port_numbers = st.integers(1, 65535) | st.sampled_from(ports_of_interest(DEPLOYMENTS))


def concerns_us(source: str, target: str) -> bool:
    return source in OURS or target in OURS


def test_exactly_the_listed_flows_are_open() -> None:
    found = {
        (source, target, port)
        for source in PARTIES
        for target in PARTIES
        for port in ports_of_interest(DEPLOYMENTS)
        if concerns_us(source, target) and is_open(POLICIES, PARTIES[source], PARTIES[target], port)
    }
    assert found == ALLOWED


@given(source=st.sampled_from(sorted(PARTIES)), target=st.sampled_from(sorted(PARTIES)), port=port_numbers)
@example(source="ledger", target="matching", port=7001)
@example(source="gateway", target="database and brokers", port=9098)
@example(source="gateway", target="private subnets", port=443)
@example(source="matching", target="metadata service", port=80)
@example(source="gateway", target="internet", port=443)
@example(source="internet", target="gateway", port=8080)
@example(source="pod of no service", target="matching", port=7001)
@example(source="gateway migration", target="matching", port=7001)
def test_no_pair_has_an_open_port_that_is_not_listed(source: str, target: str, port: int) -> None:
    if concerns_us(source, target):
        assert is_open(POLICIES, PARTIES[source], PARTIES[target], port) == ((source, target, port) in ALLOWED)


@given(source=st.sampled_from(sorted(PARTIES)), target=st.sampled_from(sorted(PARTIES)), port=port_numbers)
def test_datagrams_go_to_the_dns_only(source: str, target: str, port: int) -> None:
    if concerns_us(source, target) and is_open(POLICIES, PARTIES[source], PARTIES[target], port, "UDP"):
        assert (target, port) == ("cluster DNS", 53)


@pytest.mark.parametrize("stack", CLUSTERS)
def test_the_clusters_get_these_policies(plans: dict[str, Plan], stack: str) -> None:
    declared = {
        each.inputs["metadata"]["name"]: each.inputs["spec"]
        for each in plans[stack].of_type("kubernetes:networking.k8s.io/v1:NetworkPolicy")
    }
    if stack == "local":
        assert declared == network_policies(SETTINGS, DEPLOYMENTS)
    assert list(declared) == sorted(network_policies(SETTINGS, DEPLOYMENTS))


def test_the_page_and_its_picture_are_fresh() -> None:
    stale = [file.name for file, text in documents().items() if not file.exists() or file.read_text() != text]
    assert stale == [], "python -m infra.workloads.flow_page --write"


def test_the_page_tells_every_flow_of_a_pod() -> None:
    told = {
        (flow.source, flow.target, int(port.partition("/")[0]))
        for flow in open_flows(SETTINGS, DEPLOYMENTS)
        for port in flow.ports
    }
    assert told == {each for each in ALLOWED if each[0] != "pod of no service"}


# ------------------------------------------------------------------ the computation itself

A = Party("a", (IPv4Network("10.0.0.0/24"),), {"app": "a"}, "exchange")
B = Party("b", (IPv4Network("10.0.1.0/24"),), {"app": "b"}, "exchange")
OUTSIDE = Party("outside", (IPv4Network("192.0.2.0/24"),))


def policy(**spec: object) -> Policy:
    return {"metadata": {"name": "it", "namespace": "exchange"}, "spec": {"podSelector": {}, **spec}}


DENY = policy(policyTypes=["Ingress", "Egress"])
OUT_A = policy(podSelector={"matchLabels": {"app": "a"}}, policyTypes=["Egress"], egress=[{}])
IN_B = policy(podSelector={"matchLabels": {"app": "b"}}, policyTypes=["Ingress"], ingress=[{}])


def block(cidr: str, *holes: str) -> Policy:
    peer = {"ipBlock": {"cidr": cidr, **({"except": list(holes)} if holes else {})}}
    return policy(podSelector={"matchLabels": {"app": "a"}}, policyTypes=["Egress"], egress=[{"to": [peer]}])


@pytest.mark.parametrize(
    ("policies", "source", "target", "port", "expected"),
    [
        ([], A, B, 80, True),
        ([DENY], A, B, 80, False),
        ([DENY, OUT_A], A, B, 80, False),
        ([DENY, IN_B], A, B, 80, False),
        ([DENY, OUT_A, IN_B], A, B, 80, True),
        ([DENY, OUT_A, IN_B], B, A, 80, False),
        ([DENY], OUTSIDE, A, 80, False),
        ([DENY], OUTSIDE, OUTSIDE, 80, True),
        ([DENY, block("192.0.2.0/25")], A, OUTSIDE, 80, True),
        ([DENY, block("192.0.0.0/16", "192.0.2.0/24")], A, OUTSIDE, 80, False),
        ([DENY, block("192.0.0.0/16", "192.0.2.0/25")], A, OUTSIDE, 80, True),
        ([policy(egress=[])], A, B, 80, False),
        ([policy(ingress=[])], B, A, 80, False),
        ([policy(policyTypes=["Egress"], egress=[{"ports": [{"port": 80, "endPort": 90}]}])], A, OUTSIDE, 85, True),
        ([policy(policyTypes=["Egress"], egress=[{"ports": [{"port": 80, "endPort": 90}]}])], A, OUTSIDE, 91, False),
        ([policy(policyTypes=["Egress"], egress=[{"ports": [{"protocol": "UDP"}]}])], A, OUTSIDE, 85, False),
        ([policy(policyTypes=["Egress"], egress=[{"to": [{"namespaceSelector": {}}]}])], A, B, 80, True),
        ([policy(policyTypes=["Egress"], egress=[{"to": [{"podSelector": {}}]}])], A, OUTSIDE, 80, False),
    ],
)
def test_policies_are_read_as_kubernetes_reads_them(
    policies: list[Policy], source: Party, target: Party, port: int, expected: bool
) -> None:
    assert is_open(policies, source, target, port) is expected


@pytest.mark.parametrize(
    "unknown",
    [
        policy(podSelector={"matchExpressions": [{"key": "app", "operator": "Exists"}]}),
        policy(policyTypes=["Egress"], egress=[{"ports": [{"port": "http"}]}]),
    ],
)
def test_what_is_not_computed_is_an_error_and_never_a_guess(unknown: Policy) -> None:
    with pytest.raises(UncomputedError):
        is_open([unknown], A, B, 80)
