"""Changes that somebody makes with boto3 behind the program's back, one a type at least."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.twin.values import Value
from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made

Act = Callable[[AccountServer, Made], Any]


def _ec2(operation: str, **arguments: Value) -> Act:
    """A request to EC2 in which `ID` stands for the resource."""
    return lambda account, made: getattr(account.client("ec2"), operation)(**_with(made, arguments))


def _on(service: str, operation: str, **arguments: Value) -> Act:
    return lambda account, made: getattr(account.client(service), operation)(**_with(made, arguments))


def _with(made: Made, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with `ID` and `$input` replaced by what the resource has."""

    def filled(value: Value) -> Value:
        if value == "ID":
            return made.id
        if isinstance(value, str) and value.startswith("$"):
            return made.outputs[value[1:]]
        if isinstance(value, list):
            return [filled(element) for element in value]
        return {key: filled(element) for key, element in value.items()} if isinstance(value, dict) else value

    return {key: filled(value) for key, value in arguments.items()}


ACCOUNT = "123456789012"
_TAG = [{"Key": "rogue", "Value": "yes"}]
_ANYWHERE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
_DENY = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"*"}]}'
)
_TRUST = (
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole"}]}'
)


def _open_rule(account: AccountServer, made: Made) -> None:
    elsewhere = "198.51.100.0/24" if made.inputs.get("cidrIpv4") == "0.0.0.0/0" else "0.0.0.0/0"
    rule = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIpv4": elsewhere}
    account.client("ec2").modify_security_group_rules(
        GroupId=made.inputs["securityGroupId"],
        SecurityGroupRules=[{"SecurityGroupRuleId": made.id, "SecurityGroupRule": rule}],
    )


def _other_key(account: AccountServer, made: Made) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    account.client("kms").update_alias(AliasName=made.id, TargetKeyId=key)


def _record_little(account: AccountServer, made: Made) -> None:
    group = {"allSupported": False, "resourceTypes": ["AWS::S3::Bucket"]}
    recorder = {"name": made.id, "roleARN": made.inputs["roleArn"], "recordingGroup": group}
    account.client("config").put_configuration_recorder(ConfigurationRecorder=recorder)


def _judge_otherwise(account: AccountServer, made: Made) -> None:
    source = {"Owner": "AWS", "SourceIdentifier": "IAM_USER_NO_POLICIES_CHECK"}
    account.client("config").put_config_rule(ConfigRule={"ConfigRuleName": made.id, "Source": source})


def _look_away(account: AccountServer, made: Made) -> None:
    account.client("guardduty").update_detector(
        DetectorId=made.inputs["detectorId"], Features=[{"Name": made.inputs["name"], "Status": "DISABLED"}]
    )


def _watch_nothing(account: AccountServer, made: Made) -> None:
    metric = {"metricName": "none", "metricNamespace": "none", "metricValue": "1"}
    account.client("logs").put_metric_filter(
        logGroupName=made.inputs["logGroupName"],
        filterName=made.id,
        filterPattern="nothing",
        metricTransformations=[metric],
    )


def _spend_more(account: AccountServer, made: Made) -> None:
    client, owner = account.client("budgets"), made.outputs["accountId"]
    client.delete_budget(AccountId=owner, BudgetName=made.inputs["name"])
    limit = {"Amount": "1000000", "Unit": "USD"}
    budget = {
        "BudgetName": made.inputs["name"],
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": limit,
    }
    client.create_budget(AccountId=owner, Budget=budget)


def _log_into_anothers_folder(account: AccountServer, made: Made) -> None:
    landing, archive = (f"buckets/valletta-local-{name}-{ACCOUNT}/" for name in ("landing", "archive"))
    prefix = archive if made.inputs["targetPrefix"] == landing else landing
    status = {"LoggingEnabled": {"TargetBucket": made.inputs["targetBucket"], "TargetPrefix": prefix}}
    account.client("s3").put_bucket_logging(Bucket=made.id, BucketLoggingStatus=status)


