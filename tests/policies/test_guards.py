"""Checks on what moto does not hold, on answers of AWS's shape, and the edges of those on what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from policies.account import Account, Unobservable
from policies.catalogue import checks, control
from policies.evidence import Answer, EvidenceRun
from policies.evidence.judging import findings
from policies.evidence.recorder import Recorder
from policies.evidence.run import answer_digest
from policies.model import Outcome
from tests.policies.account.clients import REGION
from tests.policies.replay import Changed

Said = dict[str, Any]
PODS = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "pods.eks.amazonaws.com"}}
MACHINES = {**PODS, "Principal": {"Service": ["pods.eks.amazonaws.com", "ec2.amazonaws.com"]}}


class Told(Changed):
    """The good run with other answers to several operations."""

    def __init__(self, run: EvidenceRun, answers: Mapping[str, Said | Callable[[Mapping[str, Any]], Said]]) -> None:
        super().__init__(run, "", lambda _: None)
        self._told = answers

    def answer(self, service: str, operation: str, parameters: Mapping[str, Any], region: str | None) -> Answer:
        """The answer that was given for the operation, else that of the run."""
        if operation not in self._told:
            return super().answer(service, operation, parameters, region)
        told = self._told[operation]
        body = told(parameters) if callable(told) else told
        return Answer(service, operation, region or REGION, parameters, "", body, answer_digest(body))


def _said(run: EvidenceRun, check: str, **answers: Said | Callable[[Mapping[str, Any]], Said]) -> tuple[Outcome, str]:
    """What one check says of the one thing that it judges, whatever others say."""
    owner = control("-".join(check.split("-")[:2]))
    account = Account(run.scopes[0].account, REGION, Recorder(Told(run, answers)), Unobservable())
    (chosen,) = (each for each in checks(owner) if each.name == check)
    (subject,) = chosen.subjects(account)
    faults = list(chosen.judge(subject, account))
    return (Outcome.FAIL, "; ".join(faults)) if faults else (Outcome.PASS, chosen.proves)


def _ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat()


def _history(summary: str, at: str) -> Said:
    return {"AlarmHistoryItems": [{"AlarmName": "root-use", "Timestamp": at, "HistorySummary": summary}]}


@pytest.mark.parametrize(
    ("history", "outcome"),
    [
        (_history("Alarm updated from OK to ALARM", _ago(days=29)), Outcome.PASS),
        (_history("Alarm updated from OK to ALARM", _ago(days=31)), Outcome.FAIL),
        (_history("Alarm updated from ALARM to OK", _ago(days=1)), Outcome.FAIL),
        ({"AlarmHistoryItems": []}, Outcome.FAIL),
    ],
)
def test_an_alarm_that_has_not_gone_off_for_a_month_has_not_been_tried(
    good: EvidenceRun, history: Said, outcome: Outcome
) -> None:
    """Going back to normal is no drill."""
    said, reason = _said(good, "log-6-alarm-drill", describe_alarm_history=history)
    assert said is outcome
    assert "30 days" in reason


def _restored(run: EvidenceRun, **job: object) -> tuple[Outcome, str]:
    vault = next(answer.body["BackupVaultArn"] for answer in run.answers if answer.operation == "DescribeBackupVault")
    whole = {"BackupVaultArn": vault, "CompletionDate": _ago(days=3), **job}
    return _said(run, "bcp-3-restored-lately", list_restore_jobs={"RestoreJobs": [whole]})


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ({"CompletionDate": _ago(days=40)}, "was last restored from 40 days ago"),
        ({"BackupVaultArn": "arn:aws:backup:eu-west-1:123456789012:backup-vault:another"}, "no restore from it"),
        ({"ValidationStatus": "FAILED"}, "no restore from it"),
    ],
)
def test_a_restore_that_is_old_or_of_another_vault_or_faulty_is_none(good: EvidenceRun, job: Said, reason: str) -> None:
    """And a whole one of this month is (bcp-3-restored-lately)."""
    assert _restored(good, ValidationStatus="SUCCESSFUL")[0] is Outcome.PASS
    said, why = _restored(good, **job)
    assert said is Outcome.FAIL
    assert reason in why


@pytest.mark.parametrize(
    ("suffix", "ago", "reason"),
    [
        ("", timedelta(days=3), "was last backed up 3 days ago"),
        ("-another", timedelta(hours=3), "was never backed up"),
    ],
)
def test_a_database_without_a_backup_of_yesterday_fails_whatever_plan_there_is(
    good: EvidenceRun, suffix: str, ago: timedelta, reason: str
) -> None:
    """A plan or a selection that was deleted leaves no trace but this (bcp-2-database-backed-up)."""
    databases = next(answer.body["DBInstances"] for answer in good.answers if answer.operation == "DescribeDBInstances")
    own = databases[0]["DBInstanceArn"]

    def said(arn: str, ago: timedelta) -> tuple[Outcome, str]:
        results = {"Results": [{"ResourceArn": arn, "LastBackupTime": (datetime.now(UTC) - ago).isoformat()}]}
        return _said(good, "bcp-2-database-backed-up", list_protected_resources=results)

    assert said(own, timedelta(hours=3))[0] is Outcome.PASS
    outcome, why = said(own + suffix, ago)
    assert outcome is Outcome.FAIL
    assert reason in why


def test_a_virtual_device_of_the_root_user_fails(good: EvidenceRun) -> None:
    """Somebody else's does not."""
    serial = "arn:aws:iam::123456789012:mfa/telephone"

    def said(owner: str) -> tuple[Outcome, str]:
        device = {"SerialNumber": serial, "User": {"Arn": f"arn:aws:iam::123456789012:{owner}"}}
        return _said(good, "iam-1-root-hardware", list_virtual_mfa_devices={"VirtualMFADevices": [device]})

    assert said("user/clerk")[0] is Outcome.PASS
    assert said("root") == (Outcome.FAIL, f"the root user's second factor is virtual: {serial}")


