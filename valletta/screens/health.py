"""What `valletta status` shows."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sandbox.health import Health, ShardHealth
from services.contract.money import decimal_of


def show(health: Health, console: Console) -> None:
    """Shows every program, the shard, the ledger and the money."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("service", "state", "pid", "up", "address", ""):
        table.add_column(heading)
    for program in health.programs:
        colour = "green" if program.healthy else "red"
        state = program.state.lower() if program.healthy or program.state != "RUNNING" else "not ready"
        pid = str(program.pid) if program.pid else "-"
        table.add_row(
            program.name, f"[{colour}]{state}[/]", pid, _duration(program.uptime_s), program.address, program.detail
        )
    console.print(table)
    console.print()
    if health.shard is None:
        console.print("[red]the shard does not answer[/]")
    else:
        console.print(_shard(health.shard))
    for remark in health.remarks:
        console.print(f"\n[dim]{escape(remark)}[/]")


def _shard(shard: ShardHealth) -> Table:
    table = Table.grid(padding=(0, 2))
    leads = f"leader {shard.node}" if shard.leading else f"[red]{shard.node} does not lead[/]"
    table.add_row(f"shard {shard.shard}", f"{leads}, offset {shard.offset}, {shard.commands} commands")
    lag = (
        "nothing projected yet"
        if shard.lag is None
        else "up to date"
        if shard.lag == 0
        else f"{shard.lag} records behind"
    )
    table.add_row("ledger", lag)
    came = shard.deposited - shard.withdrawn
    kept = f"{_amount(shard.wallets)} in wallets, {_amount(shard.commission)} commission, {_amount(shard.house)} house"
    under_way = {"being paid out": shard.withdrawing, "in transit": shard.in_transit, "rounding": shard.rounding}
    kept += "".join(f", {_amount(parts)} {what}" for what, parts in under_way.items() if parts)
    money = f"{_amount(came)} came in, {_amount(shard.there)} is there: {kept}"
    table.add_row("money", f"conserved: {money}" if shard.conserved else f"[red]NOT CONSERVED[/]: {money}")
    return table


def _amount(parts: int) -> str:
    return f"{decimal_of(parts):.2f}"


def _duration(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
