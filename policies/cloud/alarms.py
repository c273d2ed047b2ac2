"""Alarms of CloudWatch, in a plan and in an account: does one act, and on which measure?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies.cloud import tokens
from policies.resources import Resource, Stack, UnknownValueError


def planned_acts(alarm: Resource, stack: Stack) -> bool:
    """Does an alarm of a plan tell anybody? CloudWatch's default is that it has no action, and that actions are on.

    Before the deployment the topic's ARN may not be known; that the property refers to a topic of this stack is enough.
    """
    if alarm.get("actionsEnabled", default=True) is not True:
        return False
    try:
        return bool(list(alarm.items("alarmActions")))
    except UnknownValueError:
        if stack.refers_to(alarm, "alarmActions", tokens.TOPIC):
            return True
        raise


def acts(alarm: Mapping[str, Any]) -> bool:
    """Does an alarm of an account tell anybody?"""
    return bool(alarm.get("AlarmActions")) and alarm.get("ActionsEnabled", True) is True


def dimensions(alarm: Mapping[str, Any]) -> dict[str, str]:
    """What an alarm of an account looks at, as a mapping."""
    return {pair["Name"]: pair["Value"] for pair in alarm.get("Dimensions", ())}
