"""What guards the good account: its watches, its backups, its registry, its regulator, its root user."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from moto.iam.models import AccountSummary, IAMBackend, iam_backends

from infra.foundation.watching.watches import WATCHES
from policies.values import Value
from tests.policies.account.clients import REGION, Clients

ACCOUNT = "123456789012"
TRAIL_GROUP = "exchange/trail"
NAMESPACE = "exchange/trail"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
LAG_ALARM = "to-the-archive-lag"
REPOSITORY = "exchange/gateway"
VAULT = "records"
COPIES = (
    f"arn:aws:backup:eu-central-1:{ACCOUNT}:backup-vault:{VAULT}",
    f"arn:aws:backup:{REGION}:888899990000:backup-vault:{VAULT}",
)
REGULATOR, CLERK = "regulator", "clerk"


def build_watches(account: Clients) -> None:
    """The trail's log group with a filter and an alarm for each watch, and somebody who listens."""
    account.client("logs").create_log_group(logGroupName=TRAIL_GROUP)
    account.client("logs").put_retention_policy(logGroupName=TRAIL_GROUP, retentionInDays=365)
    account.client("sns").create_topic(Name="alarms")
    listen(account)
    for watch in WATCHES:
        watch_for(account, watch.name, watch.pattern)
    put_lag_alarm(account)


def watch_for(account: Clients, name: str, pattern: str, **alarm: Value) -> None:
    """Count what matches a pattern, and tell of the first."""
    counted = {"metricName": name, "metricNamespace": NAMESPACE, "metricValue": "1"}
    account.client("logs").put_metric_filter(
        logGroupName=TRAIL_GROUP, filterName=name, filterPattern=pattern, metricTransformations=[counted]
    )
    put_alarm(account, name, NAMESPACE, name, **alarm)


def put_alarm(account: Clients, name: str, namespace: str, metric: str, **changes: Value) -> None:
    """An alarm on a metric that tells the topic."""
    account.client("cloudwatch").put_metric_alarm(
        **{
            "AlarmName": name,
            "Namespace": namespace,
            "MetricName": metric,
            "Statistic": "Sum",
            "Period": 300,
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "AlarmActions": [TOPIC],
            **changes,
        }
    )


def put_lag_alarm(account: Clients, **changes: Value) -> None:
    """The alarm on the lag of what lands."""
    pairs = {"SourceBucket": "exchange-landing", "DestinationBucket": "exchange-archive", "RuleId": "all"}
    dimensions = [{"Name": name, "Value": value} for name, value in pairs.items()]
    put_alarm(
        account, LAG_ALARM, "AWS/S3", "ReplicationLatency", **{"Threshold": 900, "Dimensions": dimensions, **changes}
    )


def listen(account: Clients) -> None:
    """Somebody confirms that they read the topic; moto takes every subscription for confirmed."""
    account.client("sns").subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="security@exchange.example")


def stop_listening(account: Clients) -> None:
    """Nobody reads the topic."""
    sns = account.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])


def build_backups(account: Clients) -> None:
    """A vault under a lock that nobody lifts, and a plan that copies what it holds away."""
    backup = account.client("backup")
    backup.create_backup_vault(BackupVaultName=VAULT)
    lock_vault(account)
    account.backup_plan = put_plan(account, COPIES)


def lock_vault(account: Clients, **changes: Value) -> None:
    """Lock the vault; it can still be changed for a week."""
    lock = {"MinRetentionDays": 35, "ChangeableForDays": 7, **changes}
    account.client("backup").put_backup_vault_lock_configuration(
        BackupVaultName=VAULT, **{key: value for key, value in lock.items() if value is not None}
    )


def unlock_vault(account: Clients) -> None:
    """Take the lock off."""
    account.client("backup").delete_backup_vault_lock_configuration(BackupVaultName=VAULT)


def put_plan(account: Clients, copies: tuple[str, ...]) -> str:
    """A plan with one rule and these copies; its id."""
    rule = {
        "RuleName": "daily",
        "TargetBackupVaultName": VAULT,
        "ScheduleExpression": "cron(0 5 * * ? *)",
        "CopyActions": [{"DestinationBackupVaultArn": arn} for arn in copies],
    }
    # To moto a plan that was deleted still has its name.
    plan = {"BackupPlanName": f"plan-{uuid4()}", "Rules": [rule]}
    return str(account.client("backup").create_backup_plan(BackupPlan=plan)["BackupPlanId"])


def replace_plan(account: Clients, copies: tuple[str, ...]) -> None:
    """Another plan in place of the present one."""
    account.client("backup").delete_backup_plan(BackupPlanId=account.backup_plan)
    account.backup_plan = put_plan(account, copies)


def build_registry(account: Clients) -> None:
    """A repository that scans what is pushed, with one release that was."""
    ecr = account.client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY, imageScanningConfiguration={"scanOnPush": True})
    push(account, "1.0")
    ecr.start_image_scan(repositoryName=REPOSITORY, imageId={"imageTag": "1.0"})


def push(account: Clients, tag: str) -> None:
    """Push an image, without a scan."""
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "size": 1, "digest": f"sha256:{tag:0>64}"}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {**layer, "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [layer],
    }
    account.client("ecr").put_image(repositoryName=REPOSITORY, imageManifest=json.dumps(manifest), imageTag=tag)


def remove_image(account: Clients, tag: str) -> None:
    """Take an image away again."""
    account.client("ecr").batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageTag": tag}])


def build_people(account: Clients) -> None:
    """A root user with a second factor, a user without credentials, and a regulator who may come for a month."""
    _root()._account_mfa_enabled = 1  # AWS has no operation by which anybody else could say so
    iam = account.client("iam")
    iam.create_user(UserName=CLERK)
    iam.create_role(
        RoleName=REGULATOR,
        AssumeRolePolicyDocument=regulator_trust(),
        MaxSessionDuration=3600,
        Tags=[{"Key": "valletta:request", "Value": "MGA/AUD/2027/031"}],
    )
    allow_regulator(account, "s3:GetObject")


def _root() -> AccountSummary:
    backend: IAMBackend = iam_backends[ACCOUNT]["aws"]
    return backend.account_summary


def set_root(name: str, value: int) -> None:
    """Say of the root user what no operation of AWS lets one do: `mfa_enabled`, `access_keys_present`."""
    setattr(_root(), f"_account_{name}", value)


def regulator_trust(days: int = 30, **changes: Value) -> str:
    """Who may assume the regulator's role, for so many days from today."""
    today = datetime.now(UTC)
    condition = {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"},
        "DateGreaterThan": {"aws:CurrentTime": f"{today:%Y-%m-%dT%H:%M:%SZ}"},
        "DateLessThan": {"aws:CurrentTime": f"{today + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"},
        **changes,
    }
    statement = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
        "Condition": condition,
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust_regulator(account: Clients, document: str) -> None:
    """Another trust for the regulator's role."""
    account.client("iam").update_assume_role_policy(RoleName=REGULATOR, PolicyDocument=document)


def allow_regulator(account: Clients, action: str) -> None:
    """Another right for the regulator's role."""
    account.client("iam").put_role_policy(RoleName=REGULATOR, PolicyName="reading", PolicyDocument=allowing(action))


def allowing(action: str) -> str:
    """A policy that allows an action on everything."""
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
