"""What the managed collector gathers: the port `metrics` of every pod of the exchange, by the labels of its pod."""

from __future__ import annotations

from typing import Any, Final

import yaml

from infra.foundation.cluster.pods import NAMESPACE

JOB: Final = "exchange"
_SECONDS: Final = "30s"


def scrape_configuration(namespace: str = NAMESPACE) -> str:
    """The configuration of the collector."""
    job = {
        "job_name": JOB,
        "kubernetes_sd_configs": [{"role": "pod", "namespaces": {"names": [namespace]}}],
        "relabel_configs": [
            {"source_labels": ["__meta_kubernetes_pod_container_port_name"], "regex": "metrics", "action": "keep"},
            # A migration has the same ports and answers on none.
            {
                "source_labels": ["__meta_kubernetes_pod_label_app_kubernetes_io_component"],
                "regex": "server",
                "action": "keep",
            },
            _label("__meta_kubernetes_pod_label_app_kubernetes_io_name", "service"),
            _label("__meta_kubernetes_pod_label_valletta_shard", "shard"),
            _label("__meta_kubernetes_pod_name", "pod"),
        ],
        # The ledger's own metrics name the shard that they speak of.
        "honor_labels": True,
    }
    document = {"global": {"scrape_interval": _SECONDS, "scrape_timeout": "10s"}, "scrape_configs": [job]}
    return yaml.safe_dump(document, sort_keys=True, width=120)


def _label(source: str, target: str) -> dict[str, Any]:
    return {"source_labels": [source], "target_label": target, "action": "replace"}
