"""Runs the Pulumi program `infra/` in this process against a `PlanMonitor`."""

from __future__ import annotations

import asyncio
import json
import logging
import runpy
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pulumi
import yaml
from pulumi.runtime import configure, run_in_stack, set_all_config
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.settings import SETTINGS

from sandbox.errors import SandboxError
from sandbox.paths import CLONE
from sandbox.plan.monitor import (
    Handler,
    Invoker,
    PlanMonitor,
    Registration,
    StackOutputs,
    refuse_invoke,
    refuse_reference,
)

Program = Callable[[], None]


class ProgramRefusedError(SandboxError):
    """The program would not run as configured; the message says what to put right, and nothing was made."""

    exit_code = 2


@dataclass(frozen=True)
class StackFiles:
    """A stack as its project keeps it: the project's name and the stack's settings as the CLI would hand them over."""

    project: str
    stack: str
    config: Mapping[str, str]


@dataclass(frozen=True)
class Execution:
    """What one run of the program asked for, in the order in which it was made, and the stack's outputs."""

    project: str
    stack: str
    registrations: tuple[Registration, ...]
    outputs: Mapping[str, Any]


def read_stack(stack: str) -> StackFiles:
    """The stack's own files: `Pulumi.<stack>.yaml` beside the `Pulumi.yaml` of the root, or of `sandbox/` for `local`.

    Raises `ProgramRefusedError` for a stack that neither project has, or one with encrypted settings.
    """
    folders = [CLONE, CLONE / "sandbox"]
    folder = next((each for each in folders if (each / f"Pulumi.{stack}.yaml").is_file()), None)
    if folder is None:
        known = sorted(file.name.split(".")[1] for each in folders for file in each.glob("Pulumi.*.yaml"))
        raise ProgramRefusedError(f"there is no stack {stack!r}; the stacks are {', '.join(known)}")
    project = yaml.safe_load((folder / "Pulumi.yaml").read_text())["name"]
    settings = yaml.safe_load((folder / f"Pulumi.{stack}.yaml").read_text()) or {}
    config = {key: config_text(key, value) for key, value in (settings.get("config") or {}).items()}
    return StackFiles(project, stack, config)


def run_program(
    files: StackFiles,
    handler: Handler,
    invoker: Invoker = refuse_invoke,
    *,
    program: Program | None = None,
    outputs_of: StackOutputs = refuse_reference,
    workers: int = 8,
) -> Execution:
    """Run the program to its end, each custom resource made by `handler`, dependents after what they depend on.

    Raises `RegistrationError` naming the URN of the first resource that failed, or `ProgramRefusedError` with the
    program's own words. Must be called outside an event loop.
    """
    monitor = PlanMonitor(files.stack, files.project, handler, invoker, outputs_of)
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="plan") as pool:
        try:
            asyncio.run(_run(files, monitor, program or _infra, pool))
        except pulumi.RunError as refusal:
            raise ProgramRefusedError(str(refusal)) from refusal
        except Exception as error:
            if monitor.failures:
                raise monitor.failures[0] from error
            raise
    return Execution(files.project, files.stack, tuple(monitor.registrations), monitor.stack_outputs)


async def _run(files: StackFiles, monitor: PlanMonitor, program: Program, pool: ThreadPoolExecutor) -> None:
    """Everything in one coroutine: the SDK keeps its settings in context variables."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(pool)
    loop.set_exception_handler(lambda _loop, _context: None)  # only the first failure is told; the rest follow from it
    configure(
        MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            monitor_features=set(),  # asked of the monitor by `run_in_stack`
            engine=MockEngine(logging.getLogger("valletta.program")),
            project=files.project,
            stack=files.stack,
            dry_run=False,
            organization=None,
            callbacks=None,
        )
    )
    set_all_config(dict(files.config))

    async def run() -> None:
        program()
        await _settled()

    try:
        await run_in_stack(run)
    finally:
        SETTINGS.outputs.clear()  # what failed would be waited for by the next run, in another loop


async def _settled() -> None:
    """Wait until every task has ended that the program began, or one has failed.

    The SDK waits for them too, but begins anew with all that are left whenever one ends: with thousands of tasks that
    takes longer than what they do.
    """
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        if any(each.cancelled() or each.exception() for each in done):
            return


def _infra() -> None:
    """Run `infra/__main__.py` as Pulumi's language host does."""
    runpy.run_path(str(CLONE / "infra"), run_name="__main__")


def config_text(key: str, value: object) -> str:
    """A setting as the CLI hands it to the program: text, or JSON for lists and mappings."""
    if isinstance(value, dict) and "secure" in value:
        raise ProgramRefusedError(f"the setting {key} is encrypted, and a recorded plan cannot read it")
    if isinstance(value, bool | list | dict):
        return json.dumps(value)
    return str(value)
