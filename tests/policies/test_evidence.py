"""The evidence run itself: what is not answered is never a pass, nothing is asked twice, and nothing is changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from policies.account import Account, NotObservable, Unanswered, Unobservable
from policies.catalogue import catalogue, control
from policies.evidence import AccountTarget, EvidenceRun, Finding, collect
from policies.evidence.judging import findings
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from policies.evidence.store import integrity_faults, read_document, text_of
from policies.evidence.target import unobservable_from
from policies.model import Outcome
from policies.values import Value
from tests.policies.account.clients import REGION, session
from tests.policies.account.records import tls_only
from tests.policies.account.whole import TestAccount, target_of
from tests.policies.replay import Changed, Replay, question

DENIED = "AccessDenied"
REFUSED_BY_DEFAULT = ("GetBucketTagging",)
"""Calls whose refusal is no error: without tags a bucket counts as production's, which is the strictest reading."""
UNCITED = ("GetBucketLogging",)
"""Calls on whose answers no good resource rests: a bucket that takes no access logs is judged like every other."""


def _judged(reader: Replay, run: EvidenceRun, only: str | None = None) -> list[Finding]:
    account = Account(run.scopes[0].account, REGION, Recorder(reader), Unobservable(operations=frozenset()))
    chosen = [control(only)] if only else catalogue()
    return [finding for each in chosen for finding in findings(each, account)]


OPERATIONS = [
    "DescribeDBInstances", "ListClustersV2", "DescribeSubnets", "DescribeKey", "ListClusters", "DescribeCluster",
    "ListBuckets", "GetBucketEncryption", "GetEbsEncryptionByDefault", "DescribeDBParameters", "GetBucketPolicy",
    "ListKeys", "GetKeyRotationStatus", "GetAccountAuthorizationDetails", "DescribeTrails", "GetTrailStatus",
    "GetBucketReplication", "GetObjectLockConfiguration", "ListObjectsV2", "DescribeLogGroups", "DescribeRouteTables",
    "DescribeNetworkInterfaces", "DescribeSecurityGroups", "DescribeLaunchTemplates", "DescribeLaunchTemplateVersions",
    "DescribeInstances", "DescribeVpcs", "DescribeFlowLogs", "GetBucketTagging", "GetBucketLogging", "GetLoginProfile",
    "DescribeRegions", "DescribeVolumes", "DescribeSnapshots", "DescribeDBSnapshots", "GetBucketLocation",
    "DescribeAlarms", "DescribeMetricFilters", "ListSubscriptionsByTopic", "GetAccountSummary",
    "ListVirtualMFADevices", "ListUsers", "GetRole", "ListAccessKeys", "ListBackupPlans", "GetBackupPlan",
    "DescribeBackupVault", "ListTags", "DescribeRepositories", "DescribeImages", "DescribeImageScanFindings",
    "ListBackupVaults", "ListTables", "DescribeDBClusterSnapshots", "List",
]  # fmt: skip
"""Every operation that the checks ask of the good account; `test_the_list_of_operations_is_whole` holds it to that."""


def test_the_list_of_operations_is_whole(good: EvidenceRun) -> None:
    """The tests below deny each call in turn; a new one must be among them."""
    asked = {answer.operation for answer in good.answers} - {"GetCallerIdentity"}
    assert asked == set(OPERATIONS)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each not in REFUSED_BY_DEFAULT])
@pytest.mark.parametrize("code", [DENIED, "ThrottlingException"])
def test_a_refused_call_is_an_error_and_never_a_pass(good: EvidenceRun, operation: str, code: str) -> None:
    """Whatever is denied or throttled, no resource that rested on its answer passes, and an ERROR is there."""
    rested = {answer.sha256 for answer in good.answers if answer.operation == operation}
    before = {(f.control, f.resource) for f in good.findings if rested & set(f.answers) and f.outcome is Outcome.PASS}
    after = _judged(Replay(good, operation, Unanswered(operation, code, "no")), good)
    assert before or operation in UNCITED
    assert any(finding.outcome is Outcome.ERROR and code in finding.reason for finding in after)
    errors = {finding.control for finding in after if finding.outcome is Outcome.ERROR}
    still = {(f.control, f.resource) for f in after if f.outcome is Outcome.PASS}
    assert {control for control, _ in before} <= errors
    assert not {(c, r) for c, r in before & still if _rests_wholly_on(good, c, r, rested)}


