"""Provisioning by the real engine: the Pulumi CLI, driven through its Automation API, on the project in `sandbox/`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pulumi.automation import CommandError, LocalWorkspace, PulumiCommand, Stack

from sandbox.paths import CLONE
from sandbox.plan.record import Plan
from sandbox.plugins.endpoint import VARIABLE
from sandbox.plugins.provenance import Provenance, provenance
from sandbox.provision.account import Account, Life
from sandbox.provision.events import Watch
from sandbox.provision.outcome import PASSPHRASE, SECRET, STACK, Outcome, Progress, ProvisionError, cloud_resources


def provision_by_engine(
    command: PulumiCommand,
    account: Account,
    state: Path,
    progress: Progress,
    *,
    plan: Plan,
    policy_pack: Path | None,
) -> Outcome:
    """Bring the account to what the program says. `state` is the clone's; of `plan` only the size is used.

    An account and an engine's state that do not belong together (one of them was begun anew, or the last run was cut
    short in the middle of a creation) are both begun anew. Where the account's Kubernetes objects live elsewhere than
    they did (a control plane was built since), the engine first looks what is there, and then makes what is not. Raises
    ProvisionError with the engine's own words.
    """
    progress("starting the engine", 0, None)
    backend, folder = state / "pulumi", state / "account"
    stack = _open(command, account.endpoint, state)
    locks = list(_locks(backend))
    if locks and not any(map(_alive, locks)):
        stack.cancel()
    made, life = provenance(folder), _belonging(stack, account, folder)
    if made and made.born == life.born and made.cluster != life.cluster:
        progress("the cluster is another one: looking what is in it", 0, None)
        _refresh(stack)
    Provenance("engine", life.born, complete=False, cluster=life.cluster).keep(folder)
    watch = Watch(progress, cloud_resources(plan))
    packs = [str(policy_pack)] if policy_pack else None
    try:
        done = stack.up(on_event=watch, policy_packs=packs, color="never", show_secrets=False)
    except CommandError as error:
        raise ProvisionError(watch.reason() or str(error).strip()) from error
    outputs = {name: SECRET if output.secret else output.value for name, output in done.outputs.items()}
    Provenance("engine", life.born, True, resources=watch.resources, outputs=outputs, cluster=life.cluster).keep(folder)
    return Outcome(watch.created, watch.unchanged, watch.resources, outputs)


def _refresh(stack: Stack) -> None:
    """Let the engine forget what is not there any more."""
    try:
        stack.refresh(color="never", show_secrets=False)
    except CommandError as error:
        raise ProvisionError(str(error).strip()) from error


def local_environment(state: Path) -> dict[str, str]:
    """The environment in which the engine keeps everything of its own in the clone's `state`."""
    (state / "pulumi").mkdir(parents=True, exist_ok=True)
    return {
        "PULUMI_HOME": str(state / "pulumi-home"),
        "PULUMI_BACKEND_URL": f"file://{state / 'pulumi'}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def _open(command: PulumiCommand, endpoint: str, state: Path) -> Stack:
    """The stack `local`, made if it is not there."""
    environment = {**local_environment(state), VARIABLE: endpoint}
    workspace = LocalWorkspace(work_dir=str(CLONE / "sandbox"), pulumi_command=command, env_vars=environment)
    try:
        return Stack.create_or_select(STACK, workspace)
    except CommandError as error:
        raise ProvisionError(f"the stack {STACK} cannot be opened: {error}") from error


def _belonging(stack: Stack, account: Account, folder: Path) -> Life:
    """The account's life, with an engine's state that belongs to it; begins both anew where they do not fit."""
    made, life = provenance(folder), account.life()
    deployment = stack.export_stack()
    contents = deployment.deployment or {}
    knows = any(resource.get("custom") for resource in contents.get("resources") or [])
    fits = made.way == "engine" and made.born == life.born if made else knows == (life.changes > 0)
    if fits and not contents.get("pending_operations"):
        return life
    if contents.get("resources") or contents.get("pending_operations"):
        deployment.deployment = {**contents, "resources": [], "pending_operations": []}
        stack.import_stack(deployment)
    return account.reset() if life.changes else life


def _locks(backend: Path) -> Iterator[Mapping[str, Any]]:
    """The locks that runs of the engine hold, or held when they were killed, on the stacks of this backend."""
    for file in (backend / ".pulumi" / "locks").rglob("*.json"):
        yield json.loads(file.read_text(encoding="utf-8"))


def _alive(lock: Mapping[str, Any]) -> bool:
    """Whether the process that took the lock may still run; one on another machine always may."""
    if lock.get("hostname") != socket.gethostname():
        return True
    try:
        os.kill(int(lock["pid"]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
