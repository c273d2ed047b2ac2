"""What `make up` ends with."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.console import Console

from policies.evidence import EvidenceRun, Finding
from policies.model import Outcome
from sandbox.report import EvidenceSummary, PolicySummary, Report, ServiceLine
from sandbox.state import State
from valletta.screens.report import show


def evidence(*findings: Finding) -> EvidenceSummary:
    run = EvidenceRun(
        started_at="2026-11-22T20:00:00+00:00",
        ended_at="2026-11-22T20:00:01+00:00",
        scopes=(),
        commit="unknown",
        catalogue_sha256="0" * 64,
        controls=("NET-5", "LOG-1"),
        findings=findings,
        answers=(),
    )
    return EvidenceSummary.of(run)


def report(summary: EvidenceSummary) -> Report:
    state = State(
        journal="file",
        gateway_url="http://127.0.0.1:8080",
        matching_address="127.0.0.1:7001",
        kafka_bootstrap="",
        database_url="postgresql://valletta@127.0.0.1:5432/exchange",
        database_secret=Path("postgres/password"),
        account_endpoint="http://127.0.0.1:4566",
        operator_secret=Path("operator-password"),
        ports={"gateway.http": 8080, "gateway.metrics": 8081},
    )
    return Report(
        seconds=41.5,
        steps={"plan": 4.0},
        remarks=[],
        way="in-process",
        provisioning="no Pulumi CLI: provisioned in process",
        created=172,
        unchanged=0,
        resources=172,
        policy=PolicySummary(rules=33, judged=78, not_evaluated=0),
        evidence=summary,
        services=[ServiceLine(name="gateway", state="RUNNING", pid=42, address="http://127.0.0.1:8080")],
        state=state,
    )


def test_what_fails_or_errs_is_told_by_control_and_resource_and_what_passes_is_only_counted() -> None:
    summary = evidence(
        Finding("LOG-1", "trail-one", Outcome.PASS, "recording"),
        Finding("NET-5", "vpc-one", Outcome.FAIL, "its flow log does not deliver"),
        Finding("NET-5", "vpc-two", Outcome.ERROR, "AccessDenied"),
    )
    assert summary.line() == "2 controls: 1 PASS, 1 FAIL, 1 ERROR"
    assert summary.attention == [
        "FAIL NET-5 vpc-one: its flow log does not deliver",
        "ERROR NET-5 vpc-two: AccessDenied",
    ]
    assert not summary.complete


def test_the_screen_names_what_was_made_what_was_found_where_it_is_and_what_to_type_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(report(evidence(Finding("NET-5", "vpc-[one]", Outcome.FAIL, "no flow log"))), Console(width=200))
    shown = capsys.readouterr().out
    for expected in (
        "172 resources: 172 created, 0 unchanged",
        "33 rules kept in 78 judgements",
        "FAIL NET-5 vpc-[one]: no flow log",
        "http://127.0.0.1:8080/docs",
        "http://127.0.0.1:8081/metrics",
        "operator-password",
        "up after 42 s",
        " demo",
    ):
        assert expected in shown
