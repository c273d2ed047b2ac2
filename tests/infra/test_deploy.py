"""A deploy.toml that cannot stand is refused with its file and what is wrong in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.workloads.deploy import SERVICES, DeploymentError, load_deployments

REFUSED = [
    ('kind = "deployment"', 'kind = "daemonset"', "service.kind: Input should be 'deployment' or 'statefulset'"),
    ("replicas = 2", "replicas = 0", "service.replicas: Input should be greater than or equal to 1"),
    ('name = "gateway"', 'name = "gatewax"', "service.name is 'gatewax', not the folder's name"),
    ("port = 8080", "port = 80", "ports.0.port: Input should be greater than or equal to 1024"),
    (
        '{ binding = "database.url" }',
        '{ binding = "database.uri" }',
        "Input should be 'cloud.region', 'database.secret'",
    ),
    ('{ listen = "http" }', '{ listen = "web" }', "env.VALLETTA_HTTP_ADDRESS names the port 'web'; the ports are http"),
    ('calls = ["matching"', 'calls = ["matchmaking"', "access.calls names 'matchmaking'; known are database, gateway"),
    ('memory = { request = "256Mi"', 'memory = { request = "256MB"', "resources.memory.request: String should match"),
    (
        'priority = "gateway"',
        'priority = "first"',
        "service.priority: Input should be 'shard', 'gateway', 'projector' or",
    ),
    ("grace_seconds = 60", "grace_seconds = 0", "service.grace_seconds: Input should be greater than or equal to 5"),
    ("most = 8", "most = 1", "scaling.most is 1, fewer than replicas, 2"),
    ("cpu_percent = 60", "cpu_percent = 100", "scaling.cpu_percent: Input should be less than or equal to 95"),
    ('kind = "deployment"', 'kind = "statefulset"', "a stateful set has no scaling, migration or access.secrets"),
    ('{ binding = "drain.seconds" }', '{ binding = "shard.index" }', "shard.index is known to a stateful set only"),
    ("[image]", "[picture]", "image: Field required"),
    ("[service]", "[service", "is not TOML"),
]


@pytest.mark.parametrize(("old", "new", "told"), REFUSED, ids=[each[1] for each in REFUSED])
def test_a_broken_deploy_toml_is_refused(tmp_path: Path, old: str, new: str, told: str) -> None:
    for file in SERVICES.glob("*/deploy.toml"):
        (tmp_path / file.parent.name).mkdir()
        shutil.copy(file, tmp_path / file.parent.name)
    broken = tmp_path / "gateway" / "deploy.toml"
    assert old in broken.read_text(), "the case no longer breaks anything"
    broken.write_text(broken.read_text().replace(old, new, 1))
    with pytest.raises(DeploymentError) as refusal:
        load_deployments(tmp_path)
    assert str(broken) in str(refusal.value)
    assert told in str(refusal.value)


def test_deployments_are_read_without_pulumi() -> None:
    script = "import sys, infra.workloads.deploy as d; d.load_deployments(); sys.exit('pulumi' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True)
