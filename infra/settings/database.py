"""The database's settings: its version, size, copies and backups."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field, StringConstraints

from infra.settings.base import Defaults, Environment, Layer, StackIdentity
from infra.settings.rules import order_findings

RECORD_BACKUP_DAYS: Final = 7


SecretArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-\w{6}$")
]


def _database_instance_class(value: object) -> object:
    """An RDS class for PostgreSQL."""
    if not re.match(r"^db\.([mr][5-8]i?g?d?|t4g|t3)\.(micro|small|medium|large|(2|4|8|12|16|24)?xlarge)$", str(value)):
        raise ValueError("an RDS instance class is wanted, such as db.m7g.large")
    return value


class DatabaseSettings(StackIdentity):
    """RDS for PostgreSQL, which the ledger is kept in."""

    in_a_copy: ClassVar[Mapping[str, Any]] = {
        "database_instance_class": "db.t4g.medium",
        "database_storage_gib": 20,
        "database_storage_max_gib": 100,
        "database_backup_days": 1,
        "database_read_replica": False,
        "database_secret_arn": None,
        "database_proxy": False,
    }
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "database_instance_class": "db.t4g.medium",
            "database_storage_gib": 20,
            "database_storage_max_gib": 100,
            "database_backup_days": 7,
            "database_proxy": True,
        }
    }

    database_version: Annotated[str, StringConstraints(pattern=r"^1[5-8]\.\d{1,2}$")] = "17.6"
    database_instance_class: Annotated[str, BeforeValidator(_database_instance_class)] = "db.m7g.large"
    database_storage_gib: Annotated[int, Field(ge=20, le=65536)] = 200
    database_storage_max_gib: Annotated[int, Field(ge=20, le=65536)] = 2000
    database_multi_az: bool = True
    # A proxy that shares connections among pods; and a second instance for reports, which follows the first.
    database_proxy: bool = False
    database_read_replica: bool = False
    # Where the owner's password lies once RDS no longer manages it: AWS copies no database whose password it manages.
    database_secret_arn: SecretArn | None = None
    database_backup_days: Annotated[int, Field(ge=1, le=35)] = 35

    def findings(self) -> Iterator[str]:
        """A database of records survives the loss of a zone, and of a week."""
        yield from order_findings(self, "database_storage_gib", "database_storage_max_gib")
        yield from self._password_findings()
        if not self.keeps_records:
            return
        kind = self.environment
        if not self.database_multi_az:
            yield f"valletta:database_multi_az is false; {kind} survives the loss of a zone (BCP-1)"
        if self.database_backup_days < RECORD_BACKUP_DAYS:
            days = self.database_backup_days
            yield f"valletta:database_backup_days is {days}; {kind} needs {RECORD_BACKUP_DAYS} or more"

    def _password_findings(self) -> Iterator[str]:
        secret, here = self.database_secret_arn, f"arn:aws:secretsmanager:{self.region}:{self.account_id}:secret:"
        if secret is not None and not secret.startswith(here):
            yield f"valletta:database_secret_arn is {secret!r}; a secret of this stack's place is wanted: {here}..."
        if self.database_read_replica and secret is None:
            yield (
                "valletta:database_read_replica is true, but AWS copies no database whose password RDS manages: "
                "docs/runbooks/add-read-replica.md, then valletta:database_secret_arn"
            )
