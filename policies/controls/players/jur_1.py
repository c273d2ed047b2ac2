"""JUR-1: who calls from outside the licensed places is turned away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from policies.cloud import tokens
from policies.environment import Environment
from policies.model import Clause, Control, Planned, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import read


@rule(
    "jur-1-edge-guarded",
    tokens.LOAD_BALANCER,
    joins=True,
    remedy="Declare an aws.wafv2.WebAclAssociation whose resource_arn is this load balancer's.",
)
def balancer_is_guarded(balancer: Resource, stack: Stack) -> Iterator[str]:
    """Every load balancer on the Internet asks a firewall first; AWS's default is none, and on the Internet."""
    if balancer.get("internal", default=False) is True:
        return
    associations = stack.referring(balancer, tokens.WEB_ACL_ASSOCIATION, "resourceArn")
    if not any(stack.refers_to(each, "webAclArn", tokens.WEB_ACL) for each in associations):
        yield "is on the Internet, and no firewall of this stack guards it"


@rule(
    "jur-1-licensed-countries",
    tokens.WEB_ACL,
    remedy="Name the licence's countries in valletta:edge_countries: a rule then blocks all others before any other.",
)
def firewall_refuses_other_countries(acl: Resource, stack: Stack) -> Iterator[str]:
    """In production the firewall's first rule blocks whoever calls from a country that it does not name."""
    if stack.environment is not Environment.PRODUCTION:
        return
    rules = sorted(acl.items("rules"), key=lambda each: each.get("priority", 0))
    if not rules or not _blocks_others(rules[0]):
        yield "does not begin with a rule that blocks the countries outside the licence"


def _blocks_others(first: Mapping[str, Any]) -> bool:
    countries = read(first, "statement.notStatement.statement.geoMatchStatement.countryCodes", ())
    return bool(countries) and read(first, "action.block") is not None


CONTROL = Control(
    id="JUR-1",
    title="Licensed places only",
    statement=(
        "Traffic from countries outside the licence is refused at the edge, before anything else is asked of it, in "
        "production. Players who live or play elsewhere are refused by the exchange."
    ),
    rationale=(
        "To take a bet where there is no licence is a crime there. An address tells the country of most callers and "
        "not of all, so the exchange asks again who the player is."
    ),
    clauses=(Clause("MGA", "2018", "Licensed territory"),),
    severity=Severity.HIGH,
    owner="Compliance officer",
    evidence="The firewall's rules and counts of refusals by country, and the decisions on players who were refused.",
    preventive=(balancer_is_guarded, firewall_refuses_other_countries),
    application=(
        Planned(
            "services/gateway",
            "Refuses, at registration and at log-in, whoever lives or plays outside the licensed places, and writes "
            "the decision down.",
        ),
    ),
)
