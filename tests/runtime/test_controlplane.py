"""The build of the control plane: pinned, kept, gone on with where it stopped. Go is a stand-in here."""

from __future__ import annotations

import json
import os
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from infra.settings import StackSettings
from sandbox.paths import CLONE
from sandbox.runtime.controlplane import authority, background, pins
from sandbox.runtime.controlplane.authority import Authority, Pair
from sandbox.runtime.controlplane.build import BuildError, build
from sandbox.runtime.controlplane.configuration import CLUSTER
from sandbox.runtime.controlplane.pins import PROGRAMS, NotBuiltError, built, kubernetes_version, pinned
from sandbox.runtime.controlplane.toolchain import GoMissingError, find_go, parse_go_version
from sandbox.twin.manifests import KUBERNETES_VERSION

_GO = """#!{python}
import os, pathlib, sys, time
if sys.argv[1] == "version":
    print("go version {version} linux/amd64")
    sys.exit()
target = pathlib.Path(sys.argv[sys.argv.index("-o") + 1])
told = pathlib.Path({told!r})
with told.open("a") as file:
    file.write(target.name + "\\n")
if target.name == {fails!r}:
    sys.exit("go: no such module")
if {slow}:
    time.sleep(60)
assert os.environ["CGO_ENABLED"] == "0" and "GOFLAGS" not in os.environ
print("k8s.io/api", flush=True)
target.write_text(" ".join(sys.argv))
"""


class Go:
    """A `go` on the PATH that writes down what it was asked to build."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._told = folder, folder / "told"
        self.behaves()

    def behaves(self, *, version: str = "go1.26.1", fails: str = "", slow: bool = False) -> None:
        program = self.folder / "go"
        told = str(self._told)
        program.write_text(_GO.format(python=sys.executable, version=version, told=told, fails=fails, slow=slow))
        program.chmod(0o755)

    @property
    def built(self) -> list[str]:
        return self._told.read_text().split() if self._told.exists() else []


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Go:
    """A stand-in for Go, and a cache of the test's own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("GOFLAGS", "-mod=vendor")
    monkeypatch.setenv("VALLETTA_CACHE", str(tmp_path / "cache"))
    return Go(folder)


@pytest.fixture
def begun(go: Go) -> Iterator[None]:
    """A build in the background that takes long; ended when the test ends."""
    go.behaves(slow=True)
    background.start()
    _until(lambda: bool(go.built))
    yield
    background.stop()


def _until(holds: object) -> None:
    assert callable(holds)
    give_up = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.02)


def nothing(_: str, __: int) -> None:
    """No progress is looked at."""


def test_the_pin_is_of_the_minor_release_that_manifests_are_validated_against_and_that_the_cloud_runs() -> None:
    ours = kubernetes_version().rpartition(".")[0]
    assert KUBERNETES_VERSION.rpartition(".")[0] == ours
    assert StackSettings.model_fields["cluster_version"].default == ours


def test_it_stands_for_the_cluster_that_the_program_makes_on_a_laptop() -> None:
    planned = json.loads((CLONE / "tests" / "infra" / "golden" / "local.json").read_text())["resources"]
    (cluster,) = (each for each in planned if "aws:eks/cluster:Cluster::" in each["resource"])
    assert cluster["inputs"]["name"] == CLUSTER


def test_every_staging_module_is_pinned_to_the_same_release() -> None:
    lines = (CLONE / "tools" / "go.mod").read_text().partition("replace (")[2].splitlines()
    replaced = {line.split()[-1] for line in lines if "=>" in line}
    assert replaced == {f"v0.{kubernetes_version().partition('.')[2]}"}


def test_what_is_built_is_kept_and_built_once(go: Go) -> None:
    with pytest.raises(NotBuiltError, match="not built"):
        built()
    programs = build(nothing)
    assert built() == programs
    assert go.built == list(PROGRAMS)
    build(nothing)
    assert go.built == list(PROGRAMS)
    assert f"gitVersion=v{kubernetes_version()}" in programs["kube-apiserver"].read_text()


