"""The admission policies as files: read as data, each with its control, its scope and its fixtures."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from infra.settings import StackSettings
from infra.workloads.admission import FOLDER, AdmissionError, load_admission, parameters
from infra.workloads.deploy import load_deployments
from sandbox.plan.record import Plan
from tests.infra.golden import CLUSTERS

POLICIES = load_admission()
each_policy = pytest.mark.parametrize("name", POLICIES)
SYSTEM = [
    "kube-system",
    "kube-public",
    "kube-node-lease",
    "amazon-cloudwatch",
    "amazon-guardduty",
    "aws-secrets-manager",
]
CONTROLS = {"CHG-1", "CHG-5", "IAM-4", "IAM-5", "NET-4"}


def test_every_admission_control_has_a_policy() -> None:
    assert {policy["metadata"]["annotations"]["valletta/control"] for policy, _ in POLICIES.values()} == CONTROLS


@each_policy
def test_a_policy_fails_closed_and_denies(name: str) -> None:
    policy, binding = POLICIES[name]
    assert policy["spec"]["failurePolicy"] == "Fail"
    assert binding["spec"]["validationActions"] == ["Deny"]
    asked = binding["spec"].get("paramRef")
    assert (asked is None) == ("paramKind" not in policy["spec"])
    assert asked is None or asked["parameterNotFoundAction"] == "Deny"


@each_policy
def test_a_policy_cannot_stop_what_the_cluster_itself_runs_on(name: str) -> None:
    """By the namespace of the object, or of what has none by who writes it."""
    policy, binding = POLICIES[name]
    selector = binding["spec"].get("matchResources", {}).get("namespaceSelector")
    if selector is None:
        (condition,) = policy["spec"]["matchConditions"]
        assert "system:apiserver" in condition["expression"]
        assert "startsWith('eks:')" in condition["expression"]
    elif name == "nothing-in-default":
        assert selector == {"matchLabels": {"kubernetes.io/metadata.name": "default"}}
    else:
        (rule,) = selector["matchExpressions"]
        besides = ["default"] if name == "closed-network-first" else []
        assert rule == {"key": "kubernetes.io/metadata.name", "operator": "NotIn", "values": [*SYSTEM, *besides]}


@each_policy
def test_no_policy_judges_what_takes_objects_away(name: str) -> None:
    """Or a namespace could not end: the pods' finalizers are taken off after its network policies are gone."""
    rules = POLICIES[name][0]["spec"]["matchConstraints"]["resourceRules"]
    allowed = {"CREATE"} if name == "closed-network-first" else {"CREATE", "UPDATE"}
    assert all(set(rule["operations"]) <= allowed for rule in rules)


@each_policy
def test_a_policy_has_fixtures_that_say_what_they_show(name: str) -> None:
    for file in ("good.yaml", "bad.yaml"):
        text = (FOLDER / name / file).read_text()
        assert len(re.findall(r"(?m)^---$", text)) + 1 == len(re.findall(r"(?m)\A# |^---\n# ", text)), file
        documents = list(yaml.safe_load_all(text))
        if file == "bad.yaml":
            assert all(each["metadata"]["name"].startswith("bad") for each in documents)


@pytest.mark.parametrize("stack", CLUSTERS)
def test_every_policy_is_declared_as_its_file_has_it(plans: dict[str, Plan], stack: str) -> None:
    for position, kind in enumerate(("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")):
        declared = {
            each.inputs["metadata"]["name"]: each.inputs["spec"]
            for each in plans[stack].of_type(f"kubernetes:admissionregistration.k8s.io/v1:{kind}")
        }
        assert declared == {name: pair[position]["spec"] for name, pair in POLICIES.items()}


def test_the_parameters_are_the_stacks_own() -> None:
    stack = StackSettings.model_validate(
        {"environment": "local", "account_id": "123456789012", "region": "eu-west-1", "image_registry": "here.example"}
    )
    assert parameters(stack, load_deployments().values()) == {
        "registry": "here.example",
        "token-accounts": "matching-0",
        "edge-node-port": "30080",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "is not YAML"),
        ("kind: Pod\n", "a ValidatingAdmissionPolicy and its binding are wanted"),
        ("- 1\n", "a ValidatingAdmissionPolicy and its binding are wanted"),
        (
            "kind: ValidatingAdmissionPolicy\nmetadata: {name: other}\n---\n"
            "kind: ValidatingAdmissionPolicyBinding\nmetadata: {name: mine}\nspec: {policyName: mine}\n",
            "the names other, mine, mine are not all that of the folder",
        ),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "mine" / "policy.yaml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(AdmissionError) as refusal:
        load_admission(tmp_path)
    assert str(file) in str(refusal.value)
    assert told in str(refusal.value)
