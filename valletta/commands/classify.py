"""`valletta policy classify`: what a change of a stack needs before it is made, and the draft of the notice."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from policies.change.classify import Classification

USAGE, FINDINGS = 2, 3
REGISTER = Path("docs/compliance/register.toml")

_COLOURS = {"essential component": "bold red", "key technical set-up": "yellow", "neither": "green"}


def classify(
    *,
    before: Annotated[
        Path, typer.Option("--from", help="The plan that is in force: a file of `valletta plan --json`.")
    ],
    after: Annotated[
        Path | None, typer.Option("--to", help="The plan that shall be; without it the present one.")
    ] = None,
    stack: Annotated[str | None, typer.Option(help="The stack that both are of; without it the one of --from.")] = None,
    register: Annotated[Path, typer.Option(help="The register of components.")] = REGISTER,
    notice_file: Annotated[
        Path | None, typer.Option("--notice", help="Write the draft of the notice into this Markdown file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the classification as JSON.")] = False,
) -> None:
    """Say of every resource that two plans differ in whether it touches an essential component.

    Exit status: 0 nothing is needed, 2 wrong use, 3 a prior approval or a notification is needed.
    """
    from policies.baseline.register import Register  # noqa: PLC0415
    from policies.change.classify import Need  # noqa: PLC0415 (these: only now is their import worth its time)
    from policies.change.classify import classify as classified  # noqa: PLC0415
    from policies.change.notice import notice  # noqa: PLC0415

    old = _plan(before)
    new = _plan(after) if after is not None else _present(stack or str(old["stack"]))
    if stack is not None and old["stack"] != stack:
        raise SandboxError(f"{before} is a plan of {old['stack']}, not of {stack}", exit_code=USAGE)
    try:
        components = Register.read(register)
        found = classified(old, new, components)
    except (ValueError, OSError) as error:
        raise SandboxError(str(error), exit_code=USAGE) from error
    if notice_file is not None:
        _write(notice_file, notice(found, components, before=_digest(old), after=_digest(new)))
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), indent=2) + "\n")
    else:
        _show(found)
    raise typer.Exit(0 if found.need is Need.NOTHING else FINDINGS)


def _plan(file: Path) -> dict[str, Any]:
    try:
        plan = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SandboxError(f"{file} is no recorded plan: {error}", exit_code=USAGE) from error
    if not isinstance(plan, dict) or not {"stack", "resources"} <= plan.keys():
        hint = "`valletta plan --stack NAME --json` writes one"
        raise SandboxError(f"{file} is no recorded plan", exit_code=USAGE, hint=hint)
    return plan


def _present(stack: str) -> dict[str, Any]:
    from sandbox.plan.record import record_plan  # noqa: PLC0415 (as above)

    return record_plan(stack).to_json()


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"{file} cannot be written: {error}", exit_code=USAGE) from error


def _digest(plan: dict[str, Any]) -> str:
    """As `sandbox.plan.record.Plan.digest` has it."""
    canonical = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _show(found: Classification) -> None:
    screen = Console(markup=False)
    if found.entries:
        table = Table(title=f"What changes in {found.stack}", title_justify="left")
        for heading in ("resource", "change", "touches", "why", "values"):
            table.add_column(heading, overflow="fold")
        for entry in found.entries:
            resource = entry.change.resource
            why = f"{entry.reason}; adjoins {', '.join(entry.adjoins)}" if entry.adjoins else entry.reason
            table.add_row(
                f"{resource['type'].rpartition(':')[2]} {resource['name']}",
                entry.change.kind,
                Text(entry.touch.value, _COLOURS[entry.touch.value]),
                why,
                Text("\n".join(map(str, entry.change.values))),
            )
        screen.print(table)
    hidden = f"; {found.hidden} values are written down in neither plan and were not compared" if found.hidden else ""
    screen.print(f"{found.stack}: {len(found.entries)} resources change. Needed before: {found.need.value}{hidden}")
