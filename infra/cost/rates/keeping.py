"""What keeps: objects, images, secrets, keys, backups."""

from __future__ import annotations

from collections.abc import Iterator

from infra.cost.rates.base import RATES, Context, Inputs, Line, monthly, rate


@rate("aws:s3/bucket:Bucket")
def _bucket(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("objects kept, GB", "object_gb_month", context.usage.object_gb)


@rate("aws:kms/key:Key")
def _key(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("keys", "key_month", 1)
    requests = context.usage.key_requests_million * 1e6 * context.share("aws:kms/key:Key")
    yield context.units("key requests", "key_request", requests)


@rate("aws:ecr/repository:Repository")
def _repository(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("images kept, GB", "image_gb_month", context.usage.image_gb)


@rate("aws:backup/vault:Vault")
def _vault(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("backups kept, GB", "backup_gb_month", context.usage.backup_gb)


@rate("aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication")
def _replicated_backups(_: Inputs, context: Context) -> Iterator[Line]:
    yield context.units("backups of the database in another region, GB", "backup_gb_month", context.usage.backup_gb)


RATES["aws:kms/replicaKey:ReplicaKey"] = RATES["aws:kms/key:Key"]
monthly("aws:secretsmanager/secret:Secret", "secrets", "secret_month")
