"""What watches: logs, trails, detectors, alarms, metrics."""

from __future__ import annotations

from collections.abc import Iterator

from infra.cost.prices import HOURS
from infra.cost.rates.base import Context, Inputs, Line, monthly, rate


@rate("aws:cloudwatch/logGroup:LogGroup")
def _logs(inputs: Inputs, context: Context) -> Iterator[Line]:
    taken = context.usage.log_gb * context.share("aws:cloudwatch/logGroup:LogGroup")
    yield context.units("logs taken in, GB", "log_gb", taken)
    kept = taken * inputs.get("retentionInDays", 0) / 30
    yield context.units("logs kept, GB", "log_gb_month", kept)


@rate("aws:cloudtrail/trail:Trail")
def _trail(_: Inputs, context: Context) -> Iterator[Line]:
    """The first copy of management events is free; data events are not."""
    yield context.units("data events", "data_event", context.usage.data_events_million * 1e6)


@rate("aws:cfg/recorder:Recorder")
def _recorder(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("configuration items", "config_item", context.usage.config_items)


@rate("aws:cfg/rule:Rule")
def _rule(_: Inputs, context: Context) -> Iterator[Line]:
    evaluations = context.usage.rule_evaluations * context.share("aws:cfg/rule:Rule")
    yield context.units("Config rule evaluations", "config_rule_evaluation", evaluations)


@rate("aws:guardduty/detector:Detector")
def _detector(_: Inputs, context: Context) -> Iterator[Line]:
    """Runtime monitoring is priced with the nodes that it watches."""
    yield context.units("GuardDuty, million events", "guardduty_event_million", context.usage.api_events_million)
    data = context.usage.data_events_million
    yield context.units("GuardDuty, million S3 events", "guardduty_s3_event_million", data)


@rate("aws:securityhub/account:Account")
def _hub(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("Security Hub checks", "security_check", context.usage.security_checks)


@rate("aws:accessanalyzer/analyzer:Analyzer")
def _analyzer(inputs: Inputs, context: Context) -> Iterator[Line]:
    """External access is analysed for nothing; unused access costs by the role."""
    if "UNUSED" in str(inputs.get("type")):
        yield context.units(
            "roles analysed for unused access", "analyzer_unused_month", context.count["aws:iam/role:Role"]
        )


@rate("aws:amp/workspace:Workspace")
def _metrics(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("metric samples, millions", "prometheus_sample_million", context.usage.samples_million)


@rate("aws:amp/scraper:Scraper")
def _scraper(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("metrics collector, hours", "scraper_hour", HOURS)


monthly("aws:cloudwatch/metricAlarm:MetricAlarm", "alarms", "alarm_month")
monthly("aws:cloudwatch/dashboard:Dashboard", "dashboards", "dashboard_month")
monthly("aws:cloudwatch/logMetricFilter:LogMetricFilter", "metrics counted from logs", "metric_month")