def _rests_wholly_on(run: EvidenceRun, control_id: str, resource: str, answers: set[str]) -> bool:
    """Did every finding of this control on this resource rest on one of these answers?"""
    return all(answers & set(f.answers) for f in run.findings if (f.control, f.resource) == (control_id, resource))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_the_twin_does_not_implement_is_not_observable(good: EvidenceRun, operation: str) -> None:
    """A call that the twin lacks says nothing about the account, good or bad."""
    after = _judged(Replay(good, operation, NotObservable(f"the twin does not implement {operation}")), good)
    assert any(f.outcome is Outcome.NOT_OBSERVABLE and operation in f.reason for f in after)
    assert not any(f.outcome in (Outcome.FAIL, Outcome.ERROR) and operation in f.reason for f in after)


def test_a_property_that_the_twin_drops_is_not_observable(account: TestAccount) -> None:
    """The brokers' encryption is there in moto, but where the twin says that it is not held, it proves nothing."""
    lacking = Unobservable(properties={"aws:msk/cluster:Cluster": frozenset({"encryptionInfo"})})
    run = collect(AccountTarget(session(), REGION, account.endpoint, lacking), ["CRY-2"])
    outcomes = {finding.outcome for finding in run.findings if ":kafka:" in finding.resource}
    assert outcomes == {Outcome.NOT_OBSERVABLE}


@pytest.mark.parametrize(
    ("properties", "outcome"),
    [
        ("default.replication.factor=3\nmin.insync.replicas = 2\nunclean.leader.election.enable=false", Outcome.PASS),
        ("default.replication.factor=3\nmin.insync.replicas=1\nunclean.leader.election.enable=false", Outcome.FAIL),
        ("#min.insync.replicas=2", Outcome.FAIL),
        ("", Outcome.FAIL),
    ],
)
def test_brokers_durability_is_read_from_their_configuration(
    good: EvidenceRun, properties: str, outcome: Outcome
) -> None:
    """`bcp-1-brokers-durability`, which moto cannot answer, on an answer of AWS's shape."""
    configured = Changed(good, "describe_configuration_revision", lambda a: a.update(ServerProperties=properties))
    found = _judged(configured, good, "BCP-1")
    assert [finding.outcome for finding in found if ":kafka:" in finding.resource] == [outcome]


@pytest.mark.parametrize("field", ["LatestDeliveryError", "LatestDigestDeliveryError"])
def test_a_trail_that_cannot_deliver_fails(good: EvidenceRun, field: str) -> None:
    """`log-1-trail-delivers`: it is switched on, and what it records is lost."""
    found = _judged(Changed(good, "get_trail_status", lambda a: a.update({field: "AccessDenied"})), good, "LOG-1")
    assert [f.reason for f in found if f.outcome is Outcome.FAIL] == [
        f"could not deliver to its bucket: {field} is AccessDenied"
    ]


def test_what_a_twin_never_tells_is_not_observable(account: TestAccount) -> None:
    """No log is ever delivered in a twin, so that none failed proves nothing: the rest of the control still does."""
    silent = Unobservable(operations=frozenset({"ec2:DescribeFlowLogs.DeliverLogsStatus"}))
    run = collect(AccountTarget(session(), REGION, account.endpoint, silent), ["NET-5"])
    assert [finding.outcome for finding in run.findings] == [Outcome.NOT_OBSERVABLE]


