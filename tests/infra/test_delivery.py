"""Who deploys, and what the pipeline may do, as an auditor reads it off the plans."""

from __future__ import annotations

import fnmatch
import json
import re
from pathlib import Path
from typing import Any

import pytest

from infra.foundation.delivery.deployer_rights import PASSED_TO
from sandbox.plan.record import Plan, PlannedResource
from tests.infra.golden import FOUNDATIONS
from tests.infra.test_plans import each_foundation, only, statements

SUBJECT = "token.actions.githubusercontent.com:sub"
CLONE = Path(__file__).parents[2]


def role(plan: Plan, part: str) -> PlannedResource:
    return next(each for each in plan.of_type("aws:iam/role:Role") if each.name == f"deployer-{part}")


def rights(plan: Plan, name: str) -> dict[str, dict[str, Any]]:
    """The statements of a role's own policy, by their id."""
    (policy,) = (each for each in plan.of_type("aws:iam/rolePolicy:RolePolicy") if each.name == name)
    return {each["Sid"]: each for each in json.loads(policy.inputs["policy"])["Statement"]}


@pytest.mark.parametrize(
    ("stack", "part", "environments"),
    [
        ("production", "preview", ["preview"]),
        ("production", "images", ["images"]),
        ("production", "deploy", ["production"]),
        ("staging", "deploy", ["staging", "ephemeral"]),
    ],
)
def test_a_role_is_taken_by_the_whole_name_of_an_environment_and_nothing_less(
    plans: dict[str, Plan], stack: str, part: str, environments: list[str]
) -> None:
    (statement,) = json.loads(role(plans[stack], part).inputs["assumeRolePolicy"])["Statement"]
    assert list(statement["Condition"]) == ["StringEquals"], "a pattern would let in a repository with a longer name"
    assert statement["Condition"]["StringEquals"][SUBJECT] == [
        f"repo:acme/valletta:environment:{each}" for each in environments
    ]
    assert statement["Principal"]["Federated"].endswith(":oidc-provider/token.actions.githubusercontent.com")


@each_foundation
def test_who_previews_changes_nothing_but_a_lock_of_pulumis(plans: dict[str, Plan], stack: str) -> None:
    attached = {
        each.inputs["policyArn"].rpartition("/")[2]
        for each in plans[stack].of_type("aws:iam/rolePolicyAttachment:RolePolicyAttachment")
        if each.name.startswith("deployer-preview-")
    }
    assert attached == {"SecurityAudit", "ViewOnlyAccess"}
    own = rights(plans[stack], "deployer-preview")
    changing = {
        sid
        for sid, each in own.items()
        if any(not re.search(r":(Get|List|Batch(Get|Check)|Describe)", a) for a in each["Action"])
    }
    assert changing <= {"LockState", "ReadConfiguration"}
    if "LockState" in own:
        assert own["LockState"]["Resource"].endswith("/.pulumi/locks/*")


@each_foundation
def test_who_pushes_images_pushes_to_the_stacks_repositories_and_deletes_none(
    plans: dict[str, Plan], stack: str
) -> None:
    own = rights(plans[stack], "deployer-images")
    assert set(own) == {"LogIn", "Push"}
    assert own["Push"]["Resource"].endswith(":repository/valletta/*")
    assert not any("Delete" in action for action in own["Push"]["Action"])


@each_foundation
def test_who_deploys_makes_no_people_no_keys_and_does_not_change_itself(plans: dict[str, Plan], stack: str) -> None:
    own = rights(plans[stack], "deployer-deploy")
    assert own["NoPeople"]["Effect"] == own["NotItself"]["Effect"] == own["NotWhoMayTakeIt"]["Effect"] == "Deny"
    assert {"iam:CreateUser", "iam:CreateAccessKey"} <= set(own["NoPeople"]["Action"])
    assert {each.rpartition("-")[2] for each in own["NotItself"]["Resource"]} == {"preview", "images", "deploy"}
    assert {"iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"} <= set(own["NotItself"]["Action"])


