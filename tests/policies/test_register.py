"""The register and the baseline: what they hold is sound, and is what the program runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from infra.workloads.deploy import load_deployments
from policies.account import Account
from policies.baseline import Baseline, baseline_of
from policies.baseline.register import Register, RegisterError, register
from policies.catalogue import control
from policies.controls.location import loc_3
from policies.environment import Environment
from policies.evidence import EvidenceRun
from policies.evidence.judging import findings
from policies.evidence.recorder import Recorder
from policies.model import Outcome
from tests.policies.account.clients import REGION
from tests.policies.replay import Replay
from tools.release import write_baseline

COMPONENT = {
    "name": "Gateway",
    "purpose": "Takes orders.",
    "classification": "essential",
    "owner": "Somebody",
    "version": "Its digest",
    "image": "valletta/gateway",
    "runs": ["kubernetes:Deployment/gateway"],
}


def written(folder: Path, *components: dict[str, Any]) -> Path:
    """A register in a file."""
    file = folder / "register.toml"
    tables = (
        "\n".join(["[[components]]", *(f"{key} = {json.dumps(value)}" for key, value in each.items())])
        for each in components
    )
    file.write_text("\n\n".join(tables) + "\n")
    return file


def test_every_image_that_the_program_runs_is_registered() -> None:
    """A service that is added without its place in the register fails here, before it runs anywhere."""
    assert {each.image for each in register().components if each.image} == {
        each.image.repository for each in load_deployments().values()
    }


def test_a_register_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Whatever it holds."""
    (component,) = Register.read(written(tmp_path, COMPONENT)).components
    assert (component.name, component.image) == ("Gateway", "valletta/gateway")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"owner": ""}, "Gateway lacks owner"),
        ({"name": ""}, "a component without a name lacks name"),
        ({"classification": "important"}, "is important, where essential or supporting is known"),
        ({"image": ""}, "one of them"),
        ({"unseen": "it is elsewhere"}, "one of them"),
        ({"image": "", "resource": "aws:rds/instance:Instance"}, "by what it is called"),
        ({"sort": "x"}, "Gateway: .*sort"),
    ],
)
def test_an_unsound_component_is_refused_by_its_name(tmp_path: Path, change: dict[str, str], says: str) -> None:
    """A register that is read in part would let a part of the exchange go unseen."""
    with pytest.raises(RegisterError, match=says):
        Register.read(written(tmp_path, {**COMPONENT, **change}))


def test_a_register_that_is_not_there_or_says_a_thing_twice_is_refused(tmp_path: Path) -> None:
    """An empty one registers nothing, which nothing could contradict."""
    with pytest.raises(RegisterError, match="holds twice: Gateway"):
        Register.read(written(tmp_path, COMPONENT, COMPONENT))
    (tmp_path / "empty.toml").write_text("")
    with pytest.raises(RegisterError, match="registers nothing"):
        Register.read(tmp_path / "empty.toml")
    with pytest.raises(RegisterError, match="cannot be read"):
        Register.read(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("image", "repository"),
    [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/valletta/gateway@sha256:00", "valletta/gateway"),
        ("localhost:5000/valletta/gateway:v1", "valletta/gateway"),
        ("valletta/gateway", "valletta/gateway"),
        ("nginx:1.29", "nginx"),
        ("", ""),
    ],
)
def test_an_images_repository_is_told_from_its_registry_tag_and_digest(image: str, repository: str) -> None:
    """As container runtimes read it: what has a dot or a port before the first slash is a registry."""
    assert loc_3._repository(image) == repository


@pytest.mark.parametrize("environment", [Environment.PRODUCTION, Environment.STAGING])
def test_the_baseline_is_what_the_settings_let_run(environment: Environment, tmp_path: Path) -> None:
    """A release that forgets one of the two fails here; `python -m tools.release set` writes both."""
    assert write_baseline(f"{environment}-workloads", tmp_path)
    assert not write_baseline(f"{environment}-workloads", tmp_path), "again, it has nothing to do"
    released = Path("policies/baseline") / f"{environment}.toml"
    assert (tmp_path / released.name).read_text() == (Path(__file__).parents[2] / released).read_text()


def test_a_baseline_is_read_as_it_is_written() -> None:
    """And nothing was ever released to the local stack."""
    baseline = baseline_of(Environment.PRODUCTION)
    assert baseline is not None
    assert Baseline(baseline.registry, dict(baseline.images)).text().count("sha256:") == len(baseline.images)
    assert baseline_of(Environment.LOCAL) is None


def test_without_a_sound_register_nothing_is_known(good: EvidenceRun, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not that everything matches, and not that nothing does: the control ends as an ERROR."""

    def unsound() -> None:
        raise RegisterError("Gateway lacks owner")

    monkeypatch.setattr(loc_3, "register", unsound)
    found = findings(control("LOC-3"), Account(good.scopes[0].account, REGION, Recorder(Replay(good))))
    told = [(each.outcome, "Gateway lacks owner" in each.reason) for each in found]
    assert told[0] == (Outcome.ERROR, True)
    assert Outcome.PASS not in dict(told)