def test_who_carries_the_policy_of_administrators_fails(good: EvidenceRun) -> None:
    """AWS's own policy is not among the account's, so it is known by its name."""
    attached = [{"PolicyName": "Admin", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]

    def attach(answer: dict[str, Any]) -> None:
        for role in answer["RoleDetailList"]:
            role["AttachedManagedPolicies"] = attached

    found = _judged(Changed(good, "get_account_authorization_details", attach), good, "IAM-2")
    said = {(f.outcome, f.reason) for f in found if ":role/" in f.resource}
    assert said == {(Outcome.FAIL, "carries AdministratorAccess")}


def test_a_denied_call_over_the_wire_is_an_error(account: TestAccount) -> None:
    """AWS's own answer to a call without the right, through botocore's parser, and no retry makes it a pass."""
    body = (
        b"<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>"
    )

    class Raw:
        def stream(self, **_: Value) -> list[bytes]:
            return [body]

    refusing = session()
    headers = HTTPHeaders()
    refused: Any = lambda **_: AWSResponse("https://ec2", 403, headers, Raw())  # noqa: E731
    refusing.events.register("before-send.ec2.DescribeFlowLogs", refused)
    run = collect(AccountTarget(refusing, REGION, account.endpoint), ["NET-5"])
    assert [(f.outcome, "UnauthorizedOperation" in f.reason) for f in run.findings] == [(Outcome.ERROR, True)]
    assert not run.complete


def test_no_question_is_asked_twice(good: EvidenceRun) -> None:
    """Checks share their answers: an account is not asked the same thing for every control."""
    asked = [question(answer.service, answer.operation, answer.parameters, answer.region) for answer in good.answers]
    assert len(asked) == len(set(asked))


def test_nothing_is_asked_that_could_change_the_account(account: TestAccount, good: EvidenceRun) -> None:
    """Only operations that read, by AWS's naming; any other is refused before it is sent."""
    assert all(answer.operation.startswith(("Describe", "Get", "List", "Head")) for answer in good.answers)
    with pytest.raises(ValueError, match="may change the account"):
        BotoSource(target_of(account)).answer("s3", "delete_bucket", {"Bucket": "exchange-landing"}, None)
    assert account.client("s3").head_bucket(Bucket="exchange-landing")


def test_that_there_is_no_such_configuration_is_kept_as_an_answer(account: TestAccount) -> None:
    """A bucket without a policy fails because AWS says so: the finding cites those words."""
    s3 = account.client("s3")
    s3.delete_bucket_policy(Bucket="exchange-landing")
    try:
        run = collect(target_of(account), ["CRY-2"])
    finally:
        s3.put_bucket_policy(Bucket="exchange-landing", Policy=json.dumps(tls_only("exchange-landing")))
    (failed,) = (finding for finding in run.findings if finding.outcome is Outcome.FAIL)
    (refused,) = (answer for answer in run.answers if answer.refusal is not None)
    assert refused.sha256 in failed.answers
    assert refused.refusal is not None
    assert refused.refusal[0] == "NoSuchBucketPolicy"


def test_every_page_is_read(account: TestAccount) -> None:
    """An answer that comes in pages is put together: the identity on the last one is judged like the first."""
    iam = account.client("iam")
    names = [f"user-{n:03}" for n in range(105)]  # IAM's page holds a hundred
    for name in names:
        iam.create_user(UserName=name)
    try:
        source = BotoSource(target_of(account))
        found = source.answer("iam", "list_users", {"PaginationConfig": {"PageSize": 10}}, None).body["Users"]
        assert [user["UserName"] for user in found if user["UserName"].startswith("user-")] == names
    finally:
        for name in names:
            iam.delete_user(UserName=name)


def test_a_run_is_sound_on_file_and_a_changed_one_is_not(good: EvidenceRun, tmp_path: Path) -> None:
    """The hashes hold what was collected; one changed answer, or one that is gone, is told."""
    file = tmp_path / "evidence.json"
    file.write_text(text_of(good))
    document = json.loads(json.dumps(read_document(file)))
    assert not list(integrity_faults(document))
    cited = next(finding["answers"][0] for finding in document["findings"] if finding["answers"])
    answer = next(each for each in document["answers"] if each["sha256"] == cited)
    answer["body"]["DBInstances"] = []
    assert any("SHA-256 differs" in fault for fault in integrity_faults(document))
    document["answers"].remove(answer)
    assert any("not among that account's in the file" in fault for fault in integrity_faults(document))


def test_a_run_says_who_asked_whom_by_which_catalogue(good: EvidenceRun) -> None:
    """An auditor can tell the account, the caller, the time and the wording of the controls."""
    document = good.to_json()
    (scope,) = document["scopes"]
    assert scope["account"] == "123456789012"
    assert scope["caller"].startswith("arn:aws:")
    assert scope["regions"] == (REGION,)
    assert document["started_at"] <= document["ended_at"]
    assert len(document["catalogue_sha256"]) == 64
    assert list(document["controls"]) == [known.id for known in catalogue()]
    assert sum(document["summary"].values()) == len(document["findings"])


def test_an_unknown_control_is_an_error_that_names_those_there_are(account: TestAccount) -> None:
    """A typing error must not end in an empty run that looks clean."""
    with pytest.raises(KeyError, match="there is no control LOG-99; there are AML-1"):
        collect(target_of(account), ["LOG-99"])


@pytest.mark.parametrize(
    "document",
    [{}, {"types": [], "properties": {}}, {"types": "all", "properties": {}, "operations": []},
     {"types": [], "properties": {"a": "b"}, "operations": []}],
)  # fmt: skip
def test_a_twin_that_does_not_say_what_it_lacks_is_not_believed(document: dict[str, Any]) -> None:
    """Without the report everything would look observable."""
    with pytest.raises(ValueError, match="cannot be observed"):
        unobservable_from(document)
