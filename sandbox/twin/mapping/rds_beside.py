"""RDS: what stands beside a database: its proxy, who hears of it, and its backups in another region."""

from __future__ import annotations

from sandbox.twin.mapping.rds import TAGGING
from sandbox.twin.resource import ALL, Call, Read, Resource

_PROXY = {"DBProxyName": "{id}"}
_CHANGED = ("auths", "debugLogging", "idleClientTimeout", "requireTls", "roleArn", "vpcSecurityGroupIds")
PROXY = Resource(
    type="aws:rds/proxy:Proxy",
    service="rds",
    noun="DBProxy",
    id="{name}",
    create=Call("CreateDBProxy", carries=ALL),
    names={"auths": "Auth", "requireTls": "RequireTLS"},
    read=(Read("DescribeDBProxies", _PROXY, at="DBProxies[0]", names={"arn": "DBProxyArn"}),),
    updates=(
        Call(
            "ModifyDBProxy", {**_PROXY, "SecurityGroups": "{vpcSecurityGroupIds}"}, carries=_CHANGED, only_changed=True
        ),
    ),
    delete=(Call("DeleteDBProxy", _PROXY),),
    autoname="name",
    identity=("name",),
    tagging=TAGGING,
)

_GROUP = {"DBProxyName": "{dbProxyName}"}
TARGET_GROUP = Resource(
    type="aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
    service="rds",
    id="{dbProxyName}",
    settings=(
        Call("ModifyDBProxyTargetGroup", {**_GROUP, "TargetGroupName": "default"}, carries=("connectionPoolConfig",)),
    ),
    read=(
        Read(
            "DescribeDBProxyTargetGroups",
            _GROUP,
            at="TargetGroups[?IsDefault] | [0]",
            names={"name": "TargetGroupName", "arn": "TargetGroupArn"},
        ),
    ),
    identity=("dbProxyName",),
)

_TARGET = {"DBProxyName": "{dbProxyName}", "TargetGroupName": "{targetGroupName}"}
TARGET = Resource(
    type="aws:rds/proxyTarget:ProxyTarget",
    service="rds",
    id="{dbProxyName}/{targetGroupName}/RDS_INSTANCE/{dbInstanceIdentifier}",
    create=Call("RegisterDBProxyTargets", {**_TARGET, "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"]}),
    read=(
        Read(
            "DescribeDBProxyTargets",
            _TARGET,
            at="Targets[?RdsResourceId=='{dbInstanceIdentifier}'] | [0]",
            takes=(),
            names={"dbInstanceIdentifier": "RdsResourceId", "rdsResourceId": "RdsResourceId"},
        ),
    ),
    computed={"dbProxyName": "{dbProxyName}", "targetGroupName": "{targetGroupName}"},
    delete=(Call("DeregisterDBProxyTargets", {**_TARGET, "DBInstanceIdentifiers": ["{dbInstanceIdentifier}"]}),),
    identity=("dbProxyName", "targetGroupName", "dbInstanceIdentifier"),
)

_SUBSCRIPTION = {"SubscriptionName": "{id}"}
EVENT_SUBSCRIPTION = Resource(
    type="aws:rds/eventSubscription:EventSubscription",
    service="rds",
    id="{name}",
    create=Call("CreateEventSubscription", {"SubscriptionName": "{name}"}, carries=ALL),
    names={"snsTopic": "SnsTopicArn", "name": ""},
    read=(
        Read(
            "DescribeEventSubscriptions",
            _SUBSCRIPTION,
            at="EventSubscriptionsList[0]",
            names={
                "name": "CustSubscriptionId",
                "arn": "EventSubscriptionArn",
                "eventCategories": "EventCategoriesList",
                "sourceIds": "SourceIdsList",
            },
        ),
    ),
    updates=(
        Call(
            "ModifyEventSubscription",
            _SUBSCRIPTION,
            carries=("enabled", "eventCategories", "snsTopic", "sourceType"),
            only_changed=True,
        ),
    ),
    delete=(Call("DeleteEventSubscription", _SUBSCRIPTION),),
    gone=("SubscriptionNotFound",),
    autoname="name",
    identity=("name",),
    defaults={"enabled": True},
    tagging=TAGGING,
)

BACKUPS_REPLICATION = Resource(
    type="aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication",
    service="rds",
    id="{sourceDbInstanceArn}",
    create=Call("StartDBInstanceAutomatedBackupsReplication", carries=ALL),
    names={"retentionPeriod": "BackupRetentionPeriod"},
    read=(Read("DescribeDBInstanceAutomatedBackups", {"DBInstanceAutomatedBackupsArn": "{id}"}),),
    delete=(Call("StopDBInstanceAutomatedBackupsReplication", {"SourceDBInstanceArn": "{sourceDbInstanceArn}"}),),
    identity=("sourceDbInstanceArn",),
    lacking=True,
)

RESOURCES = (PROXY, TARGET_GROUP, TARGET, EVENT_SUBSCRIPTION, BACKUPS_REPLICATION)
