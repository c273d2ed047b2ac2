"""Provisioning without the engine: the program run against the SDK's mock monitor, each resource made by the twin.

It can only create. So the plan's hash decides: the account is reused when a complete run with the same plan made it, on
the same cluster, and otherwise a fresh one is built. The work is done in a process of its own
(`sandbox.provision.worker`), for the SDK's settings and the program's modules are global to a process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.paths import CLONE
from sandbox.plan.record import Plan
from sandbox.plugins.provenance import Provenance, provenance
from sandbox.provision.account import Account
from sandbox.provision.outcome import Outcome, Progress, ProvisionError, cloud_resources


def provision_in_process(account: Account, folder: Path, progress: Progress, plan: Plan) -> Outcome:
    """Make the account what `plan` says, or find that it is so already. `folder` is the account's own.

    Raises ProvisionError naming the URN of the resource that failed; the next run then builds a fresh account.
    """
    digest, life, total = plan.digest(), account.life(), cloud_resources(plan)
    made = provenance(folder)
    now = (digest, life.born, life.cluster)
    if made and made.way == "in-process" and made.complete and (made.digest, made.born, made.cluster) == now:
        return Outcome(0, made.resources, made.resources, made.outputs)
    if made or life.changes:
        life = account.reset()
    Provenance("in-process", life.born, complete=False, digest=digest, cluster=life.cluster).keep(folder)
    outputs = _work(account.endpoint, lambda name, done: progress(name, done, total))
    Provenance("in-process", life.born, True, digest, total, outputs, life.cluster).keep(folder)
    return Outcome(total, 0, total, outputs)


def _work(endpoint: str, progress: Callable[[str, int], None]) -> dict[str, Any]:
    """Run the worker to its end and give back the stack's outputs. It dies with this process: its input closes."""
    command = [sys.executable, "-m", "sandbox.provision.worker", "--endpoint", endpoint]
    with (
        tempfile.TemporaryFile("w+") as complaints,
        subprocess.Popen(
            command, cwd=CLONE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True
        ) as worker,
    ):
        said: dict[str, Any] = {}
        for line in worker.stdout or ():
            said = json.loads(line)
            if "done" in said:
                progress(said["name"], said["done"])
        if worker.wait() == 0:
            outputs: dict[str, Any] = said["outputs"]
            return outputs
        complaints.seek(0)
        raise ProvisionError(
            said.get("error") or complaints.read().strip() or f"provisioning ended with {worker.returncode}"
        )
