"""Names and ARNs that policies speak of before the thing exists."""

from __future__ import annotations

from infra.settings import StackSettings


def trail_name(settings: StackSettings) -> str:
    """The name of the stack's trail; its ARN stands in policies before the trail exists."""
    return f"{settings.prefix}-trail"


def trail_arn(settings: StackSettings) -> str:
    """The ARN of the stack's trail."""
    return f"arn:aws:cloudtrail:{settings.region}:{settings.account_id}:trail/{trail_name(settings)}"


def topic_name(settings: StackSettings) -> str:
    """The name of the topic of alarms."""
    return f"{settings.prefix}-alarms"


def topic_arn(settings: StackSettings) -> str:
    """The ARN of the topic of alarms; policies name it before it exists."""
    return f"arn:aws:sns:{settings.region}:{settings.account_id}:{topic_name(settings)}"


def detectors_arn(settings: StackSettings) -> str:
    """What the ARN of the account's detector is like, whose id AWS makes up."""
    return f"arn:aws:guardduty:{settings.region}:{settings.account_id}:detector/*"
