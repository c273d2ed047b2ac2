"""How long the audit archive is locked, and until when: the arithmetic of S3 Object Lock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_TEXT: Final = re.compile(r"^([1-9]\d{0,4})([dy])$")
_LONGEST_YEARS: Final = 100  # S3's own bound
_LONGEST_DAYS: Final = 36500


class LockMode(StrEnum):
    """COMPLIANCE: nobody, not even the root user, can delete or shorten. GOVERNANCE: a privileged person can."""

    COMPLIANCE = "COMPLIANCE"
    GOVERNANCE = "GOVERNANCE"


@dataclass(frozen=True)
class Retention:
    """A length of time in whole days or whole calendar years, written `14d` or `5y`; exactly one of the two is set."""

    days: int | None = None
    years: int | None = None

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read `14d` or `5y`. Raises `ValueError` for anything else, or longer than S3 allows (100 years)."""
        if isinstance(text, cls):
            return text
        found = _TEXT.match(str(text))
        if found is None:
            raise ValueError("a retention is a whole number of days or years, such as 14d or 5y")
        count = int(found[1])
        if count > (_LONGEST_YEARS if found[2] == "y" else _LONGEST_DAYS):
            raise ValueError("S3 locks an object for at most 100 years (100y or 36500d)")
        return cls(years=count) if found[2] == "y" else cls(days=count)

    def __str__(self) -> str:
        return f"{self.years}y" if self.years else f"{self.days}d"

    def end(self, start: date) -> date:
        """The first day on which an object written on `start` is no longer locked; 29 February becomes 1 March."""
        if self.years is None:
            return start + timedelta(days=self.days or 0)
        try:
            return start.replace(year=start.year + self.years)
        except ValueError:
            return date(start.year + self.years, 3, 1)

    def covers_years(self, years: int) -> bool:
        """Whether it is at least so many calendar years, leap days included."""
        return (self.years or 0) >= years or (self.days or 0) >= years * 365 + (years + 3) // 4

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[Self], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls.parse)
