"""The real engine on the real program, where a Pulumi CLI is on the PATH; and what is done about its leavings."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from sandbox.paths import CLONE
from sandbox.plan.record import Plan, record_plan
from sandbox.plugins.provenance import Provenance
from sandbox.provision.account import Account
from sandbox.provision.engine import _alive, _locks, provision_by_engine
from sandbox.provision.outcome import Outcome, Progress, ProvisionError, cloud_resources
from tests.twin.account_server import AccountServer

NEVER = 2**22 + 1
"""Beyond the largest process id that Linux gives out."""


def test_a_lock_is_dead_when_its_process_of_this_machine_is_gone(tmp_path: Path) -> None:
    folder = tmp_path / ".pulumi" / "locks" / "organization" / "valletta-local" / "local"
    folder.mkdir(parents=True)
    here = socket.gethostname()
    for name, hostname, pid in (("1", here, os.getpid()), ("2", here, NEVER), ("3", "another machine", NEVER)):
        (folder / f"{name}.json").write_text(json.dumps({"hostname": hostname, "pid": pid}))
    assert sorted(_alive(lock) for lock in _locks(tmp_path)) == [False, True, True]


def test_without_a_backend_there_are_no_locks(tmp_path: Path) -> None:
    assert list(_locks(tmp_path)) == []


class Clone:
    """A clone's state folder, its account, and the engine."""

    def __init__(self, state: Path, server: AccountServer) -> None:
        self.state, self.server, self.account = state, server, Account(server.url)
        self.plan: Plan = record_plan("local")
        self.total = cloud_resources(self.plan)

    def provision(self, progress: Progress = lambda *_: None, *, pack: bool = False) -> Outcome:
        policies = CLONE / "policies" / "pack" if pack else None
        return provision_by_engine(
            PulumiCommand(), self.account, self.state, progress, plan=self.plan, policy_pack=policies
        )


@pytest.fixture
def clone(tmp_path: Path, server: AccountServer) -> Clone:
    if shutil.which("pulumi") is None:
        pytest.skip("no Pulumi CLI on the PATH")
    return Clone(tmp_path, server)


@pytest.mark.real_cli
@pytest.mark.timeout(1200)
def test_the_engine_makes_everything_once_under_the_policy_pack(clone: Clone) -> None:
    first = clone.provision(pack=True)
    assert (first.created, first.unchanged, first.resources) == (clone.total, 0, clone.total)
    assert set(first.outputs) == set(clone.plan.outputs)
    second = clone.provision()
    assert (second.created, second.unchanged) == (0, clone.total)


@pytest.mark.real_cli
@pytest.mark.timeout(1200)
def test_an_account_begun_anew_is_provisioned_anew(clone: Clone) -> None:
    clone.provision()
    Account(clone.server.url).reset()
    assert clone.provision().created == clone.total


@pytest.mark.real_cli
@pytest.mark.timeout(1200)
def test_an_account_made_in_process_is_not_mixed_with_the_engines(clone: Clone) -> None:
    clone.server.client("kms").create_key()
    Provenance("in-process", clone.account.life().born, complete=True).keep(clone.state / "account")
    assert clone.provision().created == clone.total


@pytest.mark.real_cli
@pytest.mark.timeout(1200)
def test_a_creation_that_fails_is_told_by_its_urn_and_the_next_run_goes_on_from_there(clone: Clone) -> None:
    taken = clone.plan.of_type("aws:kms/alias:Alias")[0]
    kms = clone.server.client("kms")
    kms.create_alias(AliasName=taken.inputs["name"], TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    Provenance("engine", clone.account.life().born, complete=True).keep(clone.state / "account")
    with pytest.raises(ProvisionError, match=re.escape(f"{taken.urn}: ")) as failed:
        clone.provision()
    assert "already exists" in str(failed.value)
    kms.delete_alias(AliasName=taken.inputs["name"])
    rest = clone.provision()
    assert 0 < rest.created < rest.resources == clone.total


@pytest.mark.real_cli
@pytest.mark.timeout(1200)
def test_an_engine_that_was_killed_half_way_stands_in_nobodys_way(clone: Clone) -> None:
    """Its lock is taken away, and what it may have made without noting it is begun anew."""

    def kills(_: str, done: int, __: int | None) -> None:
        for lock in _locks(clone.state / "pulumi") if done == clone.total // 4 else ():
            os.kill(int(lock["pid"]), signal.SIGKILL)

    with pytest.raises(ProvisionError):
        clone.provision(kills)
    assert [_alive(lock) for lock in _locks(clone.state / "pulumi")] == [False]
    assert clone.provision().resources == clone.total
    assert clone.provision().unchanged == clone.total
