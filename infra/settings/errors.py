"""How a stack's settings are refused."""

from __future__ import annotations


class SettingsError(Exception):
    """The stack's settings cannot stand; one line a finding, each naming the key, the value and what would be right."""