@pytest.mark.parametrize("stack", FOUNDATIONS)
def test_the_pipeline_may_do_with_roles_whatever_the_program_does(plans: dict[str, Plan], stack: str) -> None:
    """Or the first deployment that needs it fails half-way."""
    plan = plans[stack]
    own = rights(plan, "deployer-deploy")
    places = own["KeepRoles"]["Resource"]
    for each in plan.of_type("aws:iam/role:Role"):
        if "::log-archive::" not in each.provider and "::backup::" not in each.provider:
            account = places.split(":")[4]
            assert fnmatch.fnmatch(f"arn:aws:iam::{account}:role/{each.inputs['name']}", places), each.name
    acting = {
        service
        for resource, statement in statements(plan)
        if resource.type == "aws:iam/role:Role"
        for service in [statement["Principal"].get("Service")]
        if service
    }
    assert acting <= set(PASSED_TO)


def test_a_released_image_is_deleted_by_nobody_without_a_second_factor_and_by_no_rule(production: Plan) -> None:
    repositories = production.of_type("aws:ecr/repository:Repository")
    policies = production.of_type("aws:ecr/repositoryPolicy:RepositoryPolicy")
    assert len(policies) == len(repositories)
    for each in policies:
        (statement,) = json.loads(each.inputs["policy"])["Statement"]
        assert statement["Effect"] == "Deny"
        assert "ecr:BatchDeleteImage" in statement["Action"]
        assert statement["Condition"] == {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    for each in production.of_type("aws:ecr/lifecyclePolicy:LifecyclePolicy"):
        (rule,) = json.loads(each.inputs["policy"])["rules"]
        assert rule["selection"]["tagStatus"] == "tagged", "signatures and attestations have no tag"
        assert rule["selection"]["tagPatternList"] == ["pr-*"]
    scanning = only(production, "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration").inputs
    assert (scanning["scanType"], scanning["rules"][0]["scanFrequency"]) == ("ENHANCED", "CONTINUOUS_SCAN")


@each_foundation
def test_the_runner_stands_in_the_private_subnets_and_reaches_the_clusters_api(
    plans: dict[str, Plan], stack: str
) -> None:
    plan = plans[stack]
    project = only(plan, "aws:codebuild/project:Project")
    private = [each for each in plan.of_type("aws:ec2/subnet:Subnet") if "-private-" in each.name]
    assert {each.urn for each in private} <= set(project.dependencies)
    assert project.inputs["environment"]["privilegedMode"] is False
    way = next(
        each
        for each in plan.of_type("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        if each.name == "runner-api"
    )
    assert (way.inputs["fromPort"], way.inputs["toPort"]) == (443, 443)
    assert only(plan, "aws:eks/cluster:Cluster").urn in way.dependencies
    assert set(rights(plan, "runner-machine")) == {
        "WriteLog",
        "LookAround",
        "Plug",
        "Unplug",
        "LetBuildsPlug",
        "HearOfJobs",
    }


@pytest.mark.parametrize(("stack", "workflows"), [("production", {"deploy"}), ("staging", {"deploy", "preview"})])
def test_the_runner_hears_of_the_workflows_that_exist_and_have_business_there(
    plans: dict[str, Plan], stack: str, workflows: set[str]
) -> None:
    (group,) = only(plans[stack], "aws:codebuild/webhook:Webhook").inputs["filterGroups"]
    patterns = {each["type"]: each["pattern"] for each in group["filters"]}
    assert patterns["EVENT"] == "WORKFLOW_JOB_QUEUED"
    assert set(patterns["WORKFLOW_NAME"].strip("^()$").split("|")) == workflows
    names = {
        found[1]
        for file in (CLONE / ".github/workflows").glob("*.yml")
        if (found := re.search(r"^name: (\S+)$", file.read_text(), re.MULTILINE))
    }
    assert workflows <= names
