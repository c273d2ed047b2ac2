"""The values that travel between Pulumi and AWS."""

from __future__ import annotations

from typing import Any, TypeAlias

Value: TypeAlias = Any
"""What JSON can say, and the bytes and times of AWS's answers besides.

Its form is known from botocore's shapes and Pulumi's schema when the twin runs, not to a type checker.
"""
