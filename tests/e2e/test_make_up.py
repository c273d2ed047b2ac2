"""`valletta up`, `demo`, `status`, `evidence collect` and `down`, as typed, in a state folder of their own.

One stack is stood up for the module, in process (no Pulumi CLI on the PATH), and the tests go through its life in the
order of the file.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from sandbox.report import Report
from sandbox.runtime.controlplane.background import standing
from sandbox.runtime.controlplane.pins import NotBuiltError
from sandbox.runtime.supervise import ProgramStatus, Supervisor
from sandbox.twin.kubernetes_api import KubernetesApi, Reference
from tests.conftest import unavailable
from tests.e2e.walking import walk

CLONE = Path(__file__).resolve().parents[2]
VALLETTA = Path(sys.executable).with_name("valletta")


class Product:
    """The command, with a state folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        without_cli = os.pathsep.join(
            folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "pulumi").exists()
        )
        self._environment = os.environ | {"VALLETTA_HOME": str(home), "PATH": without_cli}

    def run(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; fails where its exit code is not the one expected."""
        done = subprocess.run(
            [str(VALLETTA), *arguments],
            env=self._environment,
            cwd=CLONE,
            text=True,
            capture_output=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == expect, (
            f"valletta {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
        return done

    def up(self) -> Report:
        """`valletta up`, without looking for an installer."""
        return Report.model_validate_json(self.run("up", "--no-install", "--json").stdout)

    def conserves_money(self) -> bool:
        """Whether `valletta demo` ran to its end, and the books agree."""
        return bool(json.loads(self.run("demo", "--json").stdout)["conserved"])

    def walk(self, page: Path) -> list[str]:
        """Every step of a page that went otherwise than it says, with what was said instead."""
        ready = json.loads(self.run("account", "--json").stdout)
        path = os.pathsep.join((str(VALLETTA.parent), self._environment["PATH"]))
        with tempfile.TemporaryDirectory() as folder:
            environment = {**self._environment, **ready, "PATH": path, "COLUMNS": "100", "AUDIT": folder}
            walked = walk(page, CLONE, environment, within_s=280)
        return [f"$ {step.command}\n{said}" for step, said in walked if not step.fits(said)]

    def gateway(self) -> ProgramStatus:
        """The gateway, as its supervisor sees it."""
        return next(status for status in Supervisor(self.home).status() if status.name == "gateway")

    def close(self) -> None:
        """Stop what runs and forget it."""
        self.run("down")
        shutil.rmtree(self.home)


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    # A short path: a Unix socket's name lies in it, and those are at most 107 bytes long.
    home = Path(tempfile.mkdtemp(prefix="valletta-"))
    home.chmod(0o755)
    product = Product(home)
    try:
        yield product
    finally:
        product.close()


@pytest.fixture(scope="module")
def first(product: Product) -> Report:
    """The report of the first `valletta up`."""
    return product.up()


def bucket_and_vpc_ids(report: Report) -> tuple[list[str], list[str]]:
    """What the account has, read with boto3 as an auditor would."""
    endpoint = report.state.account_endpoint
    session = boto3.Session("test", "test", region_name="eu-west-1")
    buckets = session.client("s3", endpoint_url=endpoint).list_buckets()["Buckets"]
    vpcs = session.client("ec2", endpoint_url=endpoint).describe_vpcs()["Vpcs"]
    return sorted(bucket["Name"] for bucket in buckets), sorted(vpc["VpcId"] for vpc in vpcs)


def test_up_stands_up_everything_and_says_so(first: Report) -> None:
    assert first.way == "in-process"
    assert first.created > 100
    assert first.policy.rules > 0
    assert first.evidence.attention == []
    assert {"account", "gateway", "ledger", "matching", "postgres"} <= {service.name for service in first.services}
    assert {service.state for service in first.services} == {"RUNNING"}


def test_the_clusters_objects_are_on_a_real_control_plane(first: Report) -> None:
    if first.state.kubeconfig is None:
        unavailable(NotBuiltError(standing()))
    assert first.state.kubeconfig is not None
    namespace = Reference("v1", "Namespace", None, "exchange")
    assert KubernetesApi(first.state.kubeconfig).find(namespace) is not None


def test_the_demo_settles_a_bet_and_conserves_money(product: Product, first: Report) -> None:
    assert product.conserves_money()


def test_evidence_finds_nothing_against_the_account(product: Product, first: Report) -> None:
    run = json.loads(product.run("evidence", "collect", "--json", "-").stdout)
    assert not {finding["outcome"] for finding in run["findings"]} & {"FAIL", "ERROR"}


def test_the_auditors_course_goes_as_it_is_written(product: Product, first: Report) -> None:
    """Each command of the page, in order, in one shell; what it answers is what the page says."""
    if first.state.kubeconfig is None:
        unavailable(NotBuiltError(standing()))
    assert not product.walk(CLONE / "docs" / "compliance" / "course.md")


def test_up_again_creates_nothing_and_restarts_only_what_was_killed(product: Product, first: Report) -> None:
    pids = {service.name: service.pid for service in first.services}
    killed = {"kube-apiserver"} & {*pids}
    for name in killed:
        os.kill(pids[name], signal.SIGKILL)
    again = product.up()
    assert (again.created, again.resources) == (0, first.resources)
    left = {service.name for service in again.services if service.pid == pids[service.name]}
    assert left == {*pids} - killed
    assert {service.state for service in again.services} == {"RUNNING"}


def test_a_killed_service_comes_back(product: Product, first: Report) -> None:
    before = product.gateway().pid
    os.kill(before, signal.SIGKILL)
    give_up = time.monotonic() + 60
    while (now := product.gateway()).pid in (0, before) or now.state != "RUNNING":
        assert time.monotonic() < give_up, f"the gateway did not come back: {now}"
        time.sleep(0.5)


def test_down_and_up_keep_the_account_and_the_books(product: Product, first: Report) -> None:
    before = bucket_and_vpc_ids(first)
    product.run("down")
    assert "nothing is running here" in product.run("status", expect=2).stderr
    report = product.up()
    assert report.created == 0
    assert bucket_and_vpc_ids(report) == before
    assert product.conserves_money()


def test_a_wrong_option_is_named(product: Product) -> None:
    said = product.run("up", "--journal", "paper", expect=2).stderr
    assert "paper" in said
    assert "kafka" in said
