"""AWS Backup: vaults, their locks and plans; policies, selections and restore tests, which moto lacks."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_VAULT_ARN = "arn:{partition}:backup:{region}:{account}:backup-vault:{id}"


def _tagging(on_create: str, arn: str) -> Tagging:
    return Tagging(
        on_create=on_create,
        style="map",
        add=Call("TagResource", {"ResourceArn": arn}),
        remove=Call("UntagResource", {"ResourceArn": arn}),
        list=Read("ListTags", {"ResourceArn": arn}, at="Tags"),
        keys="TagKeyList",
        values="Tags",
    )


_BY_NAME = {"BackupVaultName": "{id}"}
VAULT = Resource(
    type="aws:backup/vault:Vault",
    service="backup",
    id="{name}",
    create=Call("CreateBackupVault", carries=ALL),
    names={"name": "BackupVaultName", "kmsKeyArn": "EncryptionKeyArn"},
    read=(Read("DescribeBackupVault", _BY_NAME, names={"recoveryPoints": "NumberOfRecoveryPoints"}),),
    computed={"arn": _VAULT_ARN},
    delete=(Call("DeleteBackupVault", _BY_NAME),),
    autoname="name",
    longest_name=50,
    identity=("name",),
    only_here=("forceDestroy",),
    tagging=_tagging("BackupVaultTags", _VAULT_ARN),
)

_OF_VAULT = {"BackupVaultName": "{backupVaultName}"}
VAULT_LOCK = Resource(
    type="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
    service="backup",
    id="{backupVaultName}",
    settings=(Call("PutBackupVaultLockConfiguration", _OF_VAULT, carries=ALL),),
    names={"changeableForDays": "ChangeableForDays"},
    read=(Read("DescribeBackupVault", _BY_NAME, at="Locked && @", takes=("minRetentionDays", "maxRetentionDays")),),
    computed={"backupVaultName": "{id}", "backupVaultArn": _VAULT_ARN},
    delete=(Call("DeleteBackupVaultLockConfiguration", _OF_VAULT),),
    identity=("backupVaultName",),
    # AWS tells the day instead, on which the lock can no longer be changed.
    dropped=("changeableForDays",),
)

VAULT_POLICY = Resource(
    type="aws:backup/vaultPolicy:VaultPolicy",
    service="backup",
    id="{backupVaultName}",
    settings=(Call("PutBackupVaultAccessPolicy", _OF_VAULT, carries=ALL),),
    read=(Read("GetBackupVaultAccessPolicy", _OF_VAULT),),
    computed={"backupVaultArn": _VAULT_ARN},
    delete=(Call("DeleteBackupVaultAccessPolicy", _OF_VAULT),),
    identity=("backupVaultName",),
    lacking=True,
)

_PLAN = {"BackupPlanId": "{id}"}
_PLAN_ARN = "arn:{partition}:backup:{region}:{account}:backup-plan:{id}"
PLAN = Resource(
    type="aws:backup/plan:Plan",
    service="backup",
    id="{result.BackupPlanId}",
    create=Call("CreateBackupPlan", carries=ALL, into="BackupPlan"),
    names={
        "name": "BackupPlanName",
        "rules.targetVaultName": "TargetBackupVaultName",
        "rules.schedule": "ScheduleExpression",
        "rules.startWindow": "StartWindowMinutes",
        "rules.completionWindow": "CompletionWindowMinutes",
        "rules.lifecycle.deleteAfter": "DeleteAfterDays",
        "rules.lifecycle.coldStorageAfter": "MoveToColdStorageAfterDays",
        "rules.copyActions.destinationVaultArn": "DestinationBackupVaultArn",
        "rules.copyActions.lifecycle.deleteAfter": "DeleteAfterDays",
        "rules.copyActions.lifecycle.coldStorageAfter": "MoveToColdStorageAfterDays",
    },
    read=(
        Read("GetBackupPlan", _PLAN, at="BackupPlan"),
        Read("GetBackupPlan", _PLAN, takes=(), names={"version": "VersionId"}),
    ),
    updates=(Call("UpdateBackupPlan", _PLAN, carries=ALL, into="BackupPlan"),),
    computed={"arn": _PLAN_ARN},
    delete=(Call("DeleteBackupPlan", _PLAN),),
    autoname="name",
    longest_name=50,
    identity=("name",),
    tagging=_tagging("BackupPlanTags", _PLAN_ARN),
)

SELECTION = Resource(
    type="aws:backup/selection:Selection",
    service="backup",
    id="{planId}/{name}",
    create=Call("CreateBackupSelection", {"BackupPlanId": "{planId}"}, carries=ALL, into="BackupSelection"),
    names={
        "name": "SelectionName",
        "selectionTags": "ListOfTags",
        "selectionTags.type": "ConditionType",
        "selectionTags.key": "ConditionKey",
        "selectionTags.value": "ConditionValue",
        **{
            f"conditions.{test}.{half.lower()}": f"Condition{half}"
            for test in ("stringEquals", "stringLikes", "stringNotEquals", "stringNotLikes")
            for half in ("Key", "Value")
        },
    },
    read=(Read("GetBackupSelection", {"BackupPlanId": "{planId}", "SelectionId": "{name}"}),),
    delete=(Call("DeleteBackupSelection", {"BackupPlanId": "{planId}", "SelectionId": "{name}"}),),
    autoname="name",
    longest_name=50,
    identity=("planId", "name"),
    lacking=True,
)

_TEST = {"RestoreTestingPlanName": "{id}"}
_TEST_ARN = "arn:{partition}:backup:{region}:{account}:restore-testing-plan:{id}"
RESTORE_TESTING_PLAN = Resource(
    type="aws:backup/restoreTestingPlan:RestoreTestingPlan",
    service="backup",
    id="{name}",
    create=Call("CreateRestoreTestingPlan", carries=ALL, into="RestoreTestingPlan"),
    names={"name": "RestoreTestingPlanName"},
    read=(Read("GetRestoreTestingPlan", _TEST, at="RestoreTestingPlan"),),
    updates=(
        Call(
            "UpdateRestoreTestingPlan",
            _TEST,
            carries=("recoveryPointSelection", "scheduleExpression", "scheduleExpressionTimezone", "startWindowHours"),
            into="RestoreTestingPlan",
        ),
    ),
    computed={"arn": _TEST_ARN},
    delete=(Call("DeleteRestoreTestingPlan", _TEST),),
    autoname="name",
    longest_name=50,
    identity=("name",),
    tagging=_tagging("Tags", _TEST_ARN),
    lacking=True,
)

_OF_TEST = {"RestoreTestingPlanName": "{restoreTestingPlanName}"}
_SELECTED = {**_OF_TEST, "RestoreTestingSelectionName": "{name}"}
RESTORE_TESTING_SELECTION = Resource(
    type="aws:backup/restoreTestingSelection:RestoreTestingSelection",
    service="backup",
    id="{restoreTestingPlanName}:{name}",
    create=Call("CreateRestoreTestingSelection", _OF_TEST, carries=ALL, into="RestoreTestingSelection"),
    names={"name": "RestoreTestingSelectionName"},
    read=(Read("GetRestoreTestingSelection", _SELECTED, at="RestoreTestingSelection"),),
    updates=(
        Call(
            "UpdateRestoreTestingSelection",
            _SELECTED,
            carries=(
                "iamRoleArn",
                "protectedResourceArns",
                "protectedResourceConditions",
                "restoreMetadataOverrides",
                "validationWindowHours",
            ),
            into="RestoreTestingSelection",
        ),
    ),
    delete=(Call("DeleteRestoreTestingSelection", _SELECTED),),
    autoname="name",
    longest_name=50,
    identity=("restoreTestingPlanName", "name"),
    lacking=True,
)

RESOURCES = (VAULT, VAULT_LOCK, VAULT_POLICY, PLAN, SELECTION, RESTORE_TESTING_PLAN, RESTORE_TESTING_SELECTION)