def test_a_root_user_without_a_password_needs_no_second_factor(good: EvidenceRun) -> None:
    """An organisation can take the password away; then nobody signs in."""

    def said(password: int) -> Outcome:
        summary = {"AccountMFAEnabled": 0, "AccountPasswordPresent": password, "AccountAccessKeysPresent": 0}
        return _said(good, "iam-1-root-mfa", get_account_summary={"SummaryMap": summary})[0]

    assert said(0) is Outcome.PASS
    assert said(1) is Outcome.FAIL


def _bound(run: EvidenceRun, roles: Mapping[str, str], statement: Said) -> tuple[Outcome, str]:
    """What is said of service accounts of `exchange` bound to these roles, which trust as the statement says."""
    entries = [{"namespace": "exchange", "serviceAccount": each, "associationId": each} for each in roles]

    def described(asked: Mapping[str, Any]) -> Said:
        return {"association": {"roleArn": f"arn:aws:iam::1:role/{roles[asked['associationId']]}"}}

    return _said(
        run,
        "iam-4-own-identity",
        list_pod_identity_associations={"associations": entries},
        describe_pod_identity_association=described,
        get_role={"Role": {"AssumeRolePolicyDocument": {"Statement": [statement]}}},
    )


def test_each_service_is_bound_to_a_role_of_its_own(good: EvidenceRun) -> None:
    """The shards of one service are one; two services are two; and machines are no pods."""
    own = {"gateway": "gateway", "matching-0": "matching", "matching-1": "matching"}
    assert _bound(good, own, PODS)[0] is Outcome.PASS
    assert "binds no service account" in _bound(good, {}, PODS)[1]
    shared = _bound(good, {"gateway": "all", "ledger": "all"}, PODS)
    assert shared == (Outcome.FAIL, "exchange/gateway, exchange/ledger share one role: arn:aws:iam::1:role/all")
    assert "lets in others than pods.eks.amazonaws.com" in _bound(good, {"gateway": "gateway"}, MACHINES)[1]


def _scan(since: str | None, severity: str, status: str = "ACTIVE") -> Said:
    finding = {"title": "CVE-2026-0001", "severity": severity, "firstObservedAt": since}
    return {"imageScanStatus": {"status": status}, "imageScanFindings": {"enhancedFindings": [finding]}}


