"""Settings of the cluster, the edge and delivery: bad ones are refused, with their key, their value and the remedy."""

from __future__ import annotations

import json

import pytest

from infra.kubernetes_versions import add_on_versions
from infra.settings.cluster import ControlPlaneEgress, NodeOs, is_arm
from tests.infra.configuration import LOCAL, PRODUCTION, assert_refused, settings

ROLE = "arn:aws:iam::123456789012:role/auditors"

REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (LOCAL, {"cluster_version": "1.20"}, "valletta:cluster_version is '1.20': the versions are 1.34, 1.35, 1.36"),
    (LOCAL, {"cluster_auto_mode": "perhaps"}, "valletta:cluster_auto_mode is 'perhaps'"),
    (LOCAL, {"cluster_egress": "mine"}, "valletta:cluster_egress is 'mine': Input should be 'aws-managed' or"),
    (LOCAL, {"node_os": "windows"}, "valletta:node_os is 'windows': Input should be 'al2023' or 'bottlerocket'"),
    (LOCAL, {"node_instance_types": '["large"]'}, "valletta:node_instance_types.0 is 'large': an EC2 instance type"),
    (LOCAL, {"node_instance_types": '["m7i.large", "m7g.large"]'}, "has m7i.large, m7g.large: a node group has one"),
    (LOCAL, {"cluster_auditors": '["alice"]'}, "valletta:cluster_auditors.0 is 'alice': the ARN of an IAM role"),
    (
        LOCAL,
        {"cluster_auditors": f'["{ROLE}"]', "cluster_administrators": f'["{ROLE}"]'},
        f"valletta:cluster_auditors names {ROLE}, as valletta:cluster_administrators does: EKS has one entry a role",
    ),
    (PRODUCTION, {"domain": "Exchange"}, "valletta:domain is 'Exchange': a domain in small letters is wanted"),
    (PRODUCTION, {"domain": "*.exchange.example"}, "a domain in small letters is wanted"),
    (PRODUCTION, {"parent_zone_id": "Z1"}, "valletta:parent_zone_id is set, but valletta:domain is not"),
    (PRODUCTION, {"edge_countries": '["MT"]'}, "valletta:edge_countries is set, but valletta:domain is not"),
    (LOCAL, {"parent_zone_id": "zone"}, "valletta:parent_zone_id is 'zone'"),
    (LOCAL, {"edge_countries": '["Malta"]'}, "valletta:edge_countries.0 is 'Malta': a country is named by its two"),
    (LOCAL, {"edge_requests_per_minute": "5"}, "valletta:edge_requests_per_minute is '5'"),
    (
        PRODUCTION,
        {
            "domain": "exchange.example",
            "dns_signing": "true",
            "organization_id": "o-abcdefghij",
            "guardrail_targets": '["123456789012"]',
        },
        "valletta:dns_signing needs us-east-1, which the policy on valletta:guardrail_targets forbids",
    ),
    (LOCAL, {"github_repository": "valletta"}, "valletta:github_repository is 'valletta': a repository of GitHub"),
    (LOCAL, {"github_connection_arn": "arn:aws:iam::1:role/x"}, "the ARN of a connection is wanted"),
    (LOCAL, {"state_bucket": "S"}, "valletta:state_bucket is 'S'"),
    (
        PRODUCTION,
        {"state_bucket": "valletta-state"},
        "valletta:state_bucket is set, but valletta:github_repository is not, to whose workflows it belongs",
    ),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED, ids=[json.dumps(each[1]) for each in REFUSED])
def test_a_setting_that_cannot_stand_is_refused_and_told(
    base: dict[str, str], changed: dict[str, str | None], told: str
) -> None:
    assert_refused(base, changed, told)


def test_without_a_domain_and_a_repository_a_stack_has_neither_edge_nor_pipeline() -> None:
    stack = settings(PRODUCTION)
    assert stack.domain is None
    assert stack.github_repository is None
    assert not stack.cluster_auto_mode
    assert stack.node_os is NodeOs.AL2023
    assert stack.cluster_egress is ControlPlaneEgress.AWS_MANAGED


@pytest.mark.parametrize(
    ("machine", "arm"),
    [("m7i.large", False), ("m7i-flex.large", False), ("g5.xlarge", False), ("m7g.large", True), ("c7gn.large", True)],
)
def test_the_architecture_of_a_node_is_read_off_its_type(machine: str, arm: bool) -> None:
    assert is_arm(machine) is arm


def test_every_kubernetes_version_pins_the_same_add_ons_and_its_own_proxy() -> None:
    versions = add_on_versions()
    assert len({frozenset(row) for row in versions.values()}) == 1
    for version, row in versions.items():
        assert row["kube-proxy"].startswith(f"v{version}."), "kube-proxy is of the control plane's version"
