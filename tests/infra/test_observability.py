"""What is seen of the exchange: every alert asks for metrics that there are, has a runbook, and reaches somebody."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

import services.gateway.observability
import services.ledger.process
import services.matching.metrics
from infra.observability.alerts import ALERTS, Alert, rule_groups, runbook
from infra.observability.collection import JOB, scrape_configuration
from infra.observability.gauges import Platform, gauges
from infra.observability.notices import alert_manager
from infra.settings import StackSettings
from infra.workloads.deploy import load_deployments
from infra.workloads.flow_policies import METRICS_PORT
from infra.workloads.labels import SHARD
from sandbox.plan.record import Plan
from tests.infra.golden import FOUNDATIONS

MEASURED = (services.gateway.observability, services.ledger.process, services.matching.metrics)
CLONE = Path(__file__).parents[2]
SETTINGS = StackSettings.model_validate({"environment": "local", "account_id": "123456789012", "region": "eu-west-1"})
TOPIC = "arn:aws:sns:eu-west-1:123456789012:alarms"
each_alert = pytest.mark.parametrize("alert", ALERTS, ids=[each.name for each in ALERTS])
each_foundation = pytest.mark.parametrize("stack", FOUNDATIONS)


def served_metrics() -> set[str]:
    """The names of the series that the services serve."""
    assert MEASURED
    suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    return {
        f"{metric.name}{suffix}" for metric in REGISTRY.collect() for suffix in suffixes.get(metric.type, ("",))
    } | {"up"}


@each_alert
def test_an_alert_asks_for_metrics_that_a_service_serves(alert: Alert) -> None:
    asked = set(re.findall(r"\b(valletta_\w+|up)\b(?=[\s{[)]|$)", alert.expression))
    assert asked, "the alert asks for nothing"
    assert asked <= served_metrics()


@each_alert
def test_an_alert_says_what_is_wrong_and_where_it_is_written_what_to_do(alert: Alert) -> None:
    assert (CLONE / runbook(alert.name)).is_file()
    assert alert.says.endswith(".")
    assert re.fullmatch(r"\d+m", alert.lasts)


def test_every_alert_and_alarm_is_listed_with_its_runbook() -> None:
    somewhere = Platform(kafka="k", database="d", cluster="c", balancer=None)
    wanted = {each.name for each in ALERTS} | {each.runbook for each in gauges(SETTINGS, somewhere)}
    wanted |= {"edge-failing", "certificate-ends"}  # where there is an edge
    folder = CLONE / "docs" / "runbooks"
    assert wanted <= {file.stem for file in folder.glob("*.md")}
    listed = re.findall(r"\| \[([-a-z]+)\]\(", (folder / "README.md").read_text())
    assert Counter(listed) == Counter(wanted)


def test_no_two_alerts_have_one_name() -> None:
    assert [name for name, times in Counter(each.name for each in ALERTS).items() if times > 1] == []


def test_the_rules_are_a_file_of_prometheus() -> None:
    (group,) = yaml.safe_load(rule_groups())["groups"]
    assert [rule["alert"] for rule in group["rules"]] == [each.name for each in ALERTS]
    assert all(rule["annotations"]["runbook"].startswith("docs/runbooks/") for rule in group["rules"])


def test_the_collector_finds_the_metrics_of_every_service_and_carries_the_shard() -> None:
    (job,) = yaml.safe_load(scrape_configuration())["scrape_configs"]
    assert job["job_name"] == JOB
    kept = {rule["regex"] for rule in job["relabel_configs"] if rule["action"] == "keep"}
    assert kept == {METRICS_PORT, "server"}
    assert all(METRICS_PORT in {port.name for port in each.ports} for each in load_deployments().values())
    shard = f"__meta_kubernetes_pod_label_{re.sub('[^a-z]', '_', SHARD)}"
    assert [shard] in [rule["source_labels"] for rule in job["relabel_configs"]]


def test_every_alert_is_published_and_one_that_pages_is_repeated_hourly() -> None:
    outer = yaml.safe_load(alert_manager(TOPIC, "eu-west-1", "valletta-production"))
    configuration = yaml.safe_load(outer["alertmanager_config"])
    (receiver,) = configuration["receivers"]
    assert receiver["sns_configs"][0]["topic_arn"] == TOPIC
    assert configuration["route"]["receiver"] == receiver["name"]
    (pages,) = configuration["route"]["routes"]
    assert (pages["matchers"], pages["repeat_interval"]) == (['severity="page"'], "1h")


@each_foundation
def test_metrics_are_kept_under_our_key_and_collected_from_two_zones(plans: dict[str, Plan], stack: str) -> None:
    (workspace,) = plans[stack].of_type("aws:amp/workspace:Workspace")
    (collector,) = plans[stack].of_type("aws:amp/scraper:Scraper")
    (key,) = [each for each in plans[stack].of_type("aws:kms/key:Key") if each.name == "keys-metrics"]
    assert key.urn in workspace.property_dependencies["kmsKeyArn"]
    assert workspace.inputs["loggingConfiguration"]["logGroupArn"].endswith(":*")
    assert len(collector.inputs["source"]["eks"]["subnetIds"]) >= 2


@each_foundation
def test_every_alarm_reaches_the_topic_and_comes_back(plans: dict[str, Plan], stack: str) -> None:
    (topic,) = plans[stack].of_type("aws:sns/topic:Topic")
    alarms = [
        each for each in plans[stack].of_type("aws:cloudwatch/metricAlarm:MetricAlarm") if "platform-" in each.name
    ]
    assert alarms
    for alarm in alarms:
        assert topic.urn in alarm.property_dependencies["alarmActions"]
        assert alarm.inputs["okActions"] == alarm.inputs["alarmActions"]
        told = re.search(r"What to do: (docs/runbooks/[-a-z]+\.md)$", alarm.inputs["alarmDescription"])
        assert told
        assert (CLONE / told[1]).is_file()
    (policy,) = plans[stack].of_type("aws:sns/topicPolicy:TopicPolicy")
    publishers = {
        each["Principal"]["Service"]
        for each in json.loads(policy.inputs["policy"])["Statement"]
        if each["Effect"] == "Allow"
    }
    assert {"aps.amazonaws.com", "cloudwatch.amazonaws.com"} <= publishers


@each_foundation
def test_every_broker_and_the_database_are_watched(plans: dict[str, Plan], stack: str) -> None:
    (kafka,) = plans[stack].of_type("aws:msk/cluster:Cluster")
    watched = Counter(
        (each.inputs["metricName"], *sorted(each.inputs["dimensions"].values()))
        for each in plans[stack].of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if "platform-" in each.name
    )
    brokers = [str(number) for number in range(1, kafka.inputs["numberOfBrokerNodes"] + 1)]
    name = kafka.inputs["clusterName"]
    for metric in ("UnderReplicatedPartitions", "KafkaDataLogsDiskUsed"):
        assert all(watched[metric, *sorted((broker, name))] == 1 for broker in brokers)
    database = next(
        each for each in plans[stack].of_type("aws:rds/instance:Instance") if each.name == "database-ledger"
    )
    assert watched["FreeStorageSpace", database.inputs["identifier"]] == 1


def test_an_edge_and_its_certificate_are_watched(plans: dict[str, Plan]) -> None:
    plan = plans["local"]
    alarms = {each.name: each.inputs for each in plan.of_type("aws:cloudwatch/metricAlarm:MetricAlarm")}
    (balancer,) = plan.of_type("aws:lb/loadBalancer:LoadBalancer")
    healthy = alarms["platform-edge-nobody-healthy"]
    assert healthy["dimensions"]["LoadBalancer"].startswith(f"app/{balancer.inputs['name']}/")
    assert healthy["dimensions"]["TargetGroup"].startswith("targetgroup/")
    assert healthy["treatMissingData"] == "breaching", "no figure is bad news here"
    assert alarms["platform-certificate-ends"]["threshold"] == 30


@each_foundation
def test_the_dashboard_shows_every_alarm_with_its_bound(plans: dict[str, Plan], stack: str) -> None:
    (board,) = plans[stack].of_type("aws:cloudwatch/dashboard:Dashboard")
    widgets = json.loads(board.inputs["dashboardBody"])["widgets"]
    shown = {(line[0], line[1]) for widget in widgets for line in widget["properties"]["metrics"]}
    alarmed = {
        (each.inputs["namespace"], each.inputs["metricName"])
        for each in plans[stack].of_type("aws:cloudwatch/metricAlarm:MetricAlarm")
        if "platform-" in each.name
    }
    assert alarmed <= shown
    places = [(each["x"], each["y"]) for each in widgets]
    assert len(set(places)) == len(places), "no widget lies on another"
