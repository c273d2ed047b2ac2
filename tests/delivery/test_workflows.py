"""The delivery workflows: pinned, with few rights, no stranger's text in a shell, and every name they use exists."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from infra.foundation.delivery.deployer_rights import ROLES
from infra.foundation.names import pipeline_role_name
from infra.settings import StackSettings
from infra.workloads.deploy import load_deployments
from sandbox.plan.program import read_stack
from tools.base_images import ROOT, base_of
from valletta.cli import app

GITHUB = ROOT / ".github"
WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in sorted(GITHUB.glob("workflows/*.yml"))}
ACTIONS = {path.parent.name: yaml.safe_load(path.read_text()) for path in sorted(GITHUB.glob("actions/*/action.yml"))}
FILES = sorted([*GITHUB.glob("workflows/*.yml"), *GITHUB.glob("actions/*/action.yml")])
JOBS = [
    pytest.param(job, id=f"{file.removesuffix('.yml')}-{name}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
]
STACKS = {path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")}
PEOPLES = re.compile(r"\$\{\{(?!\s*(runner|strategy)\.)")
"""An expression that is pasted into a script, whoever wrote its value; an environment variable is not."""


def steps() -> Iterator[dict[str, Any]]:
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            yield from job.get("steps", ())
    for action in ACTIONS.values():
        yield from action["runs"]["steps"]


def triggers(name: str) -> Any:  # noqa: ANN401 (YAML reads the key `on` as true)
    return WORKFLOWS[name][True]


def scripts() -> str:
    return "\n".join(step["run"].replace("\\\n", " ") for step in steps() if "run" in step)


def test_every_action_of_somebody_elses_is_pinned_to_a_commit_and_says_which_version_that_is() -> None:
    versions: dict[str, set[str]] = {}
    for file in FILES:
        for used in re.findall(r"uses: (\S+)(.*)", file.read_text()):
            action, comment = used
            if action.startswith("./"):
                target = ROOT / action
                assert target.is_file() or (target / "action.yml").is_file(), action
                continue
            name, _, commit = action.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{file.name}: {action}"
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), f"{file.name}: {action} does not say its version"
            versions.setdefault(name, set()).add(commit)
    assert versions
    assert all(len(commits) == 1 for commits in versions.values()), versions


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_nothing_is_allowed_that_a_job_does_not_ask_for(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}
    for job in WORKFLOWS[name]["jobs"].values():
        assert job["permissions"], "every job says its rights"


@pytest.mark.parametrize("job", JOBS)
def test_who_may_write_runs_no_code_of_a_request_and_holds_no_role(job: dict[str, Any]) -> None:
    """A job with a role in AWS may write nothing here, but for the attestations of what it pushed."""
    rights = job["permissions"]
    if rights.get("id-token") == "write":
        assert {right for right, level in rights.items() if level == "write"} <= {"id-token", "attestations"}
    assert "uses" in job or job["timeout-minutes"] <= 120


def test_only_a_job_in_an_environment_gets_an_identity() -> None:
    """The roles trust an environment's name, and the environment says from where and after whom."""
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            if job["permissions"].get("id-token") == "write" and "uses" not in job:
                assert job["environment"]


def test_no_value_is_pasted_into_a_script() -> None:
    for step in steps():
        assert not PEOPLES.search(step.get("run", "")), step
    assert "pull_request_target" not in "".join(file.read_text() for file in FILES)


def test_there_is_no_credential_that_lasts() -> None:
    for file in FILES:
        assert "secrets." not in file.read_text(), file.name
        assert "secrets: inherit" not in file.read_text(), file.name
    for step in steps():
        if "actions/checkout@" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_a_failing_command_in_a_pipe_fails_its_step() -> None:
    for name, workflow in WORKFLOWS.items():
        if any("steps" in job for job in workflow["jobs"].values()):
            assert workflow["defaults"]["run"]["shell"] == "bash", f"{name}: GitHub's default has no pipefail"
    for action in ACTIONS.values():
        assert all(step.get("shell") == "bash" for step in action["runs"]["steps"] if "run" in step)


def test_a_strangers_request_gets_no_identity() -> None:
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    for name in ("preview.yml", "ephemeral.yml"):
        for job in WORKFLOWS[name]["jobs"].values():
            if job["permissions"].get("id-token") == "write" and "needs" not in job:
                assert own in job["if"], name
    assert "id-token" not in str(WORKFLOWS["test.yml"])


