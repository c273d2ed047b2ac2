"""The pack under Pulumi's own analyzer: it boots, describes itself, and says what the analysis without the CLI says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.catalogue import rules
from policies.pack.analysis import analyse
from policies.values import Value
from tests.policies.plans import UNKNOWN, Resources, broken
from tests.policies.variants import Variant, variants

PACK = Path(__file__).parents[2] / "policies" / "pack"


@contextmanager
def _booted() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack, started as the CLI's language host starts it: its folder, in a process of its own."""
    with subprocess.Popen([sys.executable, str(PACK)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.terminate()


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack, for tests that configure nothing."""
    with _booted() as stub:
        yield stub


@pytest.fixture(scope="module")
def configurable() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """Another one, for tests that configure it."""
    with _booted() as stub:
        yield stub


def test_the_pack_describes_every_rule(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    """Every rule is mandatory, and says its severity, its framework and how to put things right."""
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())
    assert {policy.name for policy in info.policies} == {rule.name for _, rule in rules()}
    for policy in info.policies:
        assert policy.enforcementLevel == analyzer_pb2.MANDATORY
        assert policy.severity != analyzer_pb2.POLICY_SEVERITY_UNSPECIFIED
        assert policy.framework.name
        assert policy.remediation_steps
        assert "Maps to" in policy.description
        assert not {"certified", "compliant"} & set(policy.description.lower().split())


@pytest.mark.parametrize("variant", variants(), ids=lambda variant: f"{variant.rule}-{variant.kind}")
def test_the_cli_and_the_analysis_agree(
    analyzer: analyzer_pb2_grpc.AnalyzerStub, plans: dict[str, Resources], variant: Variant
) -> None:
    """One rule, two ways to run it: the same findings on the same resources, and the same rules not run."""
    production = plans[variant.stack]
    resources = broken(production, variant.edit)
    analysis = analyse(resources, stack=variant.stack)
    joins = next(rule.joins for _, rule in rules() if rule.name == variant.rule)
    changed = [] if joins else [resource for resource in resources if resource not in production]
    refused, unrun = _analyzed(analyzer, changed, resources if joins else [])
    assert refused == {(violation.rule, violation.urn) for violation in analysis.violations}
    assert unrun == {entry.rule for entry in analysis.not_evaluated}


@pytest.mark.parametrize(
    ("stack", "level", "reason", "refusal"),
    [
        ("production", analyzer_pb2.MANDATORY, "", None),
        ("production-workloads", analyzer_pb2.ADVISORY, "one zone, OPS-12", "every rule is mandatory in production"),
        ("staging", analyzer_pb2.ADVISORY, "one zone, OPS-12", None),
        ("staging", analyzer_pb2.ADVISORY, "", "advisory without a reason"),
        ("staging", analyzer_pb2.DISABLED, "one zone, OPS-12", "may only tell, but not be silent"),
        ("prod-eu", analyzer_pb2.ADVISORY, "one zone, OPS-12", "every rule is mandatory in production"),
    ],
)
def test_the_engine_cannot_configure_production_weaker(
    configurable: analyzer_pb2_grpc.AnalyzerStub,
    stack: str,
    level: analyzer_pb2.EnforcementLevel.ValueType,
    reason: str,
    refusal: str | None,
) -> None:
    """`--policy-pack-config` reaches the pack over this call; what it refuses ends the preview with the reason."""
    request = analyzer_pb2.ConfigureAnalyzerRequest()
    request.policyConfig["bcp-1-database-zones"].enforcementLevel = level
    request.policyConfig["bcp-1-database-zones"].properties["reason"] = reason
    configurable.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack=stack))
    if refusal is None:
        configurable.Configure(request)
    else:
        with pytest.raises(grpc.RpcError, match=refusal):
            configurable.Configure(request)


@pytest.mark.parametrize("stack", ["production", "production-workloads"])
def test_the_analyzer_finds_nothing_wrong_with_production(
    analyzer: analyzer_pb2_grpc.AnalyzerStub, plans: dict[str, Resources], stack: str
) -> None:
    """The whole plan, resource by resource and then as a stack, as the engine sends it."""
    assert _analyzed(analyzer, plans[stack], plans[stack]) == (set(), set())


def _analyzed(
    analyzer: analyzer_pb2_grpc.AnalyzerStub, alone: Resources, stack: Resources
) -> tuple[set[tuple[str, str]], set[str]]:
    """Send some resources one by one, and some as a whole stack.

    Returns (rule, URN) of each mandatory violation, and the rules that could not be run, as the engine would hear them.
    """
    refused: set[tuple[str, str]] = set()
    unrun: set[str] = set()

    def hear(response: analyzer_pb2.AnalyzeResponse, urn: str) -> None:
        for told in response.diagnostics:
            if told.enforcementLevel == analyzer_pb2.MANDATORY:
                refused.add((told.policyName, told.urn or urn))
            else:
                unrun.add(told.policyName)

    for resource in alone:
        hear(analyzer.Analyze(_alone(resource)), resource["urn"])
    if stack:
        hear(analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=map(_in_stack, stack))), "")
    return refused, unrun


def _alone(resource: dict[str, Any]) -> analyzer_pb2.AnalyzeRequest:
    request = analyzer_pb2.AnalyzeRequest(urn=resource["urn"], type=resource["type"], name=resource["name"])
    json_format.ParseDict(_on_the_wire(resource["inputs"]), request.properties)
    return request


def _in_stack(resource: dict[str, Any]) -> analyzer_pb2.AnalyzerResource:
    message = analyzer_pb2.AnalyzerResource(urn=resource["urn"], type=resource["type"], name=resource["name"])
    json_format.ParseDict(_on_the_wire(resource["inputs"]), message.properties)
    for name, urns in resource["property_dependencies"].items():
        message.propertyDependencies[name].urns.extend(urns)
    return message


def _on_the_wire(value: Value) -> Value:
    if value == UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if isinstance(value, dict):
        return {key: _on_the_wire(item) for key, item in value.items()}
    return [_on_the_wire(item) for item in value] if isinstance(value, list) else value
