"""The edge: load balancer, firewall, names."""

from __future__ import annotations

from collections.abc import Iterator

from infra.cost.prices import HOURS
from infra.cost.rates.base import Context, Inputs, Line, monthly, rate


@rate("aws:lb/loadBalancer:LoadBalancer")
def _load_balancer(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("load balancer, hours", "load_balancer_hour", HOURS)
    units = HOURS * context.usage.capacity_units
    yield context.units("capacity units of the load balancer, hours", "load_balancer_unit_hour", units)
    yield context.units("traffic to the Internet, GB", "traffic_gb", context.usage.traffic_gb)


@rate("aws:wafv2/webAcl:WebAcl")
def _firewall(inputs: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("web ACLs", "waf_acl_month", 1)
    yield context.units("rules of web ACLs", "waf_rule_month", len(inputs.get("rules", ())))
    yield context.units("requests inspected, millions", "waf_request_million", context.usage.requests_million)


monthly("aws:route53/zone:Zone", "hosted zones", "zone_month")
