"""`valletta stack`: copies of a stack for a while, each with names, addresses and a domain of its own."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from infra.cost.estimate import Estimate
    from sandbox.copies.backend import Backend, Claim
    from sandbox.copies.spawn import Copy

HOURS_A_MONTH = 730
app = typer.Typer(help="Copies of a stack for a while: spawn one, list them, end them.", no_args_is_help=True)

From = Annotated[str, typer.Option("--from", help="The stack that is copied: staging, or local on this machine.")]
Project = Annotated[str, typer.Option("--beside", help="A stack of the project that is meant: staging, or local.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


@app.command("spawn")
def spawn_command(
    name: Annotated[str, typer.Argument(help="What the copy is called, such as pr-123.")],
    *,
    source: From = "staging",
    ttl: Annotated[str, typer.Option("--ttl", help="How long it lives: 48h, 3d; at most 14d.")] = "48h",
    up: Annotated[bool, typer.Option("--up", help="Provision it too.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a copy of a stack: smaller, for a while, and with nothing in it that another stack has too.

    Its cost is told before anything is made. Run again, it gives the copy a new end and finishes what was cut short.
    """
    from sandbox.copies import spawn  # noqa: PLC0415 (these: only now are their imports worth their time)
    from sandbox.copies.backend import Backend  # noqa: PLC0415
    from sandbox.copies.naming import CopyName, lifetime  # noqa: PLC0415

    screen = Console(stderr=as_json)
    copied, life = CopyName.of(name, source), lifetime(ttl)
    backend = Backend(source)
    copy = spawn.design(backend, copied, life)
    screen.print(_description(copy))
    month = spawn.monthly_cost(backend, copy)
    screen.print(_cost(month, life))
    if not (yes or as_json) and not typer.confirm("Make it?"):
        raise typer.Exit
    copy = spawn.claim(backend, copy, screen.print)
    if up:
        spawn.provision(backend, copy, screen.print)
    if as_json:
        sys.stdout.write(
            json.dumps({**_plain(copy, provisioned=up), "monthUsd": round(month.month, 2)}, indent=2) + "\n"
        )
        return
    for line in _next_steps(backend, copy, provisioned=up):
        screen.print(line)


@app.command("list")
def list_command(beside: Project = "staging", as_json: AsJson = False) -> None:
    """Every copy that the backend knows, the one that ends first at the top."""
    from sandbox.copies.backend import Backend  # noqa: PLC0415

    now, claims = datetime.now(UTC), Backend(beside).claims()
    if as_json:
        sys.stdout.write(json.dumps([_claim(each, now) for each in claims], indent=2) + "\n")
        return
    table = Table("stack", "of", "addresses", "resources", "ends")
    for each in claims:
        table.add_row(each.stack, each.source, str(each.vpc_cidr or ""), str(each.resources), _ends(each, now))
    Console().print(table if claims else "no copies")


@app.command("expire")
def expire_command(
    *,
    beside: Project = "staging",
    now: Annotated[str | None, typer.Option("--now", help="End this copy at once, whatever its time.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be destroyed, and destroy nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy the copies whose time is over. A stack that stays is never touched.

    Exit status: 0, or 1 where a copy could not be destroyed; the others are all the same.
    """
    from sandbox.copies import expire  # noqa: PLC0415
    from sandbox.copies.backend import Backend  # noqa: PLC0415

    screen, backend = Console(stderr=as_json), Backend(beside)
    due = expire.due(backend.claims(), datetime.now(UTC), now)
    failures: list[SandboxError] = []
    for claim in [] if dry_run else due:
        try:
            expire.end(backend, claim, screen.print)
        except SandboxError as error:
            failures.append(error)
            screen.print(f"[red]{error}[/]")
    if as_json:
        failed = [str(error) for error in failures]
        report = {"due": [each.stack for each in due], "destroyed": not (dry_run or failed), "failures": failed}
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
    elif not due:
        screen.print("no copy is due")
    elif dry_run:
        screen.print("would be destroyed: " + ", ".join(each.stack for each in due))
    if failures:
        raise typer.Exit(1)


def _description(copy: Copy) -> Table:
    """What the copy will be, and each setting that its source has otherwise."""
    table = Table(title=f"{copy.copied.name}, a copy of {copy.copied.source} until {copy.expires:%Y-%m-%d %H:%M} UTC")
    for heading in ("setting", copy.copied.source, copy.copied.stack):
        table.add_column(heading, overflow="fold")
    for key, (there, here) in copy.differences.items():
        table.add_row(key, _shown(there), _shown(here))
    return table


def _cost(month: Estimate, life: timedelta) -> str:
    """What the copy would cost, a month and until its end; nothing on the account twin."""
    until = month.month * life.total_seconds() / 3600 / HOURS_A_MONTH
    lacking = f"; [yellow]not priced: {', '.join(month.unpriced)}[/]" if month.unpriced else ""
    return f"about {month.month:,.0f} US dollars a month in AWS, {until:,.0f} until its end{lacking}"


def _shown(value: object) -> str:
    return "[dim]none[/]" if value is None else str(value)


def _next_steps(backend: Backend, copy: Copy, *, provisioned: bool) -> list[str]:
    where = f"-C {backend.folder.name} " if backend.folder.name == "sandbox" else ""
    waiting = list(copy.stacks)[1:] if provisioned else list(copy.stacks)
    lines = [f"[bold]pulumi {where}up -s {stack}[/]" for stack in waiting]
    if len(copy.stacks) > 1:
        lines.append("the cluster's endpoint is private: the workloads are applied from inside its network")
    return [f"{copy.copied.stack} is claimed, in {copy.vpc_cidr}", *lines]


def _plain(copy: Copy, *, provisioned: bool) -> dict[str, Any]:
    return {
        "name": copy.copied.name,
        "source": copy.copied.source,
        "stacks": list(copy.stacks),
        "vpcCidr": str(copy.vpc_cidr),
        "expires": copy.expires.isoformat(),
        "provisioned": provisioned,
    }


def _claim(claim: Claim, now: datetime) -> dict[str, Any]:
    return {
        "stack": claim.stack,
        "source": claim.source,
        "vpcCidr": str(claim.vpc_cidr) if claim.vpc_cidr else None,
        "expires": claim.expires.isoformat(),
        "expired": claim.expired(now),
        "resources": claim.resources,
    }


def _ends(claim: Claim, now: datetime) -> str:
    if claim.expired(now):
        return f"[red]over since {claim.expires:%Y-%m-%d %H:%M}[/]"
    return f"{claim.expires:%Y-%m-%d %H:%M} ({(claim.expires - now).total_seconds() / 3600:.0f} h)"
