"""NET-1: no database and no broker can be reached from outside."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule


@rule("net-1-database-private", tokens.DATABASE, remedy="Leave publicly_accessible at its default, false.")
def database_has_no_public_address(database: Resource, _: Stack) -> Iterator[str]:
    """A database has no public address."""
    if database.get("publiclyAccessible", default=False) is not False:
        yield "has a public address (publiclyAccessible is true)"


@rule("net-1-brokers-private", tokens.BROKERS, remedy="Set connectivity_info.public_access.type to DISABLED.")
def brokers_have_no_public_address(cluster: Resource, _: Stack) -> Iterator[str]:
    """Brokers have no public address."""
    access = cluster.get("brokerNodeGroupInfo.connectivityInfo.publicAccess.type", default="DISABLED")
    if access != "DISABLED":
        yield f"has public addresses (public access is {access})"


@rule(
    "net-1-brokers-authenticate",
    tokens.BROKERS,
    remedy="Set client_authentication with sasl.iam=True (or tls, scram) and unauthenticated=False.",
)
def brokers_know_their_clients(cluster: Resource, _: Stack) -> Iterator[str]:
    """Brokers answer nobody who has not authenticated."""
    authentication = "clientAuthentication"
    if cluster.get(f"{authentication}.unauthenticated", default=False) is not False:
        yield "answers anybody (unauthenticated is true)"
    ways = ("sasl.iam", "sasl.scram")
    if not any(cluster.get(f"{authentication}.{way}", default=False) is True for way in ways) and not cluster.get(
        f"{authentication}.tls"
    ):
        yield "asks its clients for no authentication at all, which lets anybody in"


@rule(
    "net-1-data-subnets",
    tokens.SUBNET,
    joins=True,
    remedy="Put databases and brokers into subnets whose route table has no route to an internet gateway.",
)
def data_subnets_lead_nowhere(subnet: Resource, stack: Stack) -> Iterator[str]:
    """A subnet of databases or brokers has no route to an internet gateway."""
    if not _holds_data(subnet, stack):
        return
    if subnet.get("mapPublicIpOnLaunch", default=False) is not False:
        yield "holds data, and gives out public addresses (mapPublicIpOnLaunch is true)"
    for association in stack.referring(subnet, tokens.ROUTE_TABLE_ASSOCIATION, "subnetId"):
        for table in stack.referred(association, "routeTableId", tokens.ROUTE_TABLE):
            if _leads_out(table, stack):
                yield f"holds data, and its route table {table.name} leads to an internet gateway"


def _leads_out(table: Resource, stack: Stack) -> bool:
    """Routes may be written into the table, or stand apart and refer to it."""
    routes = stack.referring(table, tokens.ROUTE, "routeTableId")
    apart = any(stack.refers_to(route, "gatewayId", tokens.INTERNET_GATEWAY) for route in routes)
    return apart or stack.refers_to(table, "routes", tokens.INTERNET_GATEWAY)


def _holds_data(subnet: Resource, stack: Stack) -> bool:
    return bool(
        stack.referring(subnet, tokens.DATABASE_SUBNETS, "subnetIds")
        or stack.referring(subnet, tokens.BROKERS, "brokerNodeGroupInfo")
    )


@check("net-1-database-private", inventory.databases, proves="it has no public address")
def database_is_private(database: Subject, account: Account) -> Iterator[str]:
    """A database has no public address."""
    account.observe(tokens.DATABASE, "publiclyAccessible")
    if database.get("PubliclyAccessible", default=False) is not False:
        yield "has a public address"


@check("net-1-database-subnets", inventory.databases, proves="its subnets have no route to an internet gateway")
def database_subnets_are_private(database: Subject, account: Account) -> Iterator[str]:
    """The subnets of a database have no route to an internet gateway."""
    account.observe(tokens.DATABASE_SUBNETS, "subnetIds")
    subnets = [subnet["SubnetIdentifier"] for subnet in database.get("DBSubnetGroup.Subnets", [])]
    yield from _routes_out(subnets, database.get("DBSubnetGroup.VpcId", ""), account)


@check("net-1-brokers-private", inventory.broker_clusters, proves="they have no public address")
def brokers_are_private(cluster: Subject, account: Account) -> Iterator[str]:
    """Brokers have no public address."""
    account.observe(tokens.BROKERS, "brokerNodeGroupInfo")
    path = "Provisioned.BrokerNodeGroupInfo.ConnectivityInfo.PublicAccess.Type"
    if cluster.get(path, default="DISABLED") != "DISABLED":
        yield f"has public addresses ({cluster.get(path)})"


@check("net-1-brokers-authenticate", inventory.broker_clusters, proves="they answer nobody who has not authenticated")
def brokers_authenticate(cluster: Subject, account: Account) -> Iterator[str]:
    """Brokers answer nobody who has not authenticated."""
    account.observe(tokens.BROKERS, "clientAuthentication")
    authentication = "Provisioned.ClientAuthentication"
    if cluster.get(f"{authentication}.Unauthenticated.Enabled", default=False) is not False:
        yield "answers anybody"
    ways = ("Sasl.Iam", "Sasl.Scram", "Tls")
    if not any(cluster.get(f"{authentication}.{way}.Enabled", default=False) is True for way in ways):
        yield "asks its clients for no authentication at all"


@check("net-1-brokers-subnets", inventory.broker_clusters, proves="their subnets have no route to an internet gateway")
def broker_subnets_are_private(cluster: Subject, account: Account) -> Iterator[str]:
    """The subnets of brokers have no route to an internet gateway."""
    account.observe(tokens.BROKERS, "brokerNodeGroupInfo")
    ids = set(cluster.get("Provisioned.BrokerNodeGroupInfo.ClientSubnets", []))
    found = [subnet for subnet in account.all("ec2", "describe_subnets", "Subnets") if subnet["SubnetId"] in ids]
    yield from _routes_out(sorted(ids), next((subnet["VpcId"] for subnet in found), ""), account)


def _routes_out(subnets: list[str], vpc: str, account: Account) -> Iterator[str]:
    """A subnet without a route table of its own takes the main one of its network."""
    tables = account.all("ec2", "describe_route_tables", "RouteTables")
    for subnet in subnets:
        own = [t for t in tables if any(a.get("SubnetId") == subnet for a in t.get("Associations", []))]
        main = [t for t in tables if t.get("VpcId") == vpc and any(a.get("Main") for a in t.get("Associations", []))]
        routes = [route for table in own or main for route in table.get("Routes", [])]
        if any(str(route.get("GatewayId", "")).startswith("igw-") for route in routes):
            yield f"its subnet {subnet} has a route to an internet gateway"


CONTROL = Control(
    id="NET-1",
    title="Databases and brokers are private",
    statement=(
        "No database and no broker has a public address, lies in a subnet with a route to an internet gateway, or "
        "answers a client that has not authenticated."
    ),
    rationale="The ledger and the journal are the exchange. Nobody has a reason to reach them but its own services.",
    clauses=(
        Clause("CIS AWS", "5.0", "2.2.3"),
        Clause("PCI DSS", "4.0.1", "1.4"),
        Clause("ISO 27001", "2022", "8.20"),
        Clause("ISO 27001", "2022", "8.22"),
        Clause("GDPR", "2016/679", "5(1)(f)"),
        Clause("UKGC RTS", "2026", "Section 4", note="The yearly audit follows ISO 27001, to which this control maps."),
    ),
    severity=Severity.CRITICAL,
    owner="Infrastructure lead",
    evidence="The descriptions of databases and brokers, and the route tables of their subnets.",
    preventive=(
        database_has_no_public_address,
        brokers_have_no_public_address,
        brokers_know_their_clients,
        data_subnets_lead_nowhere,
    ),
    detective=(
        database_is_private,
        database_subnets_are_private,
        brokers_are_private,
        brokers_authenticate,
        broker_subnets_are_private,
    ),
)
