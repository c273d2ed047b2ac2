"""Pulumi's type tokens of the resources that controls are about, in one place."""

from __future__ import annotations

from typing import Final

TRAIL: Final = "aws:cloudtrail/trail:Trail"
LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
METRIC_FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"

BUCKET: Final = "aws:s3/bucket:Bucket"
BUCKET_ENCRYPTION: Final = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
BUCKET_LOCK: Final = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
BUCKET_LOGGING: Final = "aws:s3/bucketLogging:BucketLogging"
BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
BUCKET_REPLICATION: Final = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
BUCKET_VERSIONING: Final = "aws:s3/bucketVersioning:BucketVersioning"

VPC: Final = "aws:ec2/vpc:Vpc"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
SUBNET: Final = "aws:ec2/subnet:Subnet"
ROUTE: Final = "aws:ec2/route:Route"
ROUTE_TABLE: Final = "aws:ec2/routeTable:RouteTable"
ROUTE_TABLE_ASSOCIATION: Final = "aws:ec2/routeTableAssociation:RouteTableAssociation"
INTERNET_GATEWAY: Final = "aws:ec2/internetGateway:InternetGateway"
DEFAULT_SECURITY_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
INSTANCE: Final = "aws:ec2/instance:Instance"
LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"
VOLUME: Final = "aws:ebs/volume:Volume"
EBS_ENCRYPTION: Final = "aws:ebs/encryptionByDefault:EncryptionByDefault"

CLUSTER: Final = "aws:eks/cluster:Cluster"
ADD_ON: Final = "aws:eks/addon:Addon"
POD_IDENTITY: Final = "aws:eks/podIdentityAssociation:PodIdentityAssociation"

BACKUP_PLAN: Final = "aws:backup/plan:Plan"
BACKUP_SELECTION: Final = "aws:backup/selection:Selection"
BACKUP_VAULT: Final = "aws:backup/vault:Vault"
BACKUP_VAULT_LOCK: Final = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
RESTORE_TEST: Final = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
RESTORE_TEST_SELECTION: Final = "aws:backup/restoreTestingSelection:RestoreTestingSelection"

REPOSITORY: Final = "aws:ecr/repository:Repository"
REGISTRY_SCANNING: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"

LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
WEB_ACL_ASSOCIATION: Final = "aws:wafv2/webAclAssociation:WebAclAssociation"

PROVIDER: Final = "pulumi:providers:aws"
ORGANIZATION_POLICY: Final = "aws:organizations/policy:Policy"

DATABASE: Final = "aws:rds/instance:Instance"
DATABASE_PARAMETERS: Final = "aws:rds/parameterGroup:ParameterGroup"
DATABASE_SUBNETS: Final = "aws:rds/subnetGroup:SubnetGroup"

BROKERS: Final = "aws:msk/cluster:Cluster"
BROKER_CONFIGURATION: Final = "aws:msk/configuration:Configuration"
SERVERLESS_BROKERS: Final = "aws:msk/serverlessCluster:ServerlessCluster"

KEY: Final = "aws:kms/key:Key"
KEY_ALIAS: Final = "aws:kms/alias:Alias"

IAM_POLICY: Final = "aws:iam/policy:Policy"
IAM_ROLE: Final = "aws:iam/role:Role"
IAM_USER: Final = "aws:iam/user:User"
ACCESS_KEY: Final = "aws:iam/accessKey:AccessKey"
LOGIN_PROFILE: Final = "aws:iam/userLoginProfile:UserLoginProfile"
ACCOUNT: Final = "aws:iam/account:Account"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY: Final = "aws:iam/userPolicy:UserPolicy"
GROUP_POLICY: Final = "aws:iam/groupPolicy:GroupPolicy"
ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
USER_ATTACHMENT: Final = "aws:iam/userPolicyAttachment:UserPolicyAttachment"
GROUP_ATTACHMENT: Final = "aws:iam/groupPolicyAttachment:GroupPolicyAttachment"
POLICY_ATTACHMENT: Final = "aws:iam/policyAttachment:PolicyAttachment"