DRIFTS: list[tuple[str, str, Act]] = [
    (
        "aws:ec2/vpc:Vpc",
        "enableDnsSupport",
        _ec2("modify_vpc_attribute", VpcId="ID", EnableDnsSupport={"Value": False}),
    ),
    ("aws:ec2/vpc:Vpc", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/vpc:Vpc", "tags", _ec2("delete_tags", Resources=["ID"], Tags=[{"Key": "Name"}])),
    (
        "aws:ec2/subnet:Subnet",
        "mapPublicIpOnLaunch",
        _ec2("modify_subnet_attribute", SubnetId="ID", MapPublicIpOnLaunch={"Value": True}),
    ),
    ("aws:ec2/subnet:Subnet", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/internetGateway:InternetGateway", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/eip:Eip", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/natGateway:NatGateway", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/routeTable:RouteTable", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/flowLog:FlowLog", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    ("aws:ec2/securityGroup:SecurityGroup", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    (
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "ingress",
        _ec2("authorize_security_group_ingress", GroupId="ID", IpPermissions=[_ANYWHERE]),
    ),
    ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "cidrIpv4", _open_rule),
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "tags", _ec2("create_tags", Resources=["ID"], Tags=_TAG)),
    (
        "aws:ec2/launchTemplate:LaunchTemplate",
        "metadataOptions",
        _ec2(
            "create_launch_template_version",
            LaunchTemplateId="ID",
            SourceVersion="1",
            LaunchTemplateData={"MetadataOptions": {"HttpTokens": "optional", "HttpEndpoint": "enabled"}},
        ),
    ),
    ("aws:ebs/encryptionByDefault:EncryptionByDefault", "enabled", _ec2("disable_ebs_encryption_by_default")),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        "retentionInDays",
        _on("logs", "put_retention_policy", logGroupName="ID", retentionInDays=1),
    ),
    (
        "aws:cloudwatch/logGroup:LogGroup",
        "tags",
        _on("logs", "tag_resource", resourceArn="$arn", tags={"rogue": "yes"}),
    ),
    ("aws:cloudtrail/trail:Trail", "enableLogging", _on("cloudtrail", "stop_logging", Name="$name")),
    (
        "aws:cloudtrail/trail:Trail",
        "isMultiRegionTrail",
        _on("cloudtrail", "update_trail", Name="$name", IsMultiRegionTrail=False),
    ),
    ("aws:cloudtrail/trail:Trail", "tags", _on("cloudtrail", "add_tags", ResourceId="ID", TagsList=_TAG)),
    ("aws:kms/key:Key", "enableKeyRotation", _on("kms", "disable_key_rotation", KeyId="ID")),
    ("aws:kms/key:Key", "isEnabled", _on("kms", "disable_key", KeyId="ID")),
    ("aws:kms/key:Key", "policy", _on("kms", "put_key_policy", KeyId="ID", PolicyName="default", Policy=_DENY)),
    (
        "aws:kms/key:Key",
        "tags",
        _on("kms", "tag_resource", KeyId="ID", Tags=[{"TagKey": "rogue", "TagValue": "yes"}]),
    ),
    ("aws:kms/alias:Alias", "targetKeyId", _other_key),
    (
        "aws:iam/role:Role",
        "assumeRolePolicy",
        _on("iam", "update_assume_role_policy", RoleName="ID", PolicyDocument=_TRUST),
    ),
    ("aws:iam/role:Role", "tags", _on("iam", "tag_role", RoleName="ID", Tags=_TAG)),
    (
        "aws:iam/rolePolicy:RolePolicy",
        "policy",
        _on("iam", "put_role_policy", RoleName="$role", PolicyName="$name", PolicyDocument=_DENY),
    ),
    ("aws:s3/bucketPolicy:BucketPolicy", "policy", _on("s3", "put_bucket_policy", Bucket="$bucket", Policy=_DENY)),
    (
        "aws:s3/bucket:Bucket",
        "tags",
        _on("s3", "put_bucket_tagging", Bucket="ID", Tagging={"TagSet": _TAG}),
    ),
    (
        "aws:s3/bucketVersioning:BucketVersioning",
        "versioningConfiguration",
        _on("s3", "put_bucket_versioning", Bucket="$bucket", VersioningConfiguration={"Status": "Suspended"}),
    ),
    (
        "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
        "rules",
        _on(
            "s3",
            "put_bucket_encryption",
            Bucket="$bucket",
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse"}}]
            },
        ),
    ),
    (
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "blockPublicAcls",
        _on(
            "s3",
            "put_public_access_block",
            Bucket="$bucket",
            PublicAccessBlockConfiguration={"BlockPublicAcls": False, "BlockPublicPolicy": True},
        ),
    ),
    (
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "rules",
        _on(
            "s3",
            "put_bucket_lifecycle_configuration",
            Bucket="$bucket",
            LifecycleConfiguration={
                "Rules": [{"ID": "soon", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]
            },
        ),
    ),
    (
        "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
        "rule",
        _on(
            "s3",
            "put_object_lock_configuration",
            Bucket="$bucket",
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 77}},
            },
        ),
    ),
    (
        "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        "rule",
        _on(
            "s3",
            "put_bucket_ownership_controls",
            Bucket="$bucket",
            OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        ),
    ),
    (
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        "rules",
        _on(
            "s3",
            "put_bucket_replication",
            Bucket="$bucket",
            ReplicationConfiguration={
                "Role": "$role",
                "Rules": [
                    {
                        "ID": "to-the-archive",
                        "Priority": 1,
                        "Status": "Enabled",
                        "Filter": {"Prefix": "some/"},
                        "DeleteMarkerReplication": {"Status": "Disabled"},
                        "Destination": {"Bucket": "arn:aws:s3:::elsewhere"},
                    }
                ],
            },
        ),
    ),
    ("aws:s3/bucketLogging:BucketLogging", "targetPrefix", _log_into_anothers_folder),
    (
        "aws:backup/vault:Vault",
        "tags",
        _on("backup", "tag_resource", ResourceArn="$arn", Tags={"rogue": "yes"}),
    ),
    (
        "aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        "minRetentionDays",
        _on("backup", "put_backup_vault_lock_configuration", BackupVaultName="ID", MinRetentionDays=1),
    ),
    (
        "aws:backup/plan:Plan",
        "rules",
        _on(
            "backup",
            "update_backup_plan",
            BackupPlanId="ID",
            BackupPlan={
                "BackupPlanName": "$name",
                "Rules": [{"RuleName": "never", "TargetBackupVaultName": "nowhere", "ScheduleExpression": "rate(1 y)"}],
            },
        ),
    ),
    (
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        "blockPublicAcls",
        _on(
            "s3control",
            "put_public_access_block",
            AccountId="ID",
            PublicAccessBlockConfiguration={"BlockPublicAcls": False},
        ),
    ),
    (
        "aws:ecr/repository:Repository",
        "imageTagMutability",
        _on("ecr", "put_image_tag_mutability", repositoryName="ID", imageTagMutability="MUTABLE"),
    ),
    (
        "aws:ecr/lifecyclePolicy:LifecyclePolicy",
        "policy",
        _on(
            "ecr",
            "put_lifecycle_policy",
            repositoryName="$repository",
            lifecyclePolicyText='{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":'
            '"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}]}',
        ),
    ),
    (
        "aws:eks/cluster:Cluster",
        "vpcConfig",
        _on("eks", "update_cluster_config", name="ID", resourcesVpcConfig={"endpointPublicAccess": True}),
    ),
    (
        "aws:eks/cluster:Cluster",
        "enabledClusterLogTypes",
        _on(
            "eks",
            "update_cluster_config",
            name="ID",
            logging={"clusterLogging": [{"types": ["audit"], "enabled": False}]},
        ),
    ),
    (
        "aws:eks/nodeGroup:NodeGroup",
        "scalingConfig",
        _on(
            "eks",
            "update_nodegroup_config",
            clusterName="$clusterName",
            nodegroupName="$nodeGroupName",
            scalingConfig={"minSize": 1, "maxSize": 50, "desiredSize": 9},
        ),
    ),
    (
        "aws:msk/cluster:Cluster",
        "enhancedMonitoring",
        _on(
            "kafka",
            "update_monitoring",
            ClusterArn="ID",
            CurrentVersion="$currentVersion",
            EnhancedMonitoring="DEFAULT",
        ),
    ),
    (
        "aws:msk/cluster:Cluster",
        "clientAuthentication",
        _on(
            "kafka",
            "update_security",
            ClusterArn="ID",
            CurrentVersion="$currentVersion",
            ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}, "Scram": {"Enabled": True}}},
        ),
    ),
    (
        "aws:msk/scramSecretAssociation:ScramSecretAssociation",
        "secretArnLists",
        _on(
            "kafka",
            "batch_associate_scram_secret",
            ClusterArn="ID",
            SecretArnList=["arn:aws:secretsmanager:eu-west-1:123456789012:secret:AmazonMSK_rogue-abcdef"],
        ),
    ),
    (
        "aws:msk/cluster:Cluster",
        "tags",
        _on("kafka", "tag_resource", ResourceArn="ID", Tags={"rogue": "yes"}),
    ),
    (
        "aws:rds/instance:Instance",
        "backupRetentionPeriod",
        _on("rds", "modify_db_instance", DBInstanceIdentifier="$identifier", BackupRetentionPeriod=1),
    ),
    (
        "aws:rds/instance:Instance",
        "deletionProtection",
        _on("rds", "modify_db_instance", DBInstanceIdentifier="$identifier", DeletionProtection=True),
    ),
    ("aws:rds/instance:Instance", "tags", _on("rds", "add_tags_to_resource", ResourceName="$arn", Tags=_TAG)),
    (
        "aws:rds/parameterGroup:ParameterGroup",
        "parameters",
        _on(
            "rds",
            "modify_db_parameter_group",
            DBParameterGroupName="ID",
            Parameters=[{"ParameterName": "rds.force_ssl", "ParameterValue": "0", "ApplyMethod": "immediate"}],
        ),
    ),
    (
        "aws:secretsmanager/secret:Secret",
        "description",
        _on("secretsmanager", "update_secret", SecretId="ID", Description="rogue"),
    ),
    ("aws:secretsmanager/secret:Secret", "tags", _on("secretsmanager", "tag_resource", SecretId="ID", Tags=_TAG)),
    (
        "aws:appautoscaling/target:Target",
        "maxCapacity",
        _on(
            "application-autoscaling",
            "register_scalable_target",
            ServiceNamespace="$serviceNamespace",
            ResourceId="$resourceId",
            ScalableDimension="$scalableDimension",
            MaxCapacity=999,
        ),
    ),
    (
        "aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
        "minimumPasswordLength",
        _on("iam", "update_account_password_policy", MinimumPasswordLength=8),
    ),
    (
        "aws:iam/serviceLinkedRole:ServiceLinkedRole",
        "tags",
        _on("iam", "tag_role", RoleName="$name", Tags=_TAG),
    ),
    (
        "aws:account/alternativeContact:AlternativeContact",
        "emailAddress",
        _on(
            "account",
            "put_alternate_contact",
            AlternateContactType="SECURITY",
            EmailAddress="nobody@exchange.example",
            Name="Nobody",
            PhoneNumber="+1",
            Title="None",
        ),
    ),
    ("aws:cfg/recorder:Recorder", "recordingGroup", _record_little),
    (
        "aws:cfg/recorderStatus:RecorderStatus",
        "isEnabled",
        _on("config", "stop_configuration_recorder", ConfigurationRecorderName="ID"),
    ),
    (
        "aws:cfg/deliveryChannel:DeliveryChannel",
        "s3BucketName",
        _on("config", "put_delivery_channel", DeliveryChannel={"name": "$name", "s3BucketName": "elsewhere"}),
    ),
    ("aws:cfg/rule:Rule", "source", _judge_otherwise),
    (
        "aws:guardduty/detector:Detector",
        "enable",
        _on("guardduty", "update_detector", DetectorId="ID", Enable=False),
    ),
    ("aws:guardduty/detectorFeature:DetectorFeature", "status", _look_away),
    ("aws:cloudwatch/logMetricFilter:LogMetricFilter", "pattern", _watch_nothing),
    (
        "aws:cloudwatch/metricAlarm:MetricAlarm",
        "actionsEnabled",
        _on("cloudwatch", "disable_alarm_actions", AlarmNames=["ID"]),
    ),
    (
        "aws:cloudwatch/dashboard:Dashboard",
        "dashboardBody",
        _on("cloudwatch", "put_dashboard", DashboardName="ID", DashboardBody='{"widgets": []}'),
    ),
    ("aws:amp/workspace:Workspace", "alias", _on("amp", "update_workspace_alias", workspaceId="ID", alias="rogue")),
    (
        "aws:amp/workspace:Workspace",
        "loggingConfiguration",
        _on("amp", "delete_logging_configuration", workspaceId="ID"),
    ),
    (
        "aws:amp/ruleGroupNamespace:RuleGroupNamespace",
        "data",
        _on("amp", "put_rule_groups_namespace", workspaceId="$workspaceId", name="$name", data=b"groups: []"),
    ),
    ("aws:cloudwatch/eventRule:EventRule", "state", _on("events", "disable_rule", Name="ID")),
    (
        "aws:cloudwatch/eventTarget:EventTarget",
        "arn",
        _on(
            "events",
            "put_targets",
            Rule="$rule",
            Targets=[{"Id": "$targetId", "Arn": "arn:aws:sns:eu-west-1:123456789012:elsewhere"}],
        ),
    ),
    ("aws:sns/topic:Topic", "tags", _on("sns", "tag_resource", ResourceArn="ID", Tags=_TAG)),
    (
        "aws:sns/topic:Topic",
        "kmsMasterKeyId",
        _on(
            "sns",
            "set_topic_attributes",
            TopicArn="ID",
            AttributeName="KmsMasterKeyId",
            AttributeValue="alias/aws/sns",
        ),
    ),
    (
        "aws:sns/topicPolicy:TopicPolicy",
        "policy",
        _on("sns", "set_topic_attributes", TopicArn="ID", AttributeName="Policy", AttributeValue=_DENY),
    ),
    ("aws:budgets/budget:Budget", "limitAmount", _spend_more),
    (
        "aws:organizations/policy:Policy",
        "content",
        _on("organizations", "update_policy", PolicyId="ID", Content=_DENY),
    ),
]
"""(type, the input in which it must show, what is done)."""
