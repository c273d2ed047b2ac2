"""How the ledger's PostgreSQL is set: who may connect, what is audited, and what may never reach a log.

Logs are exported and locked for years, and AWS reads them too: nothing that a player told us may get into them. So
statements are logged by pgaudit only, without their values, and errors without the row that they speak of.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pulumi_aws as aws

_NOW: Final = "immediate"
_AT_REBOOT: Final = "pending-reboot"
"""Where PostgreSQL reads a parameter at its start only; a new instance has it from the beginning."""

PARAMETERS: Final[Mapping[str, tuple[str, str]]] = {
    # Who may connect: over TLS 1.2 or newer, with a password that is kept and proved as SCRAM, or by IAM.
    "rds.force_ssl": ("1", _NOW),
    "ssl_min_protocol_version": ("TLSv1.2", _NOW),
    "password_encryption": ("scram-sha-256", _NOW),
    "rds.accepted_password_auth_method": ("scram", _NOW),
    "log_connections": ("1", _NOW),
    "log_disconnections": ("1", _NOW),
    # What is audited: every change of tables, rights and rows.
    "shared_preload_libraries": ("pgaudit,pg_stat_statements", _AT_REBOOT),
    "pgaudit.log": ("ddl,role,write", _NOW),
    # What may not reach a log: the values of a statement that is audited, slow, or fails; the row of a broken rule.
    "pgaudit.log_parameter": ("0", _NOW),
    "log_statement": ("none", _NOW),
    "log_min_duration_statement": ("-1", _NOW),
    "log_min_error_statement": ("panic", _NOW),
    "log_parameter_max_length_on_error": ("0", _NOW),
    "log_error_verbosity": ("terse", _NOW),
    # Whoever decodes the log of changes reads every row, past all rights on tables. A read replica needs none of it.
    "rds.logical_replication": ("0", _AT_REBOOT),
    # A stuck session holds no lock for ever; milliseconds.
    "idle_in_transaction_session_timeout": ("60000", _NOW),
    # What Database Insights shows: the time spent on disks, and a statement whole instead of its first 1 KiB.
    "track_io_timing": ("1", _NOW),
    "track_activity_query_size": ("4096", _AT_REBOOT),
}
"""Parameter -> (value, when it applies)."""


def parameters() -> list[aws.rds.ParameterGroupParameterArgs]:
    """All of them, as a parameter group takes them."""
    return [
        aws.rds.ParameterGroupParameterArgs(name=name, value=value, apply_method=when)
        for name, (value, when) in PARAMETERS.items()
    ]
