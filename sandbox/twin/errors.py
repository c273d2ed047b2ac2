"""What the twin refuses, in words that name the value and the way out."""

from __future__ import annotations

import re

from botocore.exceptions import ParamValidationError


class TwinError(Exception):
    """The twin cannot do what it was asked."""


class UnknownTypeError(TwinError):
    """A resource type, function or property that the mapping does not know."""


class InvalidRequestError(TwinError):
    """Inputs that AWS's own service model does not accept."""


_VALUE = re.compile(r", value: .*?, (type|valid)", re.DOTALL)


def without_values(error: ParamValidationError) -> str:
    """Botocore's validation report with the values taken out: one of them may be a password."""
    return _VALUE.sub(r", \1", str(error))
