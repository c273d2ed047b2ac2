"""What `valletta demo` shows when the story is told: both statements, and the books side by side."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from valletta.demonstration.story import Person, Report

_WORDS = {
    "DEPOSIT": "paid in",
    "WITHDRAWAL": "paid out",
    "SETTLEMENT": "market {market} settled",
    "COMMISSION": "commission in market {market}",
}


def show(report: Report, console: Console) -> None:
    """Shows the statements and whether money was conserved."""
    for person in report.people:
        console.print()
        console.print(_statement(person))
    console.print()
    console.print(_books(report.books))
    verdict = (
        "[green]Money is conserved[/]: what came in and did not go out again is exactly what is there, in the shard's "
        "memory and in the ledger's double-entry books alike."
        if report.conserved
        else "[red]Money is NOT conserved[/], or the ledger does not reflect the shard: do not go on."
    )
    console.print(f"\n{verdict}")
    console.print(f"[dim]The demonstration took {report.seconds:.1f} s; run it again as often as you like.[/]")


def _statement(person: Person) -> Table:
    currency = person.statement["currency"]
    table = Table(title=f"{person.name}'s statement, account {person.account}", title_justify="left", box=None)
    table.add_column("time", style="dim")
    table.add_column("what")
    table.add_column(f"amount, {currency}", justify="right")
    table.add_column(f"balance, {currency}", justify="right")
    for line in reversed(person.statement["lines"]):
        when = datetime.fromisoformat(line["time"]).strftime("%H:%M:%S.%f")[:-3]
        what = _WORDS.get(line["kind"], line["kind"].replace("_", " ").lower()).format(market=line["market"])
        amount = line["amount"] if line["amount"].startswith("-") else f"+{line['amount']}"
        table.add_row(when, what, amount, line["balance"])
    return table


def _books(books: dict[str, Any]) -> Table:
    table = Table(title="The exchange's books, everybody together", title_justify="left", box=None)
    table.add_column("")
    table.add_column("the shard", justify="right")
    table.add_column("the ledger", justify="right")
    rows = {
        "paid in less paid out": "deposited_less_withdrawn",
        "in wallets": "wallets",
        "commission earned": "commission",
        "the house": "house",
    }
    for label, field in rows.items():
        table.add_row(label, books["shard"][field], books["ledger"][field])
    return table