def test_production_comes_after_staging_and_what_stands_on_a_foundation_after_it() -> None:
    order = ["staging", "staging-workloads", "production", "production-workloads"]
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    assert list(jobs) == order
    assert set(order) == STACKS
    for before, after in zip([None, *order], order, strict=False):
        assert jobs[after].get("needs") == before
        asked = jobs[after]["with"]
        name = after.removesuffix("-workloads")
        assert (asked["stack"], asked["environment"]) == (after, name)
        inside = f"codebuild-valletta-{name}-runner-${{{{ github.run_id }}}}-${{{{ github.run_attempt }}}}"
        assert asked["runner"] == (inside if after.endswith("-workloads") else "ubuntu-24.04")


def test_a_stack_is_applied_only_when_shown_verified_and_approved_and_one_at_a_time() -> None:
    jobs = WORKFLOWS["apply.yml"]["jobs"]
    assert set(jobs["up"]["needs"]) == {"show", "verify"}
    assert jobs["up"]["environment"] == "${{ inputs.environment }}"
    assert jobs["up"]["concurrency"] == {"group": "stack-${{ inputs.stack }}", "cancel-in-progress": False}
    assert jobs["analyse"]["needs"] == "up"
    verify = str(jobs["verify"]["steps"])
    assert "cosign verify" in verify
    assert "gh attestation verify" in verify
    ups = [step["run"] for job in jobs.values() for step in job["steps"] if "pulumi up" in step.get("run", "")]
    assert len(ups) == 1
    assert "--policy-pack policies/pack" in ups[0]


def test_an_image_is_pushed_only_if_two_builds_agree_and_proposed_only_if_it_is_signed() -> None:
    jobs = WORKFLOWS["images.yml"]["jobs"]
    assert jobs["build"]["strategy"]["matrix"]["round"] == ["first", "second"]
    assert jobs["build"]["permissions"] == {"contents": "read"}
    told = [step.get("name") or step.get("uses", "").partition("@")[0] for step in jobs["publish"]["steps"]]
    wanted = ["Two builds, one digest", "Push", "Scan", "actions/attest", "actions/attest", "Sign"]
    assert [name for name in told if name in wanted] == wanted
    assert jobs["publish"]["needs"] == "build"
    assert jobs["propose"]["needs"] == "publish"


def test_images_are_built_of_every_service_whenever_something_of_theirs_changes() -> None:
    jobs, services = WORKFLOWS["images.yml"]["jobs"], sorted(load_deployments())
    assert jobs["build"]["strategy"]["matrix"]["service"] == services
    assert jobs["publish"]["strategy"]["matrix"]["service"] == services
    watched = {path.removesuffix("/**") for path in triggers("images.yml")["push"]["paths"]}
    seen = {rule[1:] for rule in (ROOT / ".dockerignore").read_text().splitlines() if rule.startswith("!")}
    assert seen <= watched


def test_a_build_in_a_workflow_is_the_build_of_docker_bake() -> None:
    output = re.search(r'output = \["type=image,(.*)"\]', (ROOT / "docker-bake.hcl").read_text())
    assert output is not None
    assert f"type=oci,dest=out/image.tar,{output[1]}" in scripts()


def test_every_command_that_is_run_exists() -> None:
    ran = set(re.findall(r"\.venv/bin/valletta (\w+) (\w+)", scripts()))
    assert ran == {
        ("policy", "check"),
        ("policy", "classify"),
        ("policy", "gate"),
        ("evidence", "collect"),
        ("stack", "spawn"),
        ("stack", "list"),
        ("stack", "expire"),
    }
    for group, command in ran:
        told = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [group, command, "--help"])
        assert told.exit_code == 0, (group, command)
        used = re.findall(rf"valletta {group} {command}\b([^|\n;]*)", scripts())
        for option in {each for line in used for each in re.findall(r"--[a-z][a-z-]*", line)}:
            assert option in told.output, f"valletta {group} {command} {option}"
    for module in set(re.findall(r"-m (tools\.\w+)", scripts())):
        assert importlib.util.find_spec(module), module
    assert "bash .ci/run" in scripts()
    assert (ROOT / ".ci/run").is_file()


