"""RDS: databases, their parameters and their subnets."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging
from sandbox.twin.work import Work

TAGGING = Tagging(
    add=Call("AddTagsToResource", {"ResourceName": "{arn}"}),
    remove=Call("RemoveTagsFromResource", {"ResourceName": "{arn}"}),
    list=Read("ListTagsForResource", {"ResourceName": "{arn}"}, at="TagList"),
)

_SUBNETS = {"DBSubnetGroupName": "{id}"}
SUBNET_GROUP = Resource(
    type="aws:rds/subnetGroup:SubnetGroup",
    service="rds",
    noun="DBSubnetGroup",
    id="{name}",
    create=Call(
        "CreateDBSubnetGroup",
        {"DBSubnetGroupDescription": "=description || 'Managed by Pulumi'"},
        carries=("name", "subnetIds"),
    ),
    read=(
        Read(
            "DescribeDBSubnetGroups",
            _SUBNETS,
            at="DBSubnetGroups[0]",
            names={"subnetIds": "Subnets[].SubnetIdentifier"},
        ),
    ),
    updates=(
        Call(
            "ModifyDBSubnetGroup",
            {**_SUBNETS, "DBSubnetGroupDescription": "{description}", "SubnetIds": "{subnetIds}"},
            carries=("description", "subnetIds"),
        ),
    ),
    delete=(Call("DeleteDBSubnetGroup", _SUBNETS),),
    autoname="name",
    lowercase_name=True,
    identity=("name",),
    defaults={"description": "Managed by Pulumi"},
    tagging=TAGGING,
)

_PARAMETERS = {"DBParameterGroupName": "{id}"}


_MOST_PARAMETERS = 20
"""Of one request."""


def _set_parameters(work: Work) -> None:
    """Set the declared parameters and reset those no longer declared."""
    given = work.inputs.get("parameters") or []
    former = {one["name"] for one in work.values.get("old", {}).get("parameters") or []}
    stale = [
        {"ParameterName": name, "ApplyMethod": "pending-reboot"}
        for name in sorted(former - {one["name"] for one in given})
    ]
    wanted = [
        {
            "ParameterName": one["name"],
            "ParameterValue": str(one["value"]),
            "ApplyMethod": one.get("applyMethod", "immediate"),
        }
        for one in given
    ]
    for change, all_of_it in (
        (work.client().reset_db_parameter_group, stale),
        (work.client().modify_db_parameter_group, wanted),
    ):
        for start in range(0, len(all_of_it), _MOST_PARAMETERS):
            change(DBParameterGroupName=work.id, Parameters=all_of_it[start : start + _MOST_PARAMETERS])


PARAMETER_GROUP = Resource(
    type="aws:rds/parameterGroup:ParameterGroup",
    service="rds",
    noun="DBParameterGroup",
    id="{name}",
    create=Call(
        "CreateDBParameterGroup", {"Description": "=description || 'Managed by Pulumi'"}, carries=("name", "family")
    ),
    settings=(Adjust(_set_parameters, carries=("parameters",)),),
    read=(
        Read(
            "DescribeDBParameterGroups",
            _PARAMETERS,
            at="DBParameterGroups[0]",
            names={"family": "DBParameterGroupFamily"},
        ),
        Read(
            "DescribeDBParameters",
            {**_PARAMETERS, "Source": "user"},
            takes=(),
            names={"parameters": "Parameters[].{name: ParameterName, value: ParameterValue, applyMethod: ApplyMethod}"},
        ),
    ),
    delete=(Call("DeleteDBParameterGroup", _PARAMETERS),),
    autoname="name",
    lowercase_name=True,
    identity=("name",),
    defaults={"description": "Managed by Pulumi"},
    only_here=("skipDestroy",),
    tagging=TAGGING,
)

_INSTANCE = {"DBInstanceIdentifier": "{identifier}"}
INSTANCE = Resource(
    type="aws:rds/instance:Instance",
    service="rds",
    noun="DBInstance",
    id="{result.DBInstance.DbiResourceId}",
    create=Call("CreateDBInstance", carries=ALL),
    create_otherwise=Call("CreateDBInstanceReadReplica", carries=ALL, when="replicateSourceDb"),
    names={
        "instanceClass": "DBInstanceClass",
        "replicateSourceDb": "SourceDBInstanceIdentifier",
        "username": "MasterUsername",
        "password": "MasterUserPassword",
        "parameterGroupName": "DBParameterGroupName",
        "backupWindow": "PreferredBackupWindow",
        "maintenanceWindow": "PreferredMaintenanceWindow",
        "caCertIdentifier": "CACertificateIdentifier",
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
        "performanceInsightsEnabled": "EnablePerformanceInsights",
        "performanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
    },
    read=(
        Read(
            "DescribeDBInstances",
            _INSTANCE,
            at="DBInstances[0]",
            names={
                "address": "Endpoint.Address",
                "port": "Endpoint.Port",
                "hostedZoneId": "Endpoint.HostedZoneId",
                "endpoint": "Endpoint.Address && join(':', [Endpoint.Address, to_string(Endpoint.Port)])",
                "replicateSourceDb": "ReadReplicaSourceDBInstanceIdentifier",
                "resourceId": "DbiResourceId",
                "status": "DBInstanceStatus",
                "dbSubnetGroupName": "DBSubnetGroup.DBSubnetGroupName",
                "parameterGroupName": "DBParameterGroups[0].DBParameterGroupName",
                "optionGroupName": "OptionGroupMemberships[0].OptionGroupName",
                "vpcSecurityGroupIds": "VpcSecurityGroups[].VpcSecurityGroupId",
                "iamDatabaseAuthenticationEnabled": "IAMDatabaseAuthenticationEnabled",
                "enabledCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
                "performanceInsightsEnabled": "PerformanceInsightsEnabled",
                "manageMasterUserPassword": "MasterUserSecret && `true`",
                "masterUserSecrets": "MasterUserSecret && [MasterUserSecret]",
                "masterUserSecretKmsKeyId": "MasterUserSecret.KmsKeyId",
            },
        ),
    ),
    updates=(
        Call(
            "ModifyDBInstance",
            {**_INSTANCE, "ApplyImmediately": "{applyImmediately}"},
            carries=ALL,
            only_changed=True,
        ),
    ),
    delete=(
        Call(
            "DeleteDBInstance",
            {
                **_INSTANCE,
                "SkipFinalSnapshot": "{skipFinalSnapshot}",
                "FinalDBSnapshotIdentifier": "=!skipFinalSnapshot && finalSnapshotIdentifier || `null`",
                "DeleteAutomatedBackups": "{deleteAutomatedBackups}",
            },
        ),
    ),
    autoname="identifier",
    longest_name=63,
    lowercase_name=True,
    identity=("identifier",),
    only_here=(
        "applyImmediately",
        "skipFinalSnapshot",
        "finalSnapshotIdentifier",
        "deleteAutomatedBackups",
        "allowMajorVersionUpgrade",
    ),
    write_only=("password",),
    dropped=(
        "performanceInsightsEnabled",
        "performanceInsightsKmsKeyId",
        "performanceInsightsRetentionPeriod",
        "databaseInsightsMode",
    ),
    tagging=TAGGING,
    waiter="db_instance_available",
    waiter_arguments=_INSTANCE,
)

RESOURCES = (SUBNET_GROUP, PARAMETER_GROUP, INSTANCE)
