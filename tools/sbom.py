"""The bill of materials of a service's image, CycloneDX 1.6, from the locks that the image is built from.

`python -m tools.sbom gateway` prints it. It lists every Python package of the service's group that is installed on
the image's platform, every crate of the core where the image has the core in it, the base image, and the files that
come from somewhere else. The same commit gives the same bytes. What is inside of the base image is not ours to know:
the document says so, and the registry's scan looks there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.markers import Marker

from tools.base_images import ROOT, BaseImage, base_of, sources

SPECIFICATION: Final = SchemaVersion.V1_6
TARGET: Final = "x86_64-unknown-linux-gnu"
CORE: Final = "valletta-core"
FILES: Final = ("images/rds-ca.pem",)
"""What every image carries that neither a lock nor this project's source accounts for."""

Component = dict[str, Any]


class SbomError(Exception):
    """The document cannot be made; the message says what is missing or wrong."""


def document(service: str, revision: str, moment: datetime) -> dict[str, Any]:
    """The bill of materials of `service` at a revision.

    Raises `SbomError` where there is no such service, a lock is stale, or the result is not valid CycloneDX.
    """
    dockerfile = ROOT / "services" / service / "Dockerfile"
    if not dockerfile.exists():
        known = sorted(path.parent.name for path in ROOT.glob("services/*/Dockerfile"))
        raise SbomError(f"{service!r} is no service with an image; they are {', '.join(known)}")
    base = base_of("runtime")
    packages, needs = python_packages(service, base.tag.partition("-")[0])
    if any(each["name"] == CORE for each in packages):
        crates, links = rust_crates()
        packages, needs = [*packages, *crates], {**needs, **links}
    builders = [base_of(stage) for stage, _ in sources(dockerfile) if stage == "rust"]
    bases = [_image(base, "required"), *(_image(each, "excluded") for each in builders)]
    subject = {"type": "container", "bom-ref": service, "name": f"valletta/{service}", "version": revision}
    listed = sorted([*packages, *_files(), *bases], key=lambda each: str(each["bom-ref"]))
    needs[service] = [
        each["bom-ref"] for each in listed if each["bom-ref"] not in {r for n in needs.values() for r in n}
    ]
    made: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION.to_version(),
        "version": 1,
        "metadata": {"timestamp": moment.isoformat(), "component": subject},
        "components": listed,
        "dependencies": [{"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(needs.items())],
        "compositions": [
            {"aggregate": "complete", "assemblies": sorted(each["bom-ref"] for each in packages)},
            {"aggregate": "unknown", "assemblies": [each["bom-ref"] for each in bases]},
        ],
    }
    content = json.dumps(made, sort_keys=True).encode()
    made["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(content).hexdigest()).urn
    _validate(made)
    return made


def python_packages(group: str, python: str) -> tuple[list[Component], dict[str, list[str]]]:
    """What uv.lock names for a dependency group on the image's platform, and who needs whom."""
    exported = json.loads(
        _output(
            uv_command(), "export", "--locked", "--quiet", "--only-group", group,
            "--format", "cyclonedx1.5", "--preview-features", "sbom-export",
        )
    )  # fmt: skip
    kept = {each["bom-ref"]: _package(each) for each in exported["components"] if _installed(each, python)}
    refs = {old: new["bom-ref"] for old, new in kept.items()}
    needs = {
        refs[each["ref"]]: [refs[on] for on in each.get("dependsOn", ()) if on in refs]
        for each in exported["dependencies"]
        if each["ref"] in refs
    }
    return list(kept.values()), needs


def rust_crates() -> tuple[list[Component], dict[str, list[str]]]:
    """What Cargo.lock names for the core on the image's platform; what only its build needs is marked excluded."""
    manifest = ROOT / "services/core/Cargo.toml"
    told = json.loads(
        _output(
            "cargo", "metadata", "--locked", "--quiet", "--format-version", "1", "--features", "python",
            "--filter-platform", TARGET, "--manifest-path", str(manifest),
        )
    )  # fmt: skip
    checksums = {
        (each["name"], each["version"]): each["checksum"]
        for each in tomllib.loads(manifest.with_name("Cargo.lock").read_text())["package"]
        if "checksum" in each
    }
    packages = {each["id"]: each for each in told["packages"]}
    nodes = {each["id"]: each for each in told["resolve"]["nodes"]}
    root = next(each["id"] for each in told["packages"] if each["name"] == CORE)
    shipped, built = _reach(root, nodes, packages, {None}), _reach(root, nodes, packages, {None, "build"})
    refs = {each: _purl("cargo", packages[each]) for each in built - {root}}
    refs[root] = _purl("pypi", packages[root])
    crates = [
        _crate(packages[each], refs[each], checksums, "required" if each in shipped else "excluded")
        for each in built - {root}
    ]
    needs = {refs[each]: [refs[on] for on, _ in _edges(nodes[each], {None, "build"})] for each in built}
    return crates, needs


def _reach(root: str, nodes: Mapping[str, Any], packages: Mapping[str, Any], kinds: set[str | None]) -> set[str]:
    """Everything from `root` over dependencies of these kinds; macros run while building, and ship nothing."""
    found, waiting = {root}, [root]
    while waiting:
        for on, _ in _edges(nodes[waiting.pop()], kinds):
            macro = any("proc-macro" in target["kind"] for target in packages[on]["targets"])
            if on not in found and not (macro and "build" not in kinds):
                found.add(on)
                waiting.append(on)
    return found


def _edges(node: Mapping[str, Any], kinds: set[str | None]) -> Iterator[tuple[str, str | None]]:
    for each in node["deps"]:
        for how in each["dep_kinds"]:
            if how["kind"] in kinds:
                yield each["pkg"], how["kind"]
                break


def _package(exported: Component) -> Component:
    """A Python package as uv tells it; the workspace's own has no distribution in an index, and so no hash."""
    purl = exported.get("purl") or _purl("pypi", exported)
    kept: Component = {key: exported[key] for key in ("name", "version", "externalReferences") if key in exported}
    return {"type": "library", "bom-ref": purl, "purl": purl, "scope": "required", **kept}


def _installed(exported: Component, python: str) -> bool:
    """Whether the marker that the lock puts on a package lets it be installed in the image."""
    properties = {each["name"]: each["value"] for each in exported.get("properties", ())}
    marker = properties.get("uv:package:marker")
    platform = {
        "implementation_name": "cpython", "os_name": "posix", "platform_machine": "x86_64",
        "platform_python_implementation": "CPython", "platform_system": "Linux", "sys_platform": "linux",
        "python_full_version": python, "python_version": ".".join(python.split(".")[:2]),
    }  # fmt: skip
    return marker is None or Marker(marker).evaluate(platform)


def _crate(package: Mapping[str, Any], purl: str, checksums: Mapping[tuple[str, str], str], scope: str) -> Component:
    name, version = package["name"], package["version"]
    return {
        "type": "library",
        "bom-ref": purl,
        "purl": purl,
        "name": name,
        "version": version,
        "scope": scope,
        "hashes": [{"alg": "SHA-256", "content": checksums[name, version]}],
    }


def _image(base: BaseImage, scope: str) -> Component:
    qualifiers = {"repository_url": f"docker.io/library/{base.name}", "tag": base.tag}
    purl = PackageURL("oci", None, base.name, base.digest, qualifiers).to_string()
    return {
        "type": "container",
        "bom-ref": purl,
        "purl": purl,
        "name": base.name,
        "version": base.tag,
        "scope": scope,
        "hashes": [{"alg": "SHA-256", "content": base.digest.removeprefix("sha256:")}],
    }


def _files() -> Iterator[Component]:
    for name in FILES:
        content = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
        yield {"type": "file", "bom-ref": name, "name": name, "hashes": [{"alg": "SHA-256", "content": content}]}


def _purl(kind: str, package: Mapping[str, Any]) -> str:
    return PackageURL(kind, None, package["name"], package["version"]).to_string()


def uv_command() -> str:
    """The uv that the Makefile installed, else the one on the PATH."""
    own = sorted((ROOT / ".cache").glob("uv-*/bin/uv"))
    found = str(own[-1]) if own else shutil.which("uv")
    if found is None:
        raise SbomError("uv is not installed: run `make lint` once, which installs the version that the Makefile names")
    return found


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SbomError(f"{Path(command[0]).name} {command[1]} failed: {done.stderr.strip()}")
    return done.stdout


def _validate(made: Mapping[str, Any]) -> None:
    problem = JsonStrictValidator(SPECIFICATION).validate_str(json.dumps(made))
    if problem is not None:
        raise SbomError(f"not valid CycloneDX {SPECIFICATION.to_version()}: {problem}")


def _moment() -> datetime:
    """The time of the commit, as reproducible builds want it (SOURCE_DATE_EPOCH)."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or _output("git", "log", "-1", "--format=%ct")
    return datetime.fromtimestamp(int(epoch), UTC)


def main(arguments: Sequence[str]) -> int:
    """Print the document of one service. Returns 2 where it cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m tools.sbom", description="An image's bill of materials.")
    parser.add_argument("service", help="gateway, ledger, matching: a folder of services/ that has a Dockerfile")
    parser.add_argument("--revision", help="the commit; the one that is checked out where none is given")
    given = parser.parse_args(arguments)
    try:
        made = document(given.service, given.revision or _output("git", "rev-parse", "HEAD").strip(), _moment())
    except SbomError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps(made, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
