"""LOG-3: the Kubernetes control plane records who asked it for what."""

from __future__ import annotations

from collections.abc import Iterator

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

LOG_TYPES = frozenset({"api", "audit", "authenticator", "controllerManager", "scheduler"})
"""All that EKS can write; none is on by default."""

DAYS = 365
"""A year, three months of it at hand (PCI DSS 10.5.1)."""


@rule("log-3-cluster-log-types", tokens.CLUSTER, remedy=f"Set enabled_cluster_log_types to {sorted(LOG_TYPES)}.")
def writes_all_logs(cluster: Resource, _: Stack) -> Iterator[str]:
    """The cluster writes all five of its logs."""
    missing = LOG_TYPES - set(cluster.items("enabledClusterLogTypes"))
    if missing:
        yield f"does not write {', '.join(sorted(missing))}"


@rule(
    "log-3-log-retention",
    tokens.LOG_GROUP,
    remedy=f"Declare the log group with retention_in_days={DAYS} or more, before what writes into it.",
)
def keeps_a_year(group: Resource, _: Stack) -> Iterator[str]:
    """A log group keeps its logs for a year at least, and not for ever."""
    days = group.get("retentionInDays", default=0)
    if days == 0:
        yield "keeps its logs for ever (retentionInDays is not set), and they hold personal data"
    elif days < DAYS:
        yield f"keeps its logs for {days:g} days, where {DAYS} are demanded"


@rule(
    "log-3-cluster-log-group",
    tokens.CLUSTER,
    joins=True,
    remedy=(
        "Declare the log group /aws/eks/<name>/cluster and let the cluster depend on it, or EKS makes one that "
        "never expires."
    ),
)
def has_its_own_log_group(cluster: Resource, stack: Stack) -> Iterator[str]:
    """The stack declares the log group into which the cluster writes."""
    name = f"/aws/eks/{cluster.get('name', cluster.name)}/cluster"
    if not any(group.get("name") == name for group in stack.of_type(tokens.LOG_GROUP)):
        yield f"writes into {name}, which the stack does not declare, so EKS would make one that never expires"


@check("log-3-cluster-log-types", inventory.clusters, proves="all five logs are on")
def cluster_writes_all_logs(cluster: Subject, account: Account) -> Iterator[str]:
    """The cluster writes all five of its logs."""
    account.observe(tokens.CLUSTER, "enabledClusterLogTypes")
    setups = cluster.get("logging.clusterLogging", [])
    enabled = {kind for setup in setups if setup.get("enabled") for kind in setup.get("types", [])}
    if LOG_TYPES - enabled:
        yield f"does not write {', '.join(sorted(LOG_TYPES - enabled))}"


@check("log-3-cluster-log-group", inventory.clusters, proves=f"their log group keeps them for at least {DAYS} days")
def cluster_log_group_keeps_a_year(cluster: Subject, account: Account) -> Iterator[str]:
    """The cluster's log group exists, and keeps its logs for a year at least, and not for ever."""
    account.observe(tokens.LOG_GROUP, "retentionInDays")
    name = f"/aws/eks/{cluster.data['name']}/cluster"
    groups = account.all("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=name)
    group = next((found for found in groups if found["logGroupName"] == name), None)
    if group is None:
        yield f"has no log group {name}"
    elif "retentionInDays" not in group:
        yield f"its log group {name} never expires"
    elif group["retentionInDays"] < DAYS:
        yield f"its log group {name} keeps {group['retentionInDays']} days"


CONTROL = Control(
    id="LOG-3",
    title="Control-plane logs of the cluster",
    statement=(
        "The Kubernetes control plane writes all five of its logs (API, audit, authenticator, controller manager, "
        "scheduler) into a log group that is declared beforehand and keeps them for at least a year, and not for "
        "ever."
    ),
    rationale=(
        "Who opened a shell in a pod stands in no other log. A group that EKS makes by itself never expires, and "
        "the logs hold names."
    ),
    clauses=(
        Clause("CIS EKS", "1.8", "2.1.1"),
        Clause("CIS EKS", "1.8", "2.1.2"),
        Clause("PCI DSS", "4.0.1", "10.5.1"),
        Clause("ISO 27001", "2022", "8.15"),
        Clause("GLI-19", "3.0", "B.6.5"),
    ),
    severity=Severity.HIGH,
    owner="Security officer",
    evidence="The cluster's log types, the log group's retention, and one audit event of the auditor's own log-in.",
    preventive=(writes_all_logs, keeps_a_year, has_its_own_log_group),
    detective=(cluster_writes_all_logs, cluster_log_group_keeps_a_year),
)
