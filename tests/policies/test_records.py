"""The two places to which less applies, and that they are told by what they are: access logs, and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from policies.cloud import tokens
from policies.evidence import collect
from policies.model import Outcome
from policies.pack.analysis import analyse
from tests.policies.account.records import TAGS, tls_only
from tests.policies.account.whole import TestAccount, target_of
from tests.policies.plans import Resources, broken, drop, without

LOGS, EXPORTS, SOURCE = "test-access-logs", "test-exports", "test-landing-of-logs"


def test_a_bucket_with_a_key_of_s3_is_right_only_where_access_logs_go(production: Resources) -> None:
    edit = without(tokens.BUCKET_LOGGING)
    analysis = analyse(broken(production, edit), stack="production")
    assert {each.rule for each in analysis.violations} == {"cry-1-bucket-key"}
    names = {each.urn.rpartition("::")[2] for each in analysis.violations}
    assert names == {"access-logs-bucket", "archive-access-logs-bucket"}


def test_a_lock_that_can_be_lifted_is_right_only_on_a_bucket_of_exports(production: Resources) -> None:
    edit = drop(tokens.BUCKET, "tags.valletta:holds", "exports")
    analysis = analyse(broken(production, edit), stack="production")
    assert {each.rule for each in analysis.violations} == {"log-2-archive-lock"}
    assert {each.urn.rpartition("::")[2] for each in analysis.violations} == {"exports-bucket"}


@pytest.fixture
def buckets(account: TestAccount) -> Iterator[TestAccount]:
    """The test account with a bucket of access logs and a bucket of exports beside the archive."""
    s3 = account.client("s3")
    account.build_bucket(LOGS)
    account.encrypt_bucket(LOGS, "AES256", None)
    account.build_bucket(SOURCE)
    account.build_bucket(EXPORTS, lock={"Mode": "GOVERNANCE", "Days": 30})
    policy = tls_only(LOGS)
    policy["Statement"] += [
        {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{LOGS}/*",
        }
    ]
    s3.put_bucket_policy(Bucket=LOGS, Policy=json.dumps(policy))
    enabled = {"LoggingEnabled": {"TargetBucket": LOGS, "TargetPrefix": ""}}
    s3.put_bucket_logging(Bucket=SOURCE, BucketLoggingStatus=enabled)
    holds = [*TAGS, {"Key": "valletta:holds", "Value": "exports"}]
    s3.put_bucket_tagging(Bucket=EXPORTS, Tagging={"TagSet": holds})
    yield account
    s3.put_bucket_logging(Bucket=SOURCE, BucketLoggingStatus={})
    s3.delete_bucket_policy(Bucket=LOGS)
    for written in s3.list_object_versions(Bucket=LOGS).get("Versions", []):
        s3.delete_object(Bucket=LOGS, Key=written["Key"], VersionId=written["VersionId"])
    for name in (SOURCE, LOGS, EXPORTS):
        s3.delete_bucket(Bucket=name)


def _failed(account: TestAccount, control: str) -> list[str]:
    run = collect(target_of(account), [control])
    return [each.resource.rpartition(":")[2] for each in run.findings if each.outcome is Outcome.FAIL]


def test_a_live_bucket_of_access_logs_is_told_by_what_s3_delivers_into_it(buckets: TestAccount) -> None:
    assert _failed(buckets, "CRY-1") == []
    buckets.client("s3").put_bucket_logging(Bucket=SOURCE, BucketLoggingStatus={})
    assert _failed(buckets, "CRY-1") == [LOGS]


def test_a_live_bucket_of_exports_is_told_by_its_tag(buckets: TestAccount) -> None:
    assert _failed(buckets, "LOG-2") == []
    buckets.client("s3").put_bucket_tagging(Bucket=EXPORTS, Tagging={"TagSet": TAGS})
    assert _failed(buckets, "LOG-2") == [EXPORTS]
