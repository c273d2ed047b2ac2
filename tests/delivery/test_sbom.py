"""A bill of materials is complete, valid, and the same every time."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools import sbom
from tools.base_images import ROOT, base_of

MOMENT = datetime(2026, 11, 22, tzinfo=UTC)
SERVICES = sorted(path.parent.name for path in ROOT.glob("services/*/Dockerfile"))


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    return {service: sbom.document(service, "0" * 40, MOMENT) for service in SERVICES}


def packages(document: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """The components of one kind of package URL, by name and version."""
    prefix = f"pkg:{kind}/"
    return {
        f"{each['name']}@{each['version']}": each
        for each in document["components"]
        if each.get("purl", "").startswith(prefix)
    }


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_valid_cyclonedx(service: str, documents: dict[str, dict[str, Any]]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(documents[service])) is None


@pytest.mark.parametrize("service", SERVICES)
def test_every_package_that_the_image_installs_is_in_it_with_a_hash(
    service: str, documents: dict[str, dict[str, Any]]
) -> None:
    command = [
        sbom.uv_command(),
        "export",
        "--locked",
        "--quiet",
        "--only-group",
        service,
        "--no-header",
        "--no-annotate",
    ]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    locked = re.findall(r"^([a-z0-9-]+)==(\S+)(?: ; (.*?))?(?: \\)?$", told, re.M)
    wanted = {f"{name}@{version}" for name, version, marker in locked if "win32" not in marker}
    found = packages(documents[service], "pypi")
    assert {name for name in found if name != "valletta-core@0.1.0"} == wanted
    for name, each in found.items():
        if not name.startswith(f"{sbom.CORE}@"):
            assert all(file["hashes"][0]["alg"] == "SHA-256" for file in each["externalReferences"]), name


def test_every_crate_of_the_core_is_in_the_image_that_has_the_core_and_in_no_other(
    documents: dict[str, dict[str, Any]],
) -> None:
    lock = tomllib.loads((ROOT / "services/core/Cargo.lock").read_text())["package"]
    locked = {f"{each['name']}@{each['version']}": each.get("checksum") for each in lock}
    crates = packages(documents["matching"], "cargo")
    assert crates.items() and all(each["hashes"][0]["content"] == locked[name] for name, each in crates.items())
    shipped = {name.partition("@")[0] for name, each in crates.items() if each["scope"] == "required"}
    assert {"sha2", "prost", "pyo3", "hashbrown", "thiserror"} <= shipped
    assert not {"prost-build", "protox", "syn", "proc-macro2"} & shipped, "what only builds it is not in it"
    assert {"prost-build", "protox", "syn"} <= {name.partition("@")[0] for name in crates}
    for service in set(SERVICES) - {"matching"}:
        assert not packages(documents[service], "cargo")


@pytest.mark.parametrize("service", SERVICES)
def test_it_names_what_the_image_stands_on_and_says_that_it_did_not_look_inside(
    service: str, documents: dict[str, dict[str, Any]]
) -> None:
    base, document = base_of("runtime"), documents[service]
    (found,) = [each for each in document["components"] if each["name"] == "python" and each["type"] == "container"]
    assert f"sha256:{found['hashes'][0]['content']}" == base.digest
    (unknown,) = [each for each in document["compositions"] if each["aggregate"] == "unknown"]
    assert found["bom-ref"] in unknown["assemblies"]


@pytest.mark.parametrize("service", SERVICES)
def test_everything_is_reached_from_the_image(service: str, documents: dict[str, dict[str, Any]]) -> None:
    needs = {each["ref"]: set(each["dependsOn"]) for each in documents[service]["dependencies"]}
    reached, waiting = {service}, [service]
    while waiting:
        for on in needs.get(waiting.pop(), set()) - reached:
            reached.add(on)
            waiting.append(on)
    assert reached == {each["bom-ref"] for each in documents[service]["components"]} | {service}


def test_the_same_commit_gives_the_same_bytes(documents: dict[str, dict[str, Any]]) -> None:
    again = sbom.document("matching", "0" * 40, MOMENT)
    assert json.dumps(again) == json.dumps(documents["matching"])
    other = sbom.document("matching", "1" * 40, MOMENT)
    assert other["serialNumber"] != again["serialNumber"]


def test_a_service_without_an_image_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert sbom.main(["journal", "--revision", "0"]) == 2
    assert "'journal' is no service with an image; they are gateway, ledger, matching" in capsys.readouterr().err