def test_every_stack_and_group_that_is_named_exists() -> None:
    named = {job["with"]["stack"] for job in WORKFLOWS["deploy.yml"]["jobs"].values()}
    named |= set(WORKFLOWS["images.yml"]["jobs"]["publish"]["strategy"]["matrix"]["stack"])
    named |= {each["stack"] for each in WORKFLOWS["preview.yml"]["jobs"]["preview"]["strategy"]["matrix"]["include"]}
    named |= set(re.findall(r"\b(?:staging|production)-workloads\b", scripts()))
    assert named <= STACKS
    groups = set(tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"])
    asked = {ACTIONS["stack"]["inputs"]["groups"]["default"]}
    asked |= {step["with"]["groups"] for step in steps() if "groups" in step.get("with", {})}
    assert {group for each in asked for group in each.split()} <= groups


def test_the_roles_that_jobs_take_are_those_that_the_foundation_makes() -> None:
    (credentials,) = [each for each in ACTIONS["stack"]["runs"]["steps"] if "configure-aws" in each.get("uses", "")]
    assert "role/valletta-${{ steps.facts.outputs.name }}-${{ inputs.role }}" in credentials["with"]["role-to-assume"]
    for stack in ("staging", "production"):
        settings = StackSettings.from_config(read_stack(stack).config)
        made = {pipeline_role_name(settings, role) for role in ROLES}
        assert made == {f"valletta-{settings.name}-{role}" for role in ("preview", "images", "deploy")}
    taken = {step["with"]["role"] for step in steps() if "role" in step.get("with", {})}
    assert taken - {"none"} <= set(ROLES)


def test_nothing_of_a_request_runs_inside_productions_network() -> None:
    previewed = WORKFLOWS["preview.yml"]["jobs"]["preview"]["strategy"]["matrix"]["include"]
    inside = {each["stack"] for each in previewed if each["runner"].startswith("codebuild-")}
    assert inside == {"staging-workloads"}
    assert "codebuild-valletta-production" not in (GITHUB / "workflows/ephemeral.yml").read_text()


def test_tools_have_the_versions_that_the_locks_name() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    sdk = next(each["version"] for each in lock if each["name"] == "pulumi")
    for step in steps():
        if "pulumi/actions@" in step.get("uses", ""):
            assert step["with"]["pulumi-version"] == sdk
        if "setup-python@" in step.get("uses", ""):
            assert base_of("runtime").tag.startswith(f"{step['with']['python-version']}."), "as in the images"


def test_the_page_about_delivery_tells_every_environment_and_role() -> None:
    page = Path(ROOT / "docs/delivery.md").read_text()
    environments = {
        job["environment"]
        for workflow in WORKFLOWS.values()
        for job in workflow["jobs"].values()
        if "environment" in job and "${{" not in job["environment"]
    } | {job["with"]["environment"] for job in WORKFLOWS["deploy.yml"]["jobs"].values()}
    for name in environments:
        assert f"| `{name}` |" in page, f"docs/delivery.md has no row for the environment {name}"
    for role in {step["with"]["role"] for step in steps() if "role" in step.get("with", {})} - {"none"}:
        assert f"valletta-NAME-{role}" in page, role


def test_a_stack_is_judged_before_and_after_it_is_applied_and_production_as_a_release() -> None:
    jobs = WORKFLOWS["apply.yml"]["jobs"]
    (before,), (after,) = (
        [step for step in jobs[job]["steps"] if "valletta policy gate" in step.get("run", "")]
        for job in ("show", "analyse")
    )
    assert before["env"]["RELEASE"] == "${{ inputs.environment == 'production' && '--release' || '' }}"
    assert before["run"].endswith('${RELEASE:+"$RELEASE"}')
    assert re.search(r"pulumi stack export [^\n]*>(\S+)\n.*--state \1", after["run"])
    assert "--policy-pack-config" not in scripts(), "the levels of rules are nowhere lowered in the delivery"


def test_a_change_is_classified_before_it_is_approved() -> None:
    (classify,) = (step["run"] for step in steps() if "valletta policy classify" in step.get("run", ""))
    assert "|| [ $? = 3 ]" in classify, "what needs an approval is shown; anything else that goes wrong fails"
    assert "GITHUB_STEP_SUMMARY" in classify
    told = [step.get("name") for step in WORKFLOWS["preview.yml"]["jobs"]["preview"]["steps"]]
    assert told.index("Classify") < told.index("Preview")
    (before,) = (
        step["with"] for step in steps() if "checkout@" in step.get("uses", "") and "path" in step.get("with", {})
    )
    assert (before["ref"], before["path"]) == ("main", "main")
