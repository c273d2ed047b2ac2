"""How an alert reaches people: one message an alert and shard, again every few hours while it lasts."""

from __future__ import annotations

import json

import yaml

_MESSAGE = """{{ range .Alerts }}{{ .Status }}: {{ .Annotations.summary }}
{{ range .Labels.SortedPairs }}{{ .Name }}={{ .Value }} {{ end }}
What to do: {{ .Annotations.runbook }}
{{ end }}"""


def alert_manager(topic_arn: str, region: str, stack: str) -> str:
    """The definition of the alert manager, which publishes to the topic of alarms."""
    sns = {
        "topic_arn": topic_arn,
        "sigv4": {"region": region},
        "subject": f"{stack}: {{{{ .CommonLabels.alertname }}}} ({{{{ .Status }}}})",
        "message": _MESSAGE,
        "attributes": {"severity": "{{ .CommonLabels.severity }}", "stack": stack},
        "send_resolved": True,
    }
    configuration = {
        "route": {
            "receiver": "operations",
            "group_by": ["alertname", "shard"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "12h",
            "routes": [{"matchers": ['severity="page"'], "receiver": "operations", "repeat_interval": "1h"}],
        },
        "receivers": [{"name": "operations", "sns_configs": [sns]}],
    }
    # The outer document is AWS's own, and holds Prometheus' as text.
    return f"alertmanager_config: {json.dumps(yaml.safe_dump(configuration, sort_keys=True, width=120))}\n"
