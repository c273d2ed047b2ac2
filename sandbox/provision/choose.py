"""Which way the account is provisioned: by a CLI that is there, by one that can be installed, or in process."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from pulumi.automation import PulumiCommand

from sandbox import paths
from sandbox.plan.record import Plan
from sandbox.provision.account import Account
from sandbox.provision.engine import provision_by_engine
from sandbox.provision.in_process import Approve, provision_in_process
from sandbox.provision.installer import NoCliError, install, installed, on_path
from sandbox.provision.outcome import Progress, Provisioned, Way


def provision(
    account_endpoint: str,
    *,
    progress: Progress,
    policy_pack: Path | None = None,
    state: Path,
    approve: Approve | None = None,
    plan: Plan | None = None,
) -> Provisioned:
    """Make the account at `account_endpoint` what the program says, by the best way that this machine has.

    `state` is the clone's state folder (`sandbox.paths.home()`). The CLI applies `policy_pack` to its preview, before
    anything is made, and again to the update. In process there is no engine to do so, and `approve` gets the
    recorded plan instead, before anything is made; what it raises stops everything. A `plan` recorded just now
    spares it another. Raises ProvisionError with the engine's own words.
    """
    account = Account(account_endpoint)
    progress("looking for the Pulumi CLI", 0, None)
    try:
        way, command = _command(paths.cache())
    except NoCliError as why:
        outcome = provision_in_process(account, state / "account", progress, approve, plan)
        line = f"{why}: provisioned in process, which only creates; another plan builds a fresh account"
        return Provisioned(**asdict(outcome), way="in-process", line=line)
    outcome = provision_by_engine(command, account, state, progress, policy_pack)
    where = "on the PATH" if way == "cli" else "installed in the clone"
    line = f"provisioned by the Pulumi CLI {command.version} {where}: a change touches only what it must"
    return Provisioned(**asdict(outcome), way=way, line=line)


def _command(cache: Path) -> tuple[Way, PulumiCommand]:
    if (command := on_path()) is not None:
        return "cli", command
    return "installed-cli", installed(cache) or install(cache)
