"""The settings of the regulator's access: whom it is given to, between which two moments, and what is exported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar, Final

from pydantic import AwareDatetime, Field

from infra.settings.base import AccountId, Defaults, Environment, Layer, StackIdentity
from infra.settings.rules import TagText, order_findings

LONGEST_ACCESS: Final = timedelta(days=90)
"""How far apart the two ends of an access may lie; whoever needs longer is given it again, in a reviewed change."""

_TOGETHER: Final = ("regulator_account_ids", "regulator_access_from", "regulator_access_until", "regulator_request")


class RegulatorSettings(StackIdentity):
    """The regulator's role, which exists only while all of its settings do, and the bucket of exports."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {
        **dict.fromkeys(_TOGETHER),
        "export_days": 7,
        "export_lock_days": 1,
    }
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "regulator_account_ids": ("999988887777",),
            "regulator_access_from": "2026-11-22T00:00:00Z",
            "regulator_access_until": "2027-02-20T00:00:00Z",
            "regulator_request": "a rehearsal on a laptop",
        }
    }

    # The regulator's own accounts: whoever is let in there by them, with MFA, may assume the role.
    regulator_account_ids: tuple[AccountId, ...] = ()
    regulator_access_from: AwareDatetime | None = None
    regulator_access_until: AwareDatetime | None = None
    # The request that the access answers, such as MGA/AUD/2027/031.
    regulator_request: TagText | None = None
    # Days for which an export lies ready, and for which nobody deletes it by mistake.
    export_days: Annotated[int, Field(ge=1, le=3650)] = 365
    export_lock_days: Annotated[int, Field(ge=1, le=3650)] = 30

    @property
    def regulator_has_access(self) -> bool:
        """Whether the role is declared at all; without it nobody has a standing access."""
        return bool(self.regulator_account_ids)

    def findings(self) -> Iterator[str]:
        """An access has a holder, a reason, a beginning and an end not far from it."""
        yield from order_findings(self, "export_lock_days", "export_days")
        missing = [key for key in _TOGETHER if not getattr(self, key)]
        if 0 < len(missing) < len(_TOGETHER):
            keys = ", ".join(f"valletta:{key}" for key in missing)
            yield f"{keys} not set; the regulator's access needs all of {', '.join(_TOGETHER)}, or none (REG-1)"
        if self.account_id in self.regulator_account_ids:
            yield f"valletta:regulator_account_ids holds {self.account_id}, this stack's own: name the regulator's"
        start, end = self.regulator_access_from, self.regulator_access_until
        if start and end and not timedelta(0) < end - start <= LONGEST_ACCESS:
            yield (
                f"valletta:regulator_access_until is {end}; it lies after regulator_access_from ({start}), and at most "
                f"{LONGEST_ACCESS.days} days after, that is until {start + LONGEST_ACCESS} (REG-1)"
            )