def test_a_build_that_failed_is_told_in_a_line_and_goes_on_where_it_stopped(go: Go) -> None:
    go.behaves(fails="kube-apiserver")
    with pytest.raises(BuildError, match="kube-apiserver could not be built") as failed:
        build(nothing)
    assert failed.value.details[-1] == "go: no such module"
    assert "kube-apiserver could not be built (go build ended with 1): go: no such module" in background.standing()
    assert not pinned().complete
    go.behaves()
    build(nothing)
    assert go.built == ["etcd", "kube-apiserver", *list(PROGRAMS)[1:]], "etcd was there"
    assert background.standing() == ""


def test_another_pin_is_another_folder(go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build(nothing)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("go.mod", "go.sum"):
        (tools / name).write_text((CLONE / "tools" / name).read_text() + "\n")
    monkeypatch.setattr(pins, "TOOLS", tools)
    assert not pinned().complete


def test_a_build_in_the_background_is_one_is_told_of_and_can_be_ended(go: Go, begun: None) -> None:
    process = background.builder()
    assert process is not None
    assert process.nice() == 19
    assert "is being built in the background" in background.standing()
    background.start()
    assert background.builder() == process
    assert background.stop()
    process.wait(10)
    assert not background.stop()
    assert "is not built" in background.standing()
    assert go.built == ["etcd"]


def test_without_go_it_is_said_in_a_line_and_nothing_is_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("VALLETTA_CACHE", str(tmp_path / "cache"))
    with pytest.raises(GoMissingError, match="Go is not installed"):
        background.start()
    line = "Kubernetes: Go is not installed, so objects are validated and kept as declared state"
    assert background.standing() == line


def test_a_go_that_is_too_old_is_named_with_what_is_needed(go: Go) -> None:
    go.behaves(version="go1.22.3")
    with pytest.raises(GoMissingError, match=r"is Go 1\.22; Go 1\.25 or newer is needed"):
        find_go()
    assert parse_go_version("go version go1.24rc1 linux/arm64") == (1, 24)
    assert parse_go_version("gofish 3") is None


@pytest.mark.parametrize(("ci", "status"), [("true", 1), ("false", 0)])
def test_what_ci_must_have_fails_there_and_is_a_line_elsewhere(tmp_path: Path, ci: str, status: int) -> None:
    environment = {**os.environ, "CI": ci, "PATH": str(tmp_path), "VALLETTA_CACHE": str(tmp_path)}
    command = [sys.executable, "-m", "sandbox.runtime.controlplane"]
    done = subprocess.run(command, env=environment, cwd=CLONE, capture_output=True, text=True, check=False)
    assert done.returncode == status
    assert "Go is not installed: no Kubernetes control plane (install Go 1.25 or newer)" in done.stderr


def pair(folder: Path, name: str) -> Pair:
    return Pair(folder / f"{name}.crt", folder / f"{name}.key")


def test_a_certificate_is_kept_until_it_is_about_to_expire_and_only_its_owner_reads_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = pair(tmp_path, "client")
    Authority(pair(tmp_path, "authority")).issue_client(client, "somebody", ["system:masters"])
    first = client.certificate.read_bytes()
    Authority(pair(tmp_path, "authority")).issue_client(client, "somebody", ["system:masters"])
    assert client.certificate.read_bytes() == first
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.key")} == {0o600}
    monkeypatch.setattr(authority, "_RENEWED_BEFORE", authority._LIFE)
    Authority(pair(tmp_path, "authority")).issue_client(client, "somebody", ["system:masters"])
    assert client.certificate.read_bytes() != first
    subject = x509.load_pem_x509_certificate(client.certificate.read_bytes()).subject.rfc4514_string()
    assert subject == "CN=somebody,O=system:masters"


def test_what_another_authority_issued_is_issued_anew(tmp_path: Path) -> None:
    server, other = pair(tmp_path, "server"), pair(tmp_path, "other")
    Authority(pair(tmp_path, "authority")).issue_server(server, ["127.0.0.1", "localhost"])
    Authority(other).issue_server(server, ["127.0.0.1", "localhost"])
    context = ssl.create_default_context(cafile=str(other.certificate))
    context.load_cert_chain(server.certificate, server.key)
    issued = x509.load_pem_x509_certificate(server.certificate.read_bytes())
    issued.verify_directly_issued_by(x509.load_pem_x509_certificate(other.certificate.read_bytes()))
