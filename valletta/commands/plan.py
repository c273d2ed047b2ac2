"""`valletta plan`: what a stack declares, by component and type, without asking AWS anything and making nothing."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

if TYPE_CHECKING:
    from sandbox.plan.record import Plan, PlannedResource


def plan(
    stack: Annotated[
        str,
        typer.Option("--stack", "-s", help="Its name, as in Pulumi.<stack>.yaml: production, production-workloads ..."),
    ] = "local",
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole plan as JSON.")] = False,
) -> None:
    """Show what a stack declares; nothing is made and nobody is asked.

    Exit status: 0, or 2 where the program refuses the settings.
    """
    from sandbox.plan.record import record_plan  # noqa: PLC0415 (only now is its import worth its time)

    recorded = record_plan(stack)
    if as_json:
        sys.stdout.write(json.dumps(recorded.to_json(), indent=2) + "\n")
        return
    screen = Console()
    screen.print(tree(recorded))
    screen.print(_summary(recorded))


def tree(plan: Plan) -> Tree:
    """The components as branches, each with the types in it, how many of each, and how many are protected."""
    root = Tree(f"[bold]{escape(plan.project)}[/] {escape(plan.stack)}")
    _grow(root, plan, f"urn:pulumi:{plan.stack}::{plan.project}::pulumi:pulumi:Stack::{plan.project}-{plan.stack}")
    return root


def _grow(branch: Tree, plan: Plan, parent: str) -> None:
    children = [each for each in plan.resources if each.parent == parent]
    for component in (each for each in children if not each.custom):
        label = f"[bold]{escape(component.name)}[/] [dim]{escape(component.type.rpartition(':')[2])}[/]"
        _grow(branch.add(label), plan, component.urn)
    made = [each for each in children if each.custom]
    protected = Counter(_short(each) for each in made if each.protect)
    for type_, count in sorted(Counter(map(_short, made)).items()):
        mark = " [green]protected[/]" if protected[type_] == count else ""
        branch.add(f"{escape(type_)} [cyan]{count}[/]{mark}")


def _short(resource: PlannedResource) -> str:
    """`aws:ec2/subnet:Subnet` as `aws ec2 Subnet`, `kubernetes:apps/v1:Deployment` as `kubernetes apps Deployment`."""
    package, module, name = resource.type.split(":")
    return f"{package} {module.partition('/')[0]} {name}"


def _summary(plan: Plan) -> str:
    made = [each for each in plan.resources if each.custom]
    by_package = Counter(each.type.partition(":")[0] for each in made)
    packages = ", ".join(f"{count} {package}" for package, count in sorted(by_package.items()))
    protected = sum(each.protect for each in made)
    return f"{len(made)} resources ({packages}), {protected} protected; plan {plan.digest()[:12]}"
