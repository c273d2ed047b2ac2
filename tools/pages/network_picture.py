"""The picture of the network: tiers from top to bottom, zones from left to right, and the one way in."""

from __future__ import annotations

from typing import Final

from tools.pages.canvas import Box, Canvas
from tools.pages.network import TIERS, Network

_VPC: Final = Box(10, 150, 780, 434)
_FIRST, _STEP, _CELL = 130, 218, 210
"""The left edge of the first zone, from one to the next, and a zone's width."""
_BANDS: Final = {"public": Box(18, 202, 764, 112), "private": Box(18, 326, 764, 128), "data": Box(18, 466, 764, 88)}
_SAYS: Final = {
    "public": ("Public", "a way to and", "from the Internet"),
    "private": ("Private", "out by NAT, in by", "the balancer"),
    "data": ("Data", "no route to", "the outside"),
}
_WAY: Final = _FIRST + _STEP - 4
"""Where the one way in runs, from top to bottom."""


def picture(network: Network) -> str:
    """An SVG of the network."""
    canvas = Canvas("The network of production: three tiers, and one way in", _VPC.bottom + 10)
    _frame(canvas, network)
    _outside(canvas, network)
    _public(canvas, network)
    _private(canvas, network)
    _data(canvas, network)
    return canvas.svg()


def _frame(canvas: Canvas, network: Network) -> None:
    canvas.rect(_VPC, "frame")
    for tier in TIERS:
        band = _BANDS[tier]
        canvas.rect(band, tier)
        for number, line in enumerate(_SAYS[tier]):
            canvas.text(band.x + 10, band.y + 22 + 15 * number, line, "small" if number else "head")
    for number, zone in enumerate(network.zones):
        column = Box(_FIRST + number * _STEP, _VPC.y + 30, _CELL, _VPC.height - 54)
        canvas.rect(column, "zone")
        canvas.text(column.x + _CELL // 2, column.y + 15, f"zone {zone}", "head", "middle")
        for tier in TIERS:
            cidr = network.subnets[tier, zone]
            canvas.text(column.x + 10, _BANDS[tier].y + 16, cidr, "small")
    canvas.text(_VPC.x + 10, _VPC.y + 20, f"VPC {network.cidr} in {network.region}", "head")
    kind, seconds = network.flow_log
    said = f"Flow log: {kind.lower()} traffic, accepted and refused, written down every {seconds} seconds"
    canvas.text(_VPC.x + 10, _VPC.bottom - 11, said, "small")


def _outside(canvas: Canvas, network: Network) -> None:
    players, firewall = Box(_WAY - 150, 12, 300, 48), Box(_WAY - 150, 86, 300, 48)
    countries = f"from {' and '.join(network.firewall.countries)} only; " if network.firewall.countries else ""
    canvas.labelled(players, ("Players, and their programs", "the Internet"), "outside")
    canvas.labelled(firewall, ("Firewall (WAF)", f"{countries}{network.firewall.per_minute} requests a minute each"))
    canvas.labelled(Box(616, 12, 166, 48), ("The Internet", "as it is called from inside"), "outside")
    canvas.line((_WAY, players.bottom), (_WAY, firewall.y), kind="way")
    protocol, port, _ = network.listener
    canvas.text(_WAY + 12, 78, f"the one way in: {protocol}, port {port}", "way")
    canvas.line((_WAY, firewall.bottom), (_WAY, _BANDS["public"].y + 24), kind="way")


def _public(canvas: Canvas, network: Network) -> None:
    top = _BANDS["public"].y
    protocol, port, policy = network.listener
    bar = Box(_FIRST + 10, top + 24, 2 * _STEP + _CELL - 34, 38)
    canvas.labelled(bar, (f"Load balancer: {protocol} {port}", policy))
    for number, zone in enumerate(network.zones):
        if zone not in network.nat_zones:
            continue
        nat = Box(_FIRST + number * _STEP + 128, top + 74, 72, 26)
        canvas.line((nat.x + 36, _BANDS["private"].y + 24), (nat.x + 36, nat.bottom))
        canvas.labelled(nat, ("NAT",))
    last = _FIRST + (len(network.zones) - 1) * _STEP + 193
    canvas.line((last, top + 74), (last, 60))
    canvas.text(last - 8, 84, "out only,", "small", "end")
    canvas.text(last - 8, 98, f"{len(network.nat_zones)} NAT gateways", "small", "end")


def _private(canvas: Canvas, network: Network) -> None:
    top = _BANDS["private"].y
    bar = Box(_FIRST + 10, top + 24, 2 * _STEP + _CELL - 20, 44)
    balanced = _port(network, "load balancer", "nodes and pods")
    canvas.line((_WAY, _BANDS["public"].y + 62), (_WAY, bar.y), kind="way")
    canvas.text(_WAY + 12, _BANDS["public"].y + 92, f"port {balanced}", "way")
    canvas.labelled(bar, ("Kubernetes nodes, and on them the pods of the exchange", ", ".join(network.services)))
    api = "public endpoint" if network.cluster_public else "private endpoint only"
    services = f"{len(network.interface_endpoints)} by interface, S3 by gateway"
    for number, said in enumerate(
        (
            ("Kubernetes API", api),
            ("Deployment runner", f"to the API server, {_port(network, 'deployment runner', 'nodes and pods')}"),
            ("AWS's own services", services),
        )
    ):
        canvas.labelled(Box(_FIRST + number * _STEP + 10, top + 78, _CELL - 20, 40), said)


def _data(canvas: Canvas, network: Network) -> None:
    top = _BANDS["data"].y
    brokers = Box(_FIRST + 10, top + 26, _STEP + 80, 48)
    copies = "a primary, and a standby in another zone" if network.standby else "in one zone"
    database = Box(brokers.right + 12, top + 26, 2 * _STEP + _CELL - 32 - brokers.width, 48)
    canvas.labelled(
        brokers, ("Kafka: the log of the exchange", f"{network.brokers} brokers in {len(network.zones)} zones")
    )
    canvas.labelled(database, ("PostgreSQL: the ledger", copies))
    start = _BANDS["private"].y + 68
    for gap, box, who in ((1, brokers, "Kafka brokers"), (2, database, "PostgreSQL")):
        x = _FIRST + gap * _STEP - 4
        canvas.line((x, start), (x, box.y))
        canvas.text(x - 8, box.y - 10, f"port {_port(network, 'nodes and pods', who)}", "small", "end")


def _port(network: Network, source: str, target: str) -> str:
    """The port that is open from the one to the other."""
    ports = [each.ports for each in network.openings if (each.source, each.target) == (source, target)]
    return ", ".join(port.partition("/")[0] for port in ports) or "closed"
