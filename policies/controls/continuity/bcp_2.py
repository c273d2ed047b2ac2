"""BCP-2: backups that nobody can delete, in another region and another account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from policies.account import Account, Subject
from policies.checks import check
from policies.cloud import inventory, tokens
from policies.cloud.backups import own_accounts, own_regions, place_of, plans, vaults
from policies.cloud.moments import moment, youngest
from policies.environment import Environment
from policies.model import Clause, Control, Severity
from policies.resources import Resource, Stack
from policies.rules import rule
from policies.values import Value

LONGEST_GRACE = timedelta(days=7)
"""How long a new lock may still be taken off. AWS asks for three days at least."""

LATEST = timedelta(days=2)
"""How long ago a database may last have been backed up: a day, and another for one that failed and was repeated."""

LEAST_DAYS = 35
"""How long the lock keeps a backup at least: a fault that is found at the month's end can still be undone."""


@rule(
    "bcp-2-vault-locked",
    tokens.BACKUP_VAULT,
    joins=True,
    demanded_by=(tokens.DATABASE,),
    remedy=(
        "Give the vault an aws.backup.VaultLockConfiguration; in production with changeable_for_days, after which "
        f"nobody can take it off, of at most {LONGEST_GRACE.days}, and min_retention_days of at least {LEAST_DAYS}."
    ),
    one_an_account=True,
)
def vault_is_locked(vault: Resource, stack: Stack) -> Iterator[str]:
    """Where there is a database there is a vault, and every vault is locked; AWS Backup's default is no lock."""
    locks = stack.referring(vault, tokens.BACKUP_VAULT_LOCK, "backupVaultName")
    if not locks:
        yield "has no lock"
    for lock in locks:
        days = lock.get("changeableForDays")
        grace = None if days is None else timedelta(days=int(days))
        yield from _lock_faults(grace, lock.get("minRetentionDays", default=0), stack.environment)


@rule(
    "bcp-2-copied-away",
    tokens.BACKUP_PLAN,
    joins=True,
    demanded_by=(tokens.DATABASE,),
    one_an_account=True,
    remedy=(
        "Declare an aws.backup.Plan with a Selection of what it backs up, and give each rule copy_actions into a vault "
        "of another region and into one of another account."
    ),
)
def backups_are_copied_away(plan: Resource, stack: Stack) -> Iterator[str]:
    """Where there is a database there is a plan that selects something; in production it copies every backup away.

    Each backup is copied into another region and into another account.
    """
    if not stack.referring(plan, tokens.BACKUP_SELECTION, "planId"):
        yield "backs up nothing, for it has no selection"
    if stack.environment is not Environment.PRODUCTION:
        return
    accounts, regions = own_accounts(stack), own_regions(stack)
    if not accounts:
        yield "is made by a provider without allowed_account_ids, so nobody can tell which account is another"
    for each in plan.items("rules"):
        copies = [copy.get("destinationVaultArn") for copy in each.get("copyActions", ())]
        yield from _copy_faults(each.get("ruleName"), copies, accounts, regions)


def _lock_faults(grace: timedelta | None, days: float, environment: Environment) -> Iterator[str]:
    """What is wrong with a lock that can be taken off for so long, or for ever (None)."""
    if environment is not Environment.PRODUCTION:
        return
    if grace is None:
        yield "has a lock that can be taken off"
    elif grace > LONGEST_GRACE:
        yield f"has a lock that can be taken off for {grace.days} days, where {LONGEST_GRACE.days} are the most"
    if days < LEAST_DAYS:
        yield f"keeps backups for {days:g} days at least, where {LEAST_DAYS} are demanded"


def _copy_faults(
    name: str | None, copies: Iterable[Value], accounts: Iterable[str], regions: Iterable[str]
) -> Iterator[str]:
    found = [place_of(arn) for arn in copies]
    places = [place for place in found if place is not None]
    if len(places) < len(found):
        yield f"copies the backups of its rule {name} into what is no vault"
    if not {region for region, _ in places} - set(regions):
        yield f"copies the backups of its rule {name} into no other region"
    if not {account for _, account in places} - set(accounts):
        yield f"copies the backups of its rule {name} into no other account"


@check("bcp-2-vault-locked", vaults, proves="it is locked as is demanded")
def vault_keeps_what_it_has(vault: Subject, account: Account) -> Iterator[str]:
    """Every vault that holds a backup, or is to, is locked; in production nobody can take the lock off."""
    account.observe(tokens.BACKUP_VAULT_LOCK, "minRetentionDays", "changeableForDays")
    if vault.get("Locked", default=False) is not True:
        yield "has no lock"
        return
    since = vault.get("LockDate")  # from then on nobody can change the lock; until then its owner can
    grace = None if since is None else moment(since) - datetime.now(UTC)
    yield from _lock_faults(grace, vault.get("MinRetentionDays", default=0), account.environment(vault))


def _plans_of_production(account: Account) -> Iterator[Subject]:
    return (plan for plan in plans(account) if account.environment(plan) is Environment.PRODUCTION)


@check(
    "bcp-2-copied-away", _plans_of_production, proves="its backups are copied into another region and another account"
)
def plan_copies_away(plan: Subject, account: Account) -> Iterator[str]:
    """In production every backup is copied into another region and into another account."""
    account.observe(tokens.BACKUP_PLAN, "rules")
    for each in plan.get("Rules", []):
        copies = [copy["DestinationBackupVaultArn"] for copy in each.get("CopyActions", ())]
        yield from _copy_faults(each.get("RuleName"), copies, [account.id], [account.region])


def _databases_of_production(account: Account) -> Iterator[Subject]:
    return (each for each in inventory.databases(account) if account.environment(each) is Environment.PRODUCTION)


@check("bcp-2-database-backed-up", _databases_of_production, proves=f"it was backed up within {LATEST.days} days")
def database_was_backed_up(database: Subject, account: Account) -> Iterator[str]:
    """Every database of production was backed up lately by AWS Backup, whatever plans there are or were."""
    account.observe_field("backup:ListProtectedResources")
    protected = account.all("backup", "list_protected_resources", "Results")
    last = youngest(each["LastBackupTime"] for each in protected if each["ResourceArn"] == database.id)
    if last is None:
        yield "was never backed up by AWS Backup"
    elif last > LATEST:
        yield f"was last backed up {last.days} days ago, where {LATEST.days} are the most"


CONTROL = Control(
    id="BCP-2",
    title="Locked backups in another account",
    statement=(
        "Databases are backed up every day into a locked vault. In production nobody can take the lock off once it is "
        f"{LONGEST_GRACE.days} days old, it keeps each backup for at least {LEAST_DAYS} days, and every backup is "
        "copied into another region and into another account; elsewhere any lock will do. A copy of a stack that is "
        "made for a while is not backed up."
    ),
    rationale=(
        "Whoever extorts a company deletes its backups first. What lies in another account, under a lock that its "
        "owner cannot lift, is out of their reach."
    ),
    clauses=(
        Clause("ISO 27001", "2022", "8.13"),
        Clause("GLI-19", "3.0", "B.3"),
    ),
    severity=Severity.HIGH,
    owner="Infrastructure lead",
    evidence="The vaults' locks with their dates, the plan's copies, and the last recovery point in each vault.",
    preventive=(vault_is_locked, backups_are_copied_away),
    detective=(vault_keeps_what_it_has, plan_copies_away, database_was_backed_up),
)
