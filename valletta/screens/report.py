"""What `valletta up` ends with."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sandbox.report import Report
from valletta.screens.names import command, short


def show(report: Report, console: Console) -> None:
    """Shows what stands, where, and the next thing to type."""
    state = report.state
    facts = Table.grid(padding=(0, 2))
    facts.add_row("account", f"{report.resources} resources: {report.created} created, {report.unchanged} unchanged")
    facts.add_row("", report.provisioning)
    facts.add_row("policies", report.policy.line())
    facts.add_row("evidence", report.evidence.line())
    for finding in report.evidence.attention:
        facts.add_row("", escape(finding))
    console.print()
    console.print(facts)
    console.print()
    console.print(_services(report))
    addresses = Table.grid(padding=(0, 2))
    addresses.add_row("REST documentation", f"{state.gateway_url}/docs")
    addresses.add_row("metrics", ", ".join(_metrics(report)))
    addresses.add_row("AWS account twin", f"aws --endpoint-url {state.account_endpoint} ...")
    if state.kubeconfig:
        kubectl = short(state.kubeconfig.with_name("kubectl"))
        addresses.add_row("Kubernetes", f"{kubectl} --kubeconfig {short(state.kubeconfig)} get all -A")
    addresses.add_row("operator", f"{state.operator_name}, password in {short(state.operator_secret)}")
    console.print()
    console.print(addresses)
    console.print(f"\nThe exchange is up after {report.seconds:.0f} s. Next: [bold]{command()} demo[/]")


def _services(report: Report) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("service", "state", "pid", "address"):
        table.add_column(heading)
    for service in report.services:
        table.add_row(service.name, service.state.lower(), str(service.pid), service.address)
    return table


def _metrics(report: Report) -> list[str]:
    ports = report.state.ports
    return [f"http://127.0.0.1:{port}/metrics" for key, port in ports.items() if key.endswith(".metrics")]
