"""BCP-3: a backup is one that was restored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import tokens
from policies.cloud.backups import vaults
from policies.cloud.moments import youngest
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule

LONGEST = timedelta(days=35)
"""How long ago a restore may last have been completed: a month, and some days for one that failed and was repeated."""

_CRON = re.compile(r"^cron\((?P<fields>[^)]*)\)$")
_RATE = re.compile(r"^rate\((?P<days>[0-9]+) days?\)$")


@rule(
    "bcp-3-restore-tested",
    tokens.RESTORE_TEST,
    joins=True,
    demanded_by=(tokens.BACKUP_VAULT,),
    remedy=(
        "Declare an aws.backup.RestoreTestingPlan that runs every month, with an aws.backup.RestoreTestingSelection."
    ),
)
def restore_is_tried(test: Resource, stack: Stack) -> Iterator[str]:
    """Where there is a vault, a restore from it is tried every month at least."""
    schedule = test.get("scheduleExpression", default="")
    if not _is_monthly(schedule):
        yield f"is not tried every month (scheduleExpression is {schedule or 'not given'})"
    if not stack.referring(test, tokens.RESTORE_TEST_SELECTION, "restoreTestingPlanName"):
        yield "restores nothing, for it has no selection"


def _is_monthly(schedule: str) -> bool:
    """Does it run in every month? In a cron expression of AWS the month is the fourth field, the year the sixth."""
    if rate := _RATE.match(schedule):
        return int(rate["days"]) <= LONGEST.days
    cron = _CRON.match(schedule)
    fields = cron["fields"].split() if cron else []
    return len(fields) == 6 and fields[3] == "*" and fields[5] == "*"


@check("bcp-3-restored-lately", vaults, proves=f"a backup of it was restored within {LONGEST.days} days")
def was_restored_lately(vault: Subject, account: Account) -> Iterator[str]:
    """A backup of every vault was restored lately, and the restore was not found faulty."""
    account.observe_field("backup:ListRestoreJobs")
    jobs = [
        job
        for job in account.all("backup", "list_restore_jobs", "RestoreJobs", ByStatus="COMPLETED")
        if job.get("BackupVaultArn", vault.id) == vault.id and job.get("ValidationStatus") != "FAILED"
    ]
    last = youngest(job["CompletionDate"] for job in jobs if job.get("CompletionDate"))
    if last is None:
        yield "no restore from it is on record"
    elif last > LONGEST:
        yield f"was last restored from {last.days} days ago, where {LONGEST.days} are the most"


CONTROL = Control(
    id="BCP-3",
    title="Restore drill",
    statement=(
        "A restore from the newest backup is tried by machine every month, in every environment that has backups. "
        "Once a quarter people walk the whole runbook, and compare what came back with the log."
    ),
    rationale=(
        "A backup that nobody has restored is a hope. The machine proves that the snapshot opens; only a comparison "
        "proves that it holds what players are owed."
    ),
    clauses=(
        Clause("ISO 27001", "2022", "5.30"),
        Clause("GLI-19", "3.0", "B.3.9"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The restore jobs of the period with their results, and the report of the last drill with its hashes.",
    preventive=(restore_is_tried,),
    detective=(was_restored_lately,),
    attestation=(
        "The infrastructure lead attests the last drill by hand (docs/runbooks/restore-database.md): its day, how "
        "long it took, and that the ledger's position and books agreed with the log."
    ),
)
