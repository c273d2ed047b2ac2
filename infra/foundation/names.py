"""Names and ARNs that policies speak of before the thing exists."""

from __future__ import annotations

from infra.settings import Baseline, StackSettings
from infra.settings.base import NAMESPACE


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


def replication_role_name(settings: StackSettings) -> str:
    """The name of the role that replicates the landing bucket."""
    return f"{settings.prefix}-archive-replication"


def replication_role_arn(settings: StackSettings) -> str:
    """The ARN of the role that replicates; buckets of another account let it in before it exists."""
    return f"arn:aws:iam::{settings.account_id}:role/{replication_role_name(settings)}"


def regulator_role_name(settings: StackSettings) -> str:
    """The name of the regulator's role."""
    return f"{settings.prefix}-regulator-reader"


def regulator_role_arn(settings: StackSettings) -> str:
    """The ARN of the regulator's role; an archive in another account lets it in before it exists."""
    return f"arn:aws:iam::{settings.account_id}:role/{regulator_role_name(settings)}"


def landing_name(settings: StackSettings) -> str:
    """The name of the bucket into which AWS delivers."""
    return f"{settings.prefix}-landing-{settings.account_id}"


def archive_name(settings: StackSettings) -> str:
    """The name of the locked archive, in the account that keeps it."""
    return f"{settings.prefix}-archive-{settings.log_archive_account_id or settings.account_id}"


def exports_name(settings: StackSettings) -> str:
    """The name of the bucket from which the regulator downloads."""
    return f"{settings.prefix}-exports-{settings.account_id}"


def pipeline_role_name(settings: StackSettings, role: str) -> str:
    """The name of a role of the account's pipeline; a copy is deployed by that of the stack whose account it shares."""
    shared = settings.account_baseline is Baseline.SHARED
    return f"{NAMESPACE}-{settings.environment if shared else settings.name}-{role}"


def pipeline_role_arn(settings: StackSettings, role: str) -> str:
    """The ARN of a role of the account's pipeline; policies name it before it exists."""
    return f"arn:aws:iam::{settings.account_id}:role/{pipeline_role_name(settings, role)}"
