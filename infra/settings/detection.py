"""The settings of what watches the account: who is told, what a month may cost, and what the organisation forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from infra.settings.base import EU_REGIONS, AccountId, Baseline, Defaults, Environment, Layer, Region, StackIdentity

CONTACT_FIELDS: Final = ("email", "name", "phone", "title")
"""What AWS asks of an alternate contact."""


def _email(value: object) -> object:
    """A mailbox, as SNS takes it."""
    if not re.match(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", str(value)):
        raise ValueError("an e-mail address is wanted, such as security@exchange.example")
    return value


def _guardrail_target(value: object) -> object:
    """What a policy of an organisation can be attached to."""
    if not re.match(r"^(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|\d{12})$", str(value)):
        raise ValueError("a root (r-ab12), a unit (ou-ab12-cdefgh34) or an account (twelve digits) is wanted")
    return value


class DetectionSettings(StackIdentity):
    """Alarms, the budget, and the guardrails of the organisation."""

    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "alarm_emails": ("security@exchange.example",),
            "cost_allocation": True,
            "monthly_budget": 100,
            "security_contact": {
                "email": "security@exchange.example",
                "name": "Security officer",
                "phone": "+35621234567",
                "title": "Security officer",
            },
        },
        Environment.STAGING: {"monthly_budget": 3000},
    }
    in_a_copy: ClassVar[Mapping[str, Any]] = {
        "cost_allocation": None,
        "guardrail_targets": None,
        "security_account_id": None,
    }

    # Each is asked by AWS to confirm, by a link in an e-mail, before it is told of anything.
    alarm_emails: tuple[Annotated[str, BeforeValidator(_email)], ...] = ()
    # In US dollars, for the whole account.
    monthly_budget: Annotated[int, Field(ge=10, le=10_000_000)] = 8000
    # Only in the account that pays, and a day after the first resources were tagged: before that, AWS refuses.
    cost_allocation: bool = False
    # Whom AWS writes to about abuse and incidents: email, name, phone, title.
    security_contact: Mapping[str, str] = Field(default_factory=dict)
    # The account to which the organisation's GuardDuty and Security Hub are delegated.
    security_account_id: AccountId | None = None
    # Roots, units and accounts of the organisation on which the service control policy lies.
    guardrail_targets: tuple[Annotated[str, BeforeValidator(_guardrail_target)], ...] = ()
    allowed_regions: Annotated[tuple[Region, ...], Field(min_length=1)] = EU_REGIONS

    def findings(self) -> Iterator[str]:
        """Production is listened to, a contact is whole, and what is the organisation's has an organisation."""
        owns = self.account_baseline is Baseline.OWN
        if owns and self.environment is Environment.PRODUCTION and not self.alarm_emails:
            yield (
                "valletta:alarm_emails is empty; nobody would hear production's alarms: "
                "name a mailbox that is read every day, such as security@exchange.example (LOG-6)"
            )
        if self.security_contact and sorted(self.security_contact) != sorted(CONTACT_FIELDS):
            given, wanted = ", ".join(sorted(self.security_contact)), ", ".join(CONTACT_FIELDS)
            yield f"valletta:security_contact has {given}; AWS asks for exactly {wanted}"
        if self.region not in self.allowed_regions:
            allowed = ", ".join(self.allowed_regions)
            yield f"valletta:allowed_regions is {allowed}, without {self.region}, where this stack lies: add it (LOC-1)"
        if self.organization_id is None:
            for key in ("guardrail_targets", "security_account_id"):
                if getattr(self, key):
                    yield f"valletta:{key} is set, but valletta:organization_id is not, whose matter it is: set both"
        if self.security_account_id == self.account_id:
            yield (
                f"valletta:security_account_id is {self.account_id}, this stack's own, which manages the organisation; "
                "delegate to another, or leave it out"
            )
