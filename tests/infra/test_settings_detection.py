"""Settings of what watches the account: bad ones are refused with their key, their value and what would be right."""

from __future__ import annotations

import json

import pytest

from infra.settings.base import EU_REGIONS
from tests.infra.configuration import LOCAL, PRODUCTION, assert_refused, settings

ORGANIZATION = {**PRODUCTION, "organization_id": "o-abcdefghij"}
CONTACT = {"email": "a@exchange.example", "name": "A", "phone": "+356", "title": "Officer"}

REFUSED: list[tuple[dict[str, str], dict[str, str | None], str]] = [
    (PRODUCTION, {"alarm_emails": None}, "valletta:alarm_emails is empty; nobody would hear production's alarms"),
    (LOCAL, {"alarm_emails": '["security"]'}, "valletta:alarm_emails.0 is 'security': an e-mail address is wanted"),
    (LOCAL, {"alarm_emails": "a@b.example"}, "which is not the YAML list or mapping it must be"),
    (LOCAL, {"monthly_budget": "0"}, "valletta:monthly_budget is '0': Input should be greater than or equal to 10"),
    (LOCAL, {"monthly_budget": "a lot"}, "valletta:monthly_budget is 'a lot': Input should be a valid integer"),
    (LOCAL, {"cost_allocation": "perhaps"}, "valletta:cost_allocation is 'perhaps'"),
    (
        LOCAL,
        {"security_contact": '{"name": "A"}'},
        "security_contact has name; AWS asks for exactly email, name, phone",
    ),
    (LOCAL, {"security_account_id": "1"}, "valletta:security_account_id is '1'"),
    (LOCAL, {"security_account_id": "777788889999"}, "valletta:security_account_id is set, but valletta:organization_"),
    (LOCAL, {"guardrail_targets": '["r-ab12"]'}, "valletta:guardrail_targets is set, but valletta:organization_id is"),
    (
        ORGANIZATION,
        {"guardrail_targets": '["root"]'},
        "valletta:guardrail_targets.0 is 'root': a root (r-ab12), a unit",
    ),
    (ORGANIZATION, {"security_account_id": "123456789012"}, "this stack's own, which manages the organisation"),
    (LOCAL, {"allowed_regions": "[]"}, "valletta:allowed_regions is []"),
    (LOCAL, {"allowed_regions": '["us-east-1"]'}, "valletta:allowed_regions.0 is 'us-east-1': regulated data stays in"),
    (
        LOCAL,
        {"allowed_regions": '["eu-north-1"]'},
        "allowed_regions is eu-north-1, without eu-west-1, where this stack",
    ),
]


@pytest.mark.parametrize(("base", "changed", "told"), REFUSED, ids=[json.dumps(each[1]) for each in REFUSED])
def test_a_setting_that_cannot_stand_is_refused_and_told(
    base: dict[str, str], changed: dict[str, str | None], told: str
) -> None:
    assert_refused(base, changed, told)


def test_what_an_organisation_needs_is_taken() -> None:
    targets = ["r-ab12", "ou-ab12-cdefgh34", "777788889999"]
    stack = settings(ORGANIZATION, guardrail_targets=json.dumps(targets), security_account_id="777788889999")
    assert stack.guardrail_targets == tuple(targets)
    assert stack.allowed_regions == EU_REGIONS


def test_a_stack_that_shares_its_accounts_baseline_need_not_listen() -> None:
    assert settings(PRODUCTION, alarm_emails=None, account_baseline="shared").alarm_emails == ()


def test_a_contact_is_whole_or_left_out() -> None:
    assert settings(PRODUCTION).security_contact == {}
    assert settings(PRODUCTION, security_contact=json.dumps(CONTACT)).security_contact == CONTACT
