"""`valletta cost`: what a stack costs in a month, by component, beside another's."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from infra.cost.estimate import Estimate
    from infra.cost.usage import Usage

_BAR = 12


def cost(
    stack: Annotated[str, typer.Option("--stack", "-s", help="The stack that is priced.")] = "production",
    against: Annotated[str | None, typer.Option("--against", help="Another stack, beside it.")] = None,
    assume: Annotated[
        list[str] | None, typer.Option("--assume", help="A quantity of the month, as traffic_gb=900. Repeatable.")
    ] = None,
    lines: Annotated[bool, typer.Option("--lines", help="Every position, not only each component's sum.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")] = False,
) -> None:
    """Estimate the month's bill of a stack, from its plan and the dated price table in infra/cost/prices.toml.

    Exit status: 0, or 4 where something could not be priced; it is named.
    """
    found = {name: _estimate(name, assume or []) for name in [stack, *([against] if against else [])]}
    if as_json:
        sys.stdout.write(json.dumps({name: _plain(*each) for name, each in found.items()}, indent=2) + "\n")
    else:
        screen = Console()
        screen.print(_table({name: estimate for name, (estimate, _) in found.items()}))
        if lines:
            screen.print(_positions(found[stack][0]))
        _notes(screen, found)
    if any(estimate.unpriced for estimate, _ in found.values()):
        raise typer.Exit(4)


def _estimate(stack: str, assume: list[str]) -> tuple[Estimate, Usage]:
    from infra.cost.estimate import estimate  # noqa: PLC0415 (only now is their import worth its time)
    from infra.cost.prices import UnpricedError  # noqa: PLC0415
    from infra.cost.usage import BY_ENVIRONMENT, UsageError  # noqa: PLC0415
    from sandbox.plan.program import read_stack  # noqa: PLC0415
    from sandbox.plan.record import record_plan  # noqa: PLC0415

    config = read_stack(stack).config
    try:
        usage = BY_ENVIRONMENT[config["valletta:environment"]].with_(dict(map(_assumption, assume)))
        return estimate(record_plan(stack).resources, config["valletta:region"], usage), usage
    except (UsageError, UnpricedError) as error:
        raise SandboxError(str(error), exit_code=2) from error


def _assumption(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise SandboxError(f"--assume {text!r} is no NAME=NUMBER, such as traffic_gb=900", exit_code=2) from None


def _table(estimates: dict[str, Estimate]) -> Table:
    first, *others = estimates.values()
    read, region = first.read, first.region
    table = Table(title=f"US dollars a month, list prices of {read}", show_footer=True)
    table.add_column("component", footer="altogether")
    for name, each in estimates.items():
        table.add_column(
            f"{name} ({each.region})" if others else f"{name} ({region})",
            justify="right",
            footer=f"[bold]{each.month:,.0f}[/]",
        )
    table.add_column("")
    sums = [each.by_component() for each in estimates.values()]
    names = sorted({name for each in sums for name in each}, key=lambda name: -sums[0].get(name, 0))
    largest = max((sums[0].get(name, 0) for name in names), default=0) or 1
    for name in names:
        bar = "▇" * round(_BAR * sums[0].get(name, 0) / largest)
        table.add_row(name, *(f"{each.get(name, 0):,.0f}" for each in sums), f"[cyan]{bar}[/]")
    return table


def _positions(estimate: Estimate) -> Table:
    table = Table("component", "for")
    table.add_column("quantity", justify="right")
    table.add_column("US dollars", justify="right")
    for each in sorted(estimate.positions, key=lambda each: (each.component, -each.line.usd)):
        table.add_row(each.component, each.line.what, f"{each.line.quantity:,.0f}", f"{each.line.usd:,.2f}")
    return table


def _notes(screen: Console, found: dict[str, tuple[Estimate, Usage]]) -> None:
    for name, (estimate, usage) in found.items():
        assumed = ", ".join(f"{key}={value:g}" for key, value in asdict(usage).items())
        screen.print(f"[dim]{name} assumes {assumed}[/]")
        for what, why in estimate.unpriced.items():
            screen.print(f"[yellow]NOT PRICED[/] {what}: {why}")
    screen.print(
        "[dim]an estimate: no tax, discount or free tier; prices and their status in infra/cost/prices.toml[/]"
    )


def _plain(estimate: Estimate, usage: Usage) -> dict[str, Any]:
    return {
        "region": estimate.region,
        "prices": estimate.read,
        "currency": "USD",
        "month": round(estimate.month, 2),
        "components": {name: round(usd, 2) for name, usd in estimate.by_component().items()},
        "positions": [{"component": each.component, **asdict(each.line)} for each in estimate.positions],
        "notPriced": dict(estimate.unpriced),
        "assumes": asdict(usage),
    }
