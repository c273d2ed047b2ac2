"""Waivers: what they let pass, what they never do, and every way in which one cannot stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from policies.evidence import EvidenceRun, Finding, collect
from policies.evidence.waivers import FOLDER, WaiverError, apply_waivers, load_waivers
from policies.model import Outcome
from tests.policies.account.stores import DATABASE
from tests.policies.account.whole import TestAccount, target_of

ACCOUNT = "123456789012"
RESOURCE = f"arn:aws:rds:eu-west-1:{ACCOUNT}:db:{DATABASE}"
GOOD = {
    "control": '"CRY-2"',
    "resource": f'"{RESOURCE}"',
    "account": f'"{ACCOUNT}"',
    "reason": '"An old client of the bank speaks no TLS until its upgrade."',
    "author": '"j.borg@exchange.example"',
    "approver": '"m.vella@exchange.example"',
    "ticket": '"SEC-482"',
    "from": "2026-11-01",
    "expires": "2027-01-30",
}


NO_CHANGE: Mapping[str, str | None] = {}


def write(folder: Path, changes: Mapping[str, str | None] = NO_CHANGE, name: str = "tls.toml") -> None:
    fields = {**GOOD, **changes}
    (folder / name).write_text("".join(f"{key} = {value}\n" for key, value in fields.items() if value is not None))


def failing(outcome: Outcome = Outcome.FAIL) -> Finding:
    return Finding("CRY-2", RESOURCE, outcome, "lets clients connect without TLS", account=ACCOUNT)


@pytest.mark.parametrize(
    ("day", "outcome", "told"),
    [
        (date(2026, 10, 31), Outcome.FAIL, "the waiver tls.toml begins on 2026-11-01, so it fails"),
        (date(2026, 11, 1), Outcome.WAIVED, "waived until 2027-01-30 by m.vella@exchange.example, SEC-482"),
        (date(2027, 1, 30), Outcome.WAIVED, "An old client of the bank"),
        (date(2027, 1, 31), Outcome.FAIL, "the waiver tls.toml expired on 2027-01-30, so it fails"),
    ],
)
def test_a_waiver_counts_from_its_first_day_to_its_last(tmp_path: Path, day: date, outcome: Outcome, told: str) -> None:
    write(tmp_path)
    (judged,), (kept,) = apply_waivers([failing()], load_waivers(tmp_path), day)
    assert judged.outcome is outcome
    assert told in judged.reason
    assert kept["file"] == "tls.toml"
    assert kept["outcome"] == "FAIL"


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in (Outcome.FAIL, Outcome.NOT_IMPLEMENTED)])
def test_what_was_not_seen_to_fail_is_never_waived(tmp_path: Path, outcome: Outcome) -> None:
    """Above all no ERROR: nobody knows what is let pass."""
    write(tmp_path)
    (judged,), _ = apply_waivers([failing(outcome)], load_waivers(tmp_path), date(2026, 12, 1))
    assert judged == failing(outcome)


@pytest.mark.parametrize(
    "change", [{"control": '"CRY-1"'}, {"resource": f'"{RESOURCE}-2"'}, {"account": '"999988887777"'}]
)
def test_a_waiver_is_for_one_control_on_one_resource_of_one_account(tmp_path: Path, change: dict[str, str]) -> None:
    write(tmp_path, change)
    (judged,), (kept,) = apply_waivers([failing()], load_waivers(tmp_path), date(2026, 12, 1))
    assert judged.outcome is Outcome.FAIL
    assert kept["outcome"] == "nothing was found on that resource"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"control": '"CRY-99"'}, "control is 'CRY-99', which is not in the catalogue"),
        ({"resource": '"arn:aws:rds:*"'}, "name one resource whole, without wildcards"),
        ({"account": '"12"'}, "account is '12'"),
        ({"reason": '"because"'}, "reason is 'because'"),
        ({"approver": '"J.Borg@exchange.example"'}, "who is the author; somebody else must approve"),
        ({"ticket": None}, "ticket is not set"),
        ({"expires": "2027-01-31"}, "expires is 2027-01-31; at most 90 days after 2026-11-01 is 2027-01-30"),
        ({"expires": "2026-10-31"}, "before from, which is 2026-11-01"),
        ({"expires": '"soon"'}, "expires is 'soon'"),
        ({"forever": "true"}, "forever is True"),
        ({"reason": '"torn'}, "tls.toml is no TOML"),
    ],
)
def test_a_waiver_that_cannot_stand_is_told_with_its_file_and_what_would_be_right(
    tmp_path: Path, change: dict[str, str | None], told: str
) -> None:
    write(tmp_path, change)
    with pytest.raises(WaiverError) as refused:
        load_waivers(tmp_path)
    assert any("tls.toml" in fault and told in fault for fault in refused.value.faults), refused.value.faults


def test_a_waiver_is_not_stretched_by_a_second_one(tmp_path: Path) -> None:
    """Two in a row are two decisions; two that overlap are one of more than ninety days."""
    write(tmp_path, name="a.toml")
    write(tmp_path, {"from": "2027-01-31", "expires": "2027-04-30"}, "b.toml")
    assert len(load_waivers(tmp_path)) == 2
    write(tmp_path, {"from": "2027-01-30", "expires": "2027-04-30"}, "b.toml")
    with pytest.raises(WaiverError, match=r"b\.toml waives what a\.toml waives, on the same days"):
        load_waivers(tmp_path)


def test_the_repositorys_own_waivers_can_all_be_read() -> None:
    load_waivers(FOLDER)


def test_a_run_says_waived_where_a_waiver_is_in_force_and_brings_it_along(
    account: TestAccount, good: EvidenceRun, tmp_path: Path
) -> None:
    """It is exported with the evidence, in force or not."""
    today = date.fromisoformat(good.started_at[:10])
    write(tmp_path, {"from": str(today), "expires": str(today)})
    account.force_ssl("0")
    try:
        run = collect(target_of(account), ["CRY-2"], waivers=load_waivers(tmp_path))
    finally:
        account.force_ssl("1")
    assert [finding.resource for finding in run.findings if finding.outcome is Outcome.WAIVED] == [RESOURCE]
    assert run.clean
    assert run.waivers[0]["state"] == "in force"
