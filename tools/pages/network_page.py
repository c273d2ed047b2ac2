"""docs/compliance/network.md: the network of production, in words and tables."""

from __future__ import annotations

from tools.pages.network import TIERS, Network

_ROUTES = {
    "public": "to the Internet, both ways",
    "private": "out through the NAT gateway of its own zone",
    "data": "none but to the rest of the VPC",
}


def page(network: Network) -> str:
    """The page in Markdown."""
    protocol, port, policy = network.listener
    kind, seconds = network.flow_log
    firewall = network.firewall
    return f"""# The network of production

Generated from the plan of the stack `production` by `python -m tools.pages --write`; a test fails when it is stale. Do
not edit. Which tier a subnet belongs to is read from its routes, not from its name.

![Three tiers in {len(network.zones)} zones, and the one way in](network.svg)

One network (VPC) of {network.cidr} in {network.region}, in the zones {", ".join(network.zones)}.

| tier | its way out | what stands there | {" | ".join(network.zones)} |
| --- | --- | --- |{" --- |" * len(network.zones)}
{_tiers(network)}

## The one way in

{protocol} on port {port} of the load balancer, under `{policy}`. No other security group lets in
`{network.door.source}`. Before the load balancer stands the firewall: {_countries(network)}at most
{firewall.per_minute} requests a minute from one address, and {len(firewall.managed)} groups of rules that AWS keeps
up to date. Behind it the load balancer reaches one port of the nodes. The account blocks traffic from the Internet
(`{network.block_mode}`) for every subnet but {network.exempt}, which are the public ones. Controls NET-1, NET-2, CRY-2.

## Who is let in by whom

Every security group is closed but for these; a group is named by what bears it.

| from | to | port | what for |
| --- | --- | --- | --- |
{_openings(network)}

EKS itself lets its nodes, its pods and its API server speak to each other: they share one group of its making. Between
pods the network policies decide: [network-flows.md](../network-flows.md), control NET-4.

## Ways out

- The private subnets reach the Internet through {len(network.nat_zones)} NAT gateways, which let nobody in.
- AWS's services are reached inside the network: {", ".join(network.gateway_endpoints)} by a gateway endpoint; by
  interface endpoints {_code(network.interface_endpoints)}.
- The data subnets have no route out. Their access list admits TCP from the private and the data subnets only:
  {", ".join(network.data_allows)}.
- The API server of Kubernetes has {_endpoint(network)}. Control NET-3.

## What is written down

The flow log holds {kind.lower()} traffic, accepted and refused, every {seconds} seconds. Control NET-5.
"""


def _tiers(network: Network) -> str:
    rows = []
    for tier in TIERS:
        standing = ", ".join(party for party, tiers in network.parties.items() if tier in tiers)
        addresses = " | ".join(network.subnets[tier, zone] for zone in network.zones)
        rows.append(f"| {tier} | {_ROUTES[tier]} | {standing} | {addresses} |")
    return "\n".join(rows)


def _openings(network: Network) -> str:
    return "\n".join(f"| {each.source} | {each.target} | {each.ports} | {each.why} |" for each in network.openings)


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{each}`" for each in names)


def _countries(network: Network) -> str:
    countries = network.firewall.countries
    return f"callers from {' and '.join(countries)} only (JUR-1), " if countries else ""


def _endpoint(network: Network) -> str:
    return "a public endpoint" if network.cluster_public else "a private endpoint and no public one"
