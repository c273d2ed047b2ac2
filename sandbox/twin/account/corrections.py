"""Where moto does what AWS does not, put right on each regional part as it is made.

Each of these was found by a test of the twin; a release of moto that behaves leaves nothing to correct.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from moto.backup.models import Plan
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.s3.exceptions import ReplicationConfigurationNotFoundError
from moto.s3.responses import S3Response

from sandbox.twin.account import eks, kafka, rds
from sandbox.twin.values import Value


def correct(service: str, backend: Value) -> None:
    """Put one freshly made regional part of moto's account right; moto's backends have no common type."""
    if service in _CORRECTIONS:
        _CORRECTIONS[service](backend)


def _ec2(ec2: Value) -> None:
    """Moto's first subnet of a zone gives out public addresses; over an absent rule of a network ACL it fails."""
    create, delete_entry = ec2.create_subnet, ec2.delete_network_acl_entry

    def create_subnet(*args: Value, **kwargs: Value) -> Value:
        subnet = create(*args, **kwargs)
        subnet.default_for_az = subnet.map_public_ip_on_launch = False
        return subnet

    def delete_network_acl_entry(network_acl_id: str, rule_number: int, egress: Value) -> Value:
        try:
            return delete_entry(network_acl_id, rule_number, egress)
        except StopIteration:
            raise EC2ClientError("InvalidNetworkAclEntry.NotFound", f"no rule {rule_number}") from None

    ec2.create_subnet = create_subnet
    ec2.delete_network_acl_entry = delete_network_acl_entry


def _guardduty(guardduty: Value) -> None:
    """Moto takes the features of an update for all that the detector has."""
    update = guardduty.update_detector

    def update_detector(detector: str, enable: Value, frequency: Value, sources: Value, features: Value) -> None:
        told = {one["name"]: one for one in guardduty.get_detector(detector).features}
        merged = [*(told | {one["name"]: one for one in features}).values()] if features else None
        update(detector, enable, frequency, sources, merged)

    guardduty.update_detector = update_detector


def _s3(_: Value) -> None:
    """Moto keeps the rules of a replication and tells only a part of each."""

    def get_bucket_replication(response: Value) -> Value:
        response.data["Action"] = "GetBucketReplication"
        kept = response.backend.get_bucket_replication(response.bucket_name)
        if not kept:
            raise ReplicationConfigurationNotFoundError(bucket_name=response.bucket_name)
        rules = [{**rule, "Filter": rule.get("Filter") or {"Prefix": ""}} for rule in kept["Rule"]]
        return response.serialized(ActionResult({"ReplicationConfiguration": {"Role": kept["Role"], "Rules": rules}}))

    responses: Value = S3Response
    responses.get_bucket_replication = get_bucket_replication


def _backup(backup: Value) -> None:
    """Moto cannot update a plan, and keeps the name of a deleted one taken."""
    delete = backup.delete_backup_plan

    def delete_backup_plan(backup_plan_id: str) -> Value:
        told = delete(backup_plan_id)
        del backup.plans[backup_plan_id]
        return told

    def update_backup_plan(response: Value) -> str:
        plans, plan_id = response.backup_backend.plans, response.path.rpartition("/")[2]
        former = response.backup_backend.get_backup_plan(plan_id, None)
        wanted = Plan(json.loads(response.body)["BackupPlan"], former.creator_request_id, response.backup_backend)
        wanted.backup_plan_id, wanted.backup_plan_arn = former.backup_plan_id, former.backup_plan_arn
        plans[plan_id] = wanted
        return json.dumps(wanted.to_dict())

    backup.delete_backup_plan = delete_backup_plan
    responses: Value = BackupResponse
    responses.update_backup_plan = update_backup_plan


def _logs(logs: Value) -> None:
    """Moto keeps a metric filter beside the one of the same name that it should replace."""
    put = logs.put_metric_filter

    def put_metric_filter(name: str, pattern: str, group: str, transformations: Value) -> None:
        logs.delete_metric_filter(name, group)
        put(name, pattern, group, transformations)

    logs.put_metric_filter = put_metric_filter


_CORRECTIONS: dict[str, Callable[[Value], None]] = {
    "backup": _backup,
    "ec2": _ec2,
    "eks": eks.correct,
    "guardduty": _guardduty,
    "kafka": kafka.correct,
    "logs": _logs,
    "rds": rds.correct,
    "s3": _s3,
}
