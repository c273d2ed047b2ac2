"""The detective checks on a real moto server: kept where all is right, failing where one thing is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from policies.catalogue import catalogue, checks
from policies.environment import Environment
from policies.evidence import AccountTarget, EvidenceRun, collect
from policies.model import Outcome
from tests.policies.account.clients import session
from tests.policies.account.records import ARCHIVE
from tests.policies.account.whole import TWIN, TestAccount, target_of
from tests.policies.breaks import BREAKS, ELSEWHERE, Break


def test_the_good_account_fails_nothing(good: EvidenceRun) -> None:
    """Every control that has a check passes on every resource, but for those that moto cannot show, which say so."""
    seen = {(finding.control, finding.outcome) for finding in good.findings if finding.answers}
    assert {control for control, outcome in seen} == {known.id for known in catalogue() if checks(known)}
    assert {outcome for _, outcome in seen} == {Outcome.PASS, Outcome.NOT_OBSERVABLE}
    unseen = {"BCP-1", "BCP-2", "BCP-3", "IAM-4", "LOG-1", "NET-4"}
    assert {control for control, outcome in seen if outcome is Outcome.NOT_OBSERVABLE} == unseen
    assert good.complete
    assert good.clean


def test_every_check_has_a_break() -> None:
    """A check that is added without a way to fail it fails here."""
    known = {check.name for owner in catalogue() for check in checks(owner)}
    assert {each.check for each in BREAKS} == known - ELSEWHERE


@pytest.mark.parametrize("broken", BREAKS, ids=lambda each: each.check)
def test_a_check_fails_on_what_it_is_about(account: TestAccount, broken: Break) -> None:
    """The broken account fails the control, for the reason of the break; mended, it passes again."""
    broken.act(account)
    try:
        run = collect(target_of(account), [broken.control])
    finally:
        broken.mend(account)
    failed = [finding for finding in run.findings if finding.outcome is Outcome.FAIL]
    assert any(broken.check in finding.checks and broken.reason in finding.reason for finding in failed), run.findings
    assert not run.clean
    assert collect(target_of(account), [broken.control]).clean


def test_a_short_lock_is_enough_where_no_money_is_held(account: TestAccount) -> None:
    """The bucket's tag may say that it is staging's, or without a tag the caller: whichever asks more counts.

    An object that took the bucket's own retention is in order by the same measure.
    """

    def judged(environment: Environment | None, tag: str | None) -> set[Outcome]:
        account.tag_bucket(ARCHIVE, tag)
        run = collect(target_of(account, environment=environment), ["LOG-2"])
        assert run.scopes[0].environment == environment, "the evidence says by which measure it judged"
        assert "HeadObject" in {answer.operation for answer in run.answers}
        return {finding.outcome for finding in run.findings}

    account.lock_bucket(ARCHIVE, {"Mode": "GOVERNANCE", "Days": 14})
    account.put_into_archive()
    try:
        assert judged(None, "staging") == {Outcome.PASS}
        assert judged(Environment.STAGING, None) == {Outcome.PASS}
        assert judged(None, None) == {Outcome.FAIL}
        assert judged(Environment.STAGING, "production") == {Outcome.FAIL}
        assert judged(Environment.PRODUCTION, "staging") == {Outcome.FAIL}
    finally:
        account.tag_bucket(ARCHIVE, "production")
        account.empty_archive()
        account.lock_bucket(ARCHIVE, {"Mode": "COMPLIANCE", "Years": 5})


def test_a_key_of_another_region_is_asked_for_there(account: TestAccount) -> None:
    """The replica of the records lies elsewhere, under a key of that place."""
    elsewhere, bucket = "eu-south-1", "exchange-replica"
    make: Any = account.session.client  # its overloads name every service
    kms, s3 = (make(each, elsewhere, endpoint_url=account.endpoint) for each in ("kms", "s3"))
    key = kms.create_key()["KeyMetadata"]["Arn"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": elsewhere})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    try:
        run = collect(target_of(account), ["CRY-1"])
    finally:
        s3.delete_bucket(Bucket=bucket)
    (found,) = (finding for finding in run.findings if finding.resource.endswith(bucket))
    assert found.outcome is Outcome.PASS, found.reason
    assert {each.region for each in run.answers if each.parameters.get("KeyId") == key} == {elsewhere}


def test_an_empty_default_network_is_left_out(account: TestAccount) -> None:
    """AWS puts a default network into every region; where nothing is in it, it is no network of the exchange."""
    elsewhere = AccountTarget(session(), "eu-west-3", account.endpoint, TWIN)
    run = collect(elsewhere, ["NET-5"])
    assert any("Vpcs" in answer.body and answer.body["Vpcs"][0]["IsDefault"] for answer in run.answers)
    assert {finding.outcome for finding in run.findings} == {Outcome.NOT_APPLICABLE}


def test_an_account_without_anything_fails_what_it_must_have(account: TestAccount) -> None:
    """Where nothing was built, what is asked of resources does not apply, and what is asked of the account fails."""
    target = AccountTarget(session(), "eu-west-3", account.endpoint, TWIN)
    outcomes = {finding.outcome for finding in collect(target, ["NET-1", "NET-3", "BCP-1"]).findings}
    assert outcomes == {Outcome.NOT_APPLICABLE}
    assert [finding.outcome for finding in collect(target, ["NET-2", "LOG-3"]).findings] == [Outcome.NOT_APPLICABLE] * 2
    assert Outcome.FAIL in {finding.outcome for finding in collect(target, ["CRY-1"]).findings}
