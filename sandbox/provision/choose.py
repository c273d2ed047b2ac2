"""Which way the account is provisioned: by a CLI that is there, by one that can be installed, or in process."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pulumi.automation import PulumiCommand

from sandbox import paths
from sandbox.plan.record import Plan, record_plan
from sandbox.plugins.endpoint import keep_endpoint
from sandbox.provision.account import Account
from sandbox.provision.engine import provision_by_engine
from sandbox.provision.in_process import provision_in_process
from sandbox.provision.installer import NoCliError, install, installed, on_path
from sandbox.provision.outcome import STACK, Progress, Provisioned, Way


def provision(
    account_endpoint: str,
    *,
    progress: Progress,
    policy_pack: Path | None = None,
    state: Path,
    plan: Plan | None = None,
) -> Provisioned:
    """Make the account at `account_endpoint` what the program says, by the best way that this machine has.

    `state` is the clone's state folder (`sandbox.paths.home()`). `plan` is the recorded plan of the stack, made here
    unless given: whoever calls has judged it, before anything was made and with nothing in it unknown. The CLI applies
    `policy_pack` once more, to each resource before it is made. Raises ProvisionError with the engine's own words.
    """
    account = Account(account_endpoint)
    keep_endpoint(state, account.endpoint)
    if plan is None:
        progress("planning", 0, None)
        plan = record_plan(STACK)
    progress("looking for the Pulumi CLI", 0, None)
    try:
        way, command = _command(paths.cache())
    except NoCliError as why:
        outcome = provision_in_process(account, state / "account", progress, plan)
        line = f"{why}: provisioned in process, which only creates; another plan builds a fresh account"
        return Provisioned(**asdict(outcome), way="in-process", line=line)
    outcome = provision_by_engine(command, account, state, progress, plan=plan, policy_pack=policy_pack)
    where = "on the PATH" if way == "cli" else "installed in the clone"
    line = f"provisioned by the Pulumi CLI {command.version} {where}: a change touches only what it must"
    return Provisioned(**asdict(outcome), way=way, line=line)


def _command(cache: Path) -> tuple[Way, PulumiCommand]:
    if (command := on_path()) is not None:
        return "cli", command
    return "installed-cli", installed(cache) or install(cache)
