"""The records, together: the access logs, the archive, its replica, and what the regulator downloads."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.foundation.keys import Keys, Purpose
from infra.foundation.names import archive_name, exports_name, landing_name
from infra.foundation.records.accesslogs import AccessLogs
from infra.foundation.records.archive import Archive
from infra.foundation.records.regulator import Exports, Regulator
from infra.foundation.records.replica import Replica, ReplicaPuller
from infra.settings import StackSettings


@dataclass(frozen=True)
class Records:
    """Where everything that an auditor will ask for lies."""

    access_logs: AccessLogs
    archive: Archive
    exports: Exports


def lay_records(
    settings: StackSettings, keys: Keys, elsewhere: pulumi.ProviderResource, in_aws: pulumi.ResourceOptions
) -> Records:
    """Declare the places of the records, and who outside may look at them.

    Args:
        elsewhere: the provider of the account that keeps the archive.
    """
    logged, account = [landing_name(settings), exports_name(settings)], settings.log_archive_account_id
    if account is None:
        own_logs = archive_logs = AccessLogs("access-logs", settings, [*logged, archive_name(settings)], opts=in_aws)
    else:
        own_logs = AccessLogs("access-logs", settings, logged, opts=in_aws)
        archive_logs = AccessLogs(
            "archive-access-logs",
            settings,
            [archive_name(settings)],
            account_id=account,
            provider=elsewhere,
            opts=in_aws,
        )
    replica = None
    if settings.replica_region:
        replica = Replica("replica", settings, settings.replica_region, elsewhere, in_aws).destination
    archive = Archive(
        "archive",
        settings,
        keys,
        access_logs=own_logs,
        archive_access_logs=archive_logs,
        replica=replica,
        archive_provider=elsewhere,
        opts=in_aws,
    )
    exports = Exports("exports", settings, keys, own_logs, in_aws)
    if settings.regulator_has_access:
        Regulator("regulator", settings, archive=archive, exports=exports, opts=in_aws)
    if settings.replica_place:
        key = keys.arn(Purpose.ARCHIVE)
        puller = ReplicaPuller(
            "replica", settings, archive=archive.locked, key_arn=key, provider=elsewhere, opts=in_aws
        )
        pulumi.export("replica_puller", puller.role_arn)
    pulumi.export("archive", archive.locked.bucket.id)
    pulumi.export("exports", exports.store.bucket.id)
    _tell_locks(settings)
    return Records(own_logs, archive, exports)


def _tell_locks(settings: StackSettings) -> None:
    """Print, at every run, when each lock ends: whoever confirms the deployment confirms that."""
    locks = {lock.key: str(lock) for lock in settings.all_locks}
    for key, said in locks.items():
        pulumi.info(f"{key}: {said}")
    pulumi.export("unlock_dates", locks)
