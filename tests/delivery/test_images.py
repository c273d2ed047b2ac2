"""An image holds its service and nothing else, from pinned parts, and runs as nobody."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import grimp
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from infra.workloads.deploy import Deployment, load_deployments
from infra.workloads.pods import USER
from tools.base_images import GROUND, ROOT, base_of, sources

DEPLOYMENTS = load_deployments()
BAKE = (ROOT / "docker-bake.hcl").read_text()
DOCKERFILES = {name: ROOT / each.image.dockerfile for name, each in DEPLOYMENTS.items()}

services = pytest.mark.parametrize("service", sorted(DEPLOYMENTS))


def lines(dockerfile: Path) -> list[str]:
    """The instructions, a line each, without comments."""
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(), flags=re.M)
    return [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def last_stage(dockerfile: Path) -> list[str]:
    found = lines(dockerfile)
    return found[max(at for at, line in enumerate(found) if line.startswith("FROM ")) :]


def copied(service: str) -> set[str]:
    """What of services/ an image has."""
    found = re.findall(r"^COPY (services/\S+) (services/\S*)$", "\n".join(lines(DOCKERFILES[service])), re.M)
    return {source for source, _ in found if source != "services/__init__.py"}


def bake_services() -> list[str]:
    found = re.search(r'variable "SERVICES" \{ default = \[(.*)\] \}', BAKE)
    assert found is not None, "docker-bake.hcl lists its services in one line"
    return re.findall(r'"([^"]+)"', found[1])


def test_every_service_that_is_deployed_has_an_image_under_the_name_that_pods_pull() -> None:
    assert bake_services() == sorted(DEPLOYMENTS)
    for name, deployment in DEPLOYMENTS.items():
        assert deployment.image.dockerfile == f"services/{name}/Dockerfile"
        assert deployment.image.repository == f"valletta/{name}"
    assert '"${REGISTRY}/valletta/${service}:' in BAKE


def test_base_images_are_named_in_one_place_by_version_and_digest() -> None:
    stages = [stage for _, stage in sources(GROUND)]
    for stage in stages:
        assert stage is not None
        assert re.fullmatch(r"sha256:[0-9a-f]{64}", base_of(stage).digest)
    wired = set(re.findall(r'(\w+) = "target:\1"', BAKE))
    for service, dockerfile in DOCKERFILES.items():
        own = {stage for _, stage in sources(dockerfile)}
        taken = {source for source, _ in sources(dockerfile)} - own
        assert taken <= wired <= set(stages), f"{service} stands on {taken}, docker-bake.hcl gives {wired}"


def test_a_base_image_without_a_digest_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loose = tmp_path / "Dockerfile"
    loose.write_text("FROM python:3.12-slim AS python\nFROM python AS runtime\n")
    monkeypatch.setattr("tools.base_images.GROUND", loose)
    with pytest.raises(ValueError, match=r"python:3\.12-slim.*write name:tag@sha256"):
        base_of("runtime")


@services
def test_an_image_has_exactly_the_source_that_its_service_imports(service: str) -> None:
    graph = grimp.build_graph("services", cache_dir=None)
    own = {each for each in graph.modules if each.split(".")[:2] == ["services", service]}
    reached = own | {on for each in own for on in graph.find_upstream_modules(each)}
    needed = {f"services/{each.split('.')[1]}" for each in reached if each.count(".") >= 1}
    assert copied(service) == needed


@services
def test_packages_come_from_the_lock_for_that_service_alone(service: str) -> None:
    installs = [line for line in lines(DOCKERFILES[service]) if "uv " in line or "pip " in line]
    assert installs[0].startswith(f"RUN uv sync --locked --only-group {service}")
    assert all("--no-index" in line for line in installs[1:]), "what is not in the lock is not looked for anywhere"
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"][service]


@services
def test_it_runs_as_a_user_without_rights_who_can_change_nothing(service: str) -> None:
    runtime = lines(GROUND)[next(at for at, line in enumerate(lines(GROUND)) if line == "FROM python AS runtime") :]
    assert f"USER {USER}:{USER}" == runtime[-1]
    stage = last_stage(DOCKERFILES[service])
    assert stage[0] == "FROM runtime"
    assert [line.split()[0] for line in stage[1:]] == ["COPY", "COPY", "EXPOSE", "CMD"]
    assert all("--chown" not in line and "--chmod" not in line for line in stage), "root owns what is there"


@services
def test_it_starts_what_deploy_toml_says_on_the_ports_that_it_says(service: str) -> None:
    stage, deployment = last_stage(DOCKERFILES[service]), DEPLOYMENTS[service]
    command = ", ".join(f'"{part}"' for part in deployment.service.command)
    assert f"CMD [{command}]" in stage
    assert f"EXPOSE {' '.join(str(port.port) for port in deployment.ports)}" in stage
    migrates(service, deployment)


def migrates(service: str, deployment: Deployment) -> None:
    """A migration is the same image with another word at the end."""
    if deployment.migration is not None:
        assert deployment.migration.command[: len(deployment.service.command)] == deployment.service.command, service


def test_nothing_is_fetched_that_is_not_pinned_by_hash() -> None:
    for dockerfile in [GROUND, *DOCKERFILES.values()]:
        text = "\n".join(lines(dockerfile))
        assert not re.search(r"\bapt(-get)?\b|\bcurl\b|\bwget\b|^ADD |https?:", text, re.M), dockerfile
    tools = re.sub(r"^#.*\n", "", (ROOT / "images/requirements.txt").read_text(), flags=re.M)
    for each in re.split(r"\n(?=\S)", tools.strip()):
        assert re.match(r"[a-z]+==[\d.]+ ", each), each
        assert "--hash=sha256:" in each, each
    assert "--require-hashes" in GROUND.read_text()


def test_what_builds_an_image_is_the_version_that_builds_everywhere_else() -> None:
    pins = dict(re.findall(r"^([a-z]+)==([\d.]+)", (ROOT / "images/requirements.txt").read_text(), re.M))
    makefile = (ROOT / "Makefile").read_text()
    assert f"UV_VERSION := {pins['uv']}\n" in makefile
    constraints = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["build-constraint-dependencies"]
    assert f"maturin=={pins['maturin']}" in constraints


def test_a_build_sees_only_what_it_needs() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert rules[0] == "*", "everything is left out that is not let in"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    used = {
        source.split("/")[0]
        for dockerfile in [GROUND, *DOCKERFILES.values()]
        for line in lines(dockerfile)
        if line.startswith("COPY ") and "--from=" not in line
        for source in [part for part in line.split()[1:-1] if not part.startswith("--")]
    }
    assert let_in == used


def test_the_last_step_gives_the_same_bytes_every_time(tmp_path: Path) -> None:
    """finish.sh compiles and dates a folder; a file's own time, and what was there before, make no difference."""

    def finished(seed: int) -> dict[str, tuple[str, float]]:
        source = tmp_path / "srv/package"
        source.mkdir(parents=True)
        (source / "__init__.py").write_text("NAMES = {'a', 'b', 'c'}\nclass Thing:\n    x: int = 1\n")
        (source / "other.py").write_text("from package import NAMES\n\ndef f(): return frozenset({'x', 'y', *NAMES})\n")
        os.utime(source / "other.py", (seed, seed))
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1700000000", "PYTHONHASHSEED": str(seed)}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        subprocess.run(["sh", ROOT / "images/finish.sh", tmp_path / "srv"], env=environment, check=True)
        found = {
            str(file.relative_to(tmp_path)): (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_mtime)
            for file in sorted((tmp_path / "srv").rglob("*"))
            if file.is_file()
        }
        subprocess.run(["rm", "-r", tmp_path / "srv"], check=True)
        return found

    first, second = finished(1), finished(2)
    assert first == second
    assert len([name for name in first if name.endswith(".pyc")]) == 2
    assert {moment for _, moment in first.values()} == {1700000000.0}


def test_the_roots_of_amazon_rds_are_there_for_every_region_of_a_stack() -> None:
    bundle = x509.load_pem_x509_certificates((ROOT / "images/rds-ca.pem").read_bytes())
    regions = set()
    for root in bundle:
        name = str(root.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value)
        told = re.fullmatch(r"Amazon RDS ([a-z]+-[a-z]+-\d) Root CA (RSA2048|RSA4096|ECC384) G1", name)
        assert told is not None, f"{name} is no root that databases are given now"
        root.verify_directly_issued_by(root)
        assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        assert root.not_valid_before_utc < datetime(2026, 11, 22, tzinfo=UTC) < root.not_valid_after_utc
        key = root.public_key()
        assert isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
        assert key.key_size == int(told[2].lstrip("RSAEC"))
        regions.add((told[1], told[2]))
    assert len(regions) == len(bundle)
    for file in ROOT.glob("Pulumi.*.yaml"):
        region = yaml.safe_load(file.read_text())["config"]["valletta:region"]
        assert {(region, kind) for kind in ("RSA2048", "RSA4096", "ECC384")} <= regions, f"{file.name}: add {region}"