@pytest.mark.parametrize(
    ("scan", "reason"),
    [
        (_scan(_ago(days=6), "CRITICAL"), ""),
        (_scan(_ago(days=8), "CRITICAL"), "CVE-2026-0001 (CRITICAL) since 8 days, where 7 are the most"),
        (_scan(_ago(days=29), "HIGH"), ""),
        (_scan(_ago(days=31), "HIGH"), "CVE-2026-0001 (HIGH) since 31 days, where 30 are the most"),
        (_scan(_ago(days=400), "MEDIUM"), ""),
        (_scan(None, "CRITICAL"), ""),
        (_scan(_ago(days=1), "HIGH", "FAILED"), "was not scanned (FAILED)"),
    ],
)
def test_a_grave_weakness_is_mended_in_its_time(good: EvidenceRun, scan: Said, reason: str) -> None:
    """Counted from the day on which it was first seen, or from the push where the scan does not say."""
    said, why = _said(good, "vul-1-mended-in-time", describe_image_scan_findings=scan)
    assert (said is Outcome.FAIL) == bool(reason)
    assert reason in why


def test_what_was_never_released_is_not_judged(good: EvidenceRun) -> None:
    """A build for a pull request and a signature are newer than the release, and are not what runs."""
    images = [
        {"imageTags": ["1.0"], "imageDigest": "sha256:a", "imagePushedAt": _ago(days=90)},
        {"imageTags": ["pr-7"], "imageDigest": "sha256:b", "imagePushedAt": _ago(days=1)},
        {"imageTags": ["sha256-a.sig"], "imageDigest": "sha256:c", "imagePushedAt": _ago(days=1)},
    ]
    scan = _scan(None, "CRITICAL")
    said = _said(
        good,
        "vul-1-mended-in-time",
        describe_images={"imageDetails": images},
        describe_image_scan_findings=lambda asked: scan if asked["imageId"]["imageDigest"] == "sha256:a" else {},
    )
    assert "since 90 days" in said[1]


def test_an_enhanced_registry_scans_what_its_repositories_leave_out(good: EvidenceRun) -> None:
    """The one is set a repository, the other for all of them."""
    bare = {"repositories": [{"repositoryArn": "arn", "repositoryName": "exchange/gateway"}]}

    def said(kind: str) -> Outcome:
        scanning = {"scanningConfiguration": {"scanType": kind}}
        return _said(
            good,
            "vul-1-images-scanned",
            describe_repositories=bare,
            get_registry_scanning_configuration=scanning,
        )[0]

    assert said("ENHANCED") is Outcome.PASS
    assert said("BASIC") is Outcome.FAIL


def test_an_unconfirmed_reader_is_nobody(good: EvidenceRun) -> None:
    """AWS tells a mailbox nothing before somebody there has followed its link."""
    waiting = {"Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Endpoint": "security@exchange.example"}]}
    said, reason = _said(good, "log-6-somebody-listens", list_subscriptions_by_topic=waiting)
    assert said is Outcome.FAIL
    assert "nobody who has confirmed" in reason


@pytest.mark.parametrize(
    ("configuration", "outcome"),
    [
        ('{"enableNetworkPolicy": "true"}', Outcome.PASS),
        ('{"enableNetworkPolicy": true}', Outcome.PASS),
        ('{"enableNetworkPolicy": "false"}', Outcome.FAIL),
        ("[]", Outcome.FAIL),
        (None, Outcome.FAIL),
    ],
)
def test_network_policies_are_enforced_where_the_add_on_is_told_to(
    good: EvidenceRun, configuration: str | None, outcome: Outcome
) -> None:
    """On an answer of AWS's shape, which moto lacks (net-4-policies-enforced): by default nothing is enforced."""
    told = Changed(good, "describe_addon", lambda a: a.update(addon={"configurationValues": configuration}))
    account = Account(good.scopes[0].account, REGION, Recorder(told))
    found = [each for each in findings(control("NET-4"), account) if ":cluster/" in each.resource]
    assert [each.outcome for each in found] == [outcome]
