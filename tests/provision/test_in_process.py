"""In process, the plan's hash decides: the account is reused, or a fresh one is built."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from sandbox.plan.record import Plan
from sandbox.plugins.provenance import Provenance, provenance
from sandbox.provision import in_process
from sandbox.provision.account import Account
from sandbox.provision.in_process import provision_in_process
from sandbox.provision.outcome import ProvisionError, cloud_resources
from tests.planning import Planner
from tests.twin.account_server import AccountServer


@pytest.fixture(scope="module")
def plan(planner: Planner) -> Plan:
    """The real plan of the stack local."""
    return planner("local")


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs of the worker, which here makes nothing."""
    begun: list[str] = []

    def work(endpoint: str, _: object) -> dict[str, str]:
        begun.append(endpoint)
        return {"vpc": f"vpc-{len(begun)}"}

    monkeypatch.setattr(in_process, "_work", work)
    return begun


def nothing(_: str, __: int, ___: int | None) -> None:
    """No progress is looked at."""


def touch(server: AccountServer) -> None:
    """Change the account, so that a fresh one can be told from it."""
    server.client("kms").create_key()


def keys(server: AccountServer) -> int:
    return len(server.client("kms").list_keys()["Keys"])


def test_the_same_plan_finds_the_account_as_it_was_left(
    server: AccountServer, account: Account, plan: Plan, tmp_path: Path, runs: list[str]
) -> None:
    total = cloud_resources(plan)
    first = provision_in_process(account, tmp_path, nothing, plan)
    touch(server)
    second = provision_in_process(account, tmp_path, nothing, plan)
    assert (first.created, first.unchanged, first.resources) == (total, 0, total)
    assert (second.created, second.unchanged, second.resources) == (0, total, total)
    assert second.outputs == first.outputs
    assert (len(runs), keys(server)) == (1, 1)


def test_another_plan_builds_a_fresh_account(
    server: AccountServer, account: Account, plan: Plan, tmp_path: Path, runs: list[str]
) -> None:
    provision_in_process(account, tmp_path, nothing, plan)
    touch(server)
    other = dataclasses.replace(plan, resources=plan.resources[1:])
    assert provision_in_process(account, tmp_path, nothing, other).created > 0
    assert (len(runs), keys(server)) == (2, 0)


def test_a_run_that_was_cut_short_is_begun_anew(
    server: AccountServer, account: Account, plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: str, __: object) -> dict[str, str]:
        touch(server)
        raise ProvisionError("urn:x: no")

    with monkeypatch.context() as failing, pytest.raises(ProvisionError):
        failing.setattr(in_process, "_work", fails)
        provision_in_process(account, tmp_path, nothing, plan)
    left = provenance(tmp_path)
    assert left is not None
    assert not left.complete
    monkeypatch.setattr(in_process, "_work", lambda *_: {})
    provision_in_process(account, tmp_path, nothing, plan)
    assert keys(server) == 0, "what the broken run had made is gone"


@pytest.mark.parametrize("way", ["engine", "in-process"])
def test_an_account_of_another_life_or_of_the_engine_is_not_reused(
    server: AccountServer, plan: Plan, tmp_path: Path, runs: list[str], way: str
) -> None:
    account = Account(server.url)
    born = account.life().born if way == "engine" else "another life"
    Provenance(way, born, complete=True, digest=plan.digest()).keep(tmp_path)  # type: ignore[arg-type]
    touch(server)
    provision_in_process(account, tmp_path, nothing, plan)
    assert (len(runs), keys(server)) == (1, 0)


def test_an_account_that_nobody_is_known_to_have_provisioned_is_begun_anew(
    server: AccountServer, account: Account, plan: Plan, tmp_path: Path, runs: list[str]
) -> None:
    touch(server)
    provision_in_process(account, tmp_path, nothing, plan)
    assert (len(runs), keys(server)) == (1, 0)


def test_the_real_program_is_made_whole_even_after_a_run_that_was_killed_half_way(
    server: AccountServer, account: Account, plan: Plan, tmp_path: Path
) -> None:
    def dies_half_way(_: str, done: int, total: int | None) -> None:
        if total and done > total // 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        provision_in_process(account, tmp_path, dies_half_way, plan)
    assert server.health()["sequence"] > 0
    told: list[tuple[int, int | None]] = []
    outcome = provision_in_process(account, tmp_path, lambda _, done, total: told.append((done, total)), plan)
    total = cloud_resources(plan)
    assert outcome.created == total
    assert told == [(done, total) for done in range(1, total + 1)]
    assert set(outcome.outputs) == set(plan.outputs)
    assert provision_in_process(account, tmp_path, nothing, plan).unchanged == total
