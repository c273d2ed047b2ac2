"""Many hands: what they find is what one hand finds, nothing is asked twice, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from policies.account import Account, Memory, Unanswered
from policies.evidence import ClockError, EvidenceRun, collect
from policies.evidence.clock import MOST, check_clock
from policies.evidence.crew import Crew
from policies.evidence.reader import BotoSource
from policies.evidence.recorder import Recorder
from policies.model import Outcome
from tests.policies.account.clients import REGION
from tests.policies.account.whole import TestAccount, target_of


def plain(run: EvidenceRun) -> list[tuple[Any, ...]]:
    """A run's findings without what differs by nature: when each answer came does not, but some bear their time."""
    return [(each.control, each.resource, each.outcome, each.reason, each.checks) for each in run.findings]


def test_many_hands_find_what_one_hand_finds(account: TestAccount, good: EvidenceRun) -> None:
    assert plain(collect(target_of(account), hands=1)) == plain(good)


def test_a_crew_keeps_the_order_shares_work_to_any_depth_and_never_waits_for_itself() -> None:
    """One hand, and work within work within work: whoever waits helps."""
    with Crew(1) as crew:

        def deep(level: int) -> int:
            return sum(crew.map(deep, [level - 1] * 3)) if level else 1

        assert list(crew.map(deep, [0, 1, 2, 3])) == [1, 3, 9, 27]


def test_what_an_item_raises_is_raised_in_its_turn_after_those_before_it() -> None:
    with Crew(4) as crew:

        def items() -> Iterator[int]:
            yield from (1, 2)
            raise KeyError("the list broke off")

        told: list[int] = []
        with pytest.raises(KeyError, match="broke off"):
            told.extend(crew.map(lambda each: each, items()))
        outcomes = crew.map(lambda each: 1 // each, [1, 0, 1])
        assert next(outcomes) == 1
        with pytest.raises(ZeroDivisionError):
            next(outcomes)
    assert told == [1, 2]


def test_a_question_that_many_put_at_once_is_sent_once(account: TestAccount) -> None:
    target = target_of(account)
    sent: Counter[str] = Counter()
    target.session.events.register("before-send.ec2.DescribeVpcs", lambda **_: sent.update(["DescribeVpcs"]))
    source, together = BotoSource(target), Barrier(8)

    def ask(_: int) -> int:
        together.wait()
        return len(source.answer("ec2", "describe_vpcs", {}, None).body["Vpcs"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert sent == {"DescribeVpcs": 1}


def test_what_is_worked_out_once_is_remembered_with_its_refusal() -> None:
    """A list that the account refuses is an ERROR for everybody who judges by it, and asked for once."""
    asked: list[str] = []

    class Refusing:
        def answer(self, service: str, operation: str, *_: object) -> Any:  # noqa: ANN401  (never answers)
            asked.append(operation)
            raise Unanswered(f"{service}:{operation}", "AccessDenied", "no")

        def content(self, *_: object) -> Any:  # noqa: ANN401  (never answers)
            raise AssertionError("nobody asks for an object here")

    account = Account("1", REGION, Recorder(Refusing()), memory=Memory())

    def derive(within: Account) -> object:
        return within.ask("s3", "list_buckets")

    for _ in range(2):
        with pytest.raises(Unanswered):
            account.once(derive)
    assert asked == ["list_buckets"]


def test_two_regions_are_one_run_and_what_an_account_has_once_is_one_finding(account: TestAccount) -> None:
    """Buckets and identities belong to the account: they are asked for once, and judged once."""
    target = replace(target_of(account), more_regions=("eu-central-1", REGION))
    run = collect(target, ["CRY-1", "LOG-1", "NET-5", "IAM-2"])
    assert run.scopes[0].regions == (REGION, "eu-central-1")
    places = [(finding.control, finding.resource) for finding in run.findings]
    assert len(places) == len(set(places))
    by_service = {(answer.service, answer.region) for answer in run.answers}
    assert {region for service, region in by_service if service in ("s3", "iam")} == {REGION}
    assert {region for service, region in by_service if service == "ec2"} == {REGION, "eu-central-1"}
    failed = [each for each in run.findings if each.outcome is Outcome.FAIL]
    assert [each.reason for each in failed] == ["volumes can be made without encryption in eu-central-1"]


def test_two_accounts_are_one_run_and_every_finding_says_whose_it_is(account: TestAccount) -> None:
    """moto takes the account from the credentials, as AWS does from the role that is assumed."""
    sts = account.client("sts")
    given = sts.assume_role(RoleArn="arn:aws:iam::222233334444:role/audit", RoleSessionName="audit")["Credentials"]
    target = target_of(account)
    other = replace(
        target,
        session=type(target.session)(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=REGION,
        ),
    )
    run = collect([target, other], ["NET-5"])
    assert [scope.account for scope in run.scopes] == ["123456789012", "222233334444"]
    assert {finding.account for finding in run.findings} == {"123456789012", "222233334444"}
    assert {answer.account for answer in run.answers} == {"123456789012", "222233334444"}


@pytest.mark.parametrize(("ahead", "told"), [(timedelta(days=2), "behind"), (timedelta(days=-2), "ahead of")])
def test_a_clock_that_is_not_the_accounts_is_refused_with_how_far_it_is_off(ahead: timedelta, told: str) -> None:
    """A clock in the past would let an expired waiver pass."""
    now = datetime.now(UTC)
    with pytest.raises(ClockError, match=f"172800 s {told} the account's"):
        check_clock(now, now + ahead)
    assert check_clock(now, now + MOST) == MOST.total_seconds()
    assert check_clock(now, None) is None


def test_a_run_says_how_far_the_two_clocks_are_apart(good: EvidenceRun) -> None:
    offset = good.scopes[0].clock_offset_s
    assert offset is not None
    assert abs(offset) < 60
