"""A small account on moto in which every control is kept, built through boto3, and the ways to break it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import boto3

from policies.account import Unobservable
from policies.evidence import AccountTarget
from policies.values import Value
from tests.policies import account_guards
from tests.policies.account_guards import TRAIL_GROUP
from tests.policies.kubernetes_api import FakeApi

REGION = "eu-west-1"
LANDING, ARCHIVE = "exchange-landing", "exchange-archive"
CLUSTER = "exchange"
LOG_GROUP = f"/aws/eks/{CLUSTER}/cluster"
DATABASE, PARAMETERS = "ledger", "ledger-postgres17"
ZONES = ("a", "b", "c")
PIPELINE = "exchange-deploy"
ANYWHERE = "0.0.0.0/0"
TWIN = Unobservable(
    operations=frozenset(
        {
            "backup:ListRestoreJobs",
            "cloudtrail:ListPublicKeys",
            "cloudwatch:DescribeAlarmHistory",
            "eks:DescribeAddon",
            "eks:ListPodIdentityAssociations",
            "kafka:DescribeConfigurationRevision",
        }
    )
)
"""What moto does not implement of what the checks ask."""

TAGS = [{"Key": "valletta:environment", "Value": "production"}]
ALLOW_EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


def session() -> boto3.Session:
    """A session with credentials that moto does not look at."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


@dataclass
class TestAccount:
    """The account under test: clients by service, and the ids of what was built."""

    __test__ = False  # no test class

    endpoint: str
    kubernetes: FakeApi
    key: str = ""
    vpc: str = ""
    subnets: list[str] = field(default_factory=list)
    flow_log: str = ""
    brokers: str = ""
    group: str = ""
    template: str = ""
    machine: str = ""
    backup_plan: str = ""
    session: boto3.Session = field(default_factory=session)
    _clients: dict[str, Any] = field(default_factory=dict)
    _roles: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Value:
        """A boto3 client of the account."""
        if service not in self._clients:
            make: Any = self.session.client  # its overloads name every service
            self._clients[service] = make(service, endpoint_url=self.endpoint)
        return self._clients[service]

    def client_in(self, service: str, region: str) -> Value:
        """A boto3 client of the account in another region."""
        make: Any = self.session.client
        return make(service, region, endpoint_url=self.endpoint)

    def build(self) -> None:
        """Build everything that the controls are about, kept in full."""
        self._clear_network()
        self.key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.client("kms").enable_key_rotation(KeyId=self.key)
        self._build_network()
        self.build_bucket(LANDING)
        self.build_flow_log()
        self.empty_default_group()
        self.build_machine()
        self.build_bucket(ARCHIVE, lock={"Mode": "COMPLIANCE", "Years": 5})
        self.replicate()
        account_guards.build_watches(self)
        self.build_trail()
        self.build_cluster()
        self.build_database()
        self.build_brokers()
        self.client("ec2").enable_ebs_encryption_by_default()
        account_guards.build_backups(self)
        account_guards.build_registry(self)
        account_guards.build_people(self)
        self.build_pipeline()

    def build_pipeline(self) -> None:
        """The role that a job of GitHub takes to deploy."""
        self.client("iam").create_role(RoleName=PIPELINE, AssumeRolePolicyDocument="{}")
        self.trust_pipeline()

    def trust_pipeline(self) -> None:
        """Let that role be taken only from the environment that reviewers guard."""
        issuer = "token.actions.githubusercontent.com"
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"},
            "Condition": {"StringEquals": {f"{issuer}:sub": "repo:acme/valletta:environment:production"}},
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("iam").update_assume_role_policy(RoleName=PIPELINE, PolicyDocument=document)

    def _clear_network(self) -> None:
        """Take away the default network that a new account has in every region."""
        ec2 = self.client("ec2")
        for subnet in ec2.describe_subnets()["Subnets"]:
            ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        for vpc in ec2.describe_vpcs()["Vpcs"]:
            ec2.delete_vpc(VpcId=vpc["VpcId"])

    def _build_network(self) -> None:
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate(ZONES)
        ]

    def build_flow_log(self, traffic: str = "ALL", interval: int = 60) -> None:
        """Record the network's traffic."""
        self.flow_log = self.client("ec2").create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType=traffic,
            MaxAggregationInterval=interval,
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{LANDING}",
        )["FlowLogIds"][0]

    def misdirect_flow_log(self) -> None:
        """A flow log into a log group that does not exist: it records, and delivers nothing."""
        ec2 = self.client("ec2")
        ec2.delete_flow_logs(FlowLogIds=[self.flow_log])
        self.flow_log = ec2.create_flow_logs(
            ResourceIds=[self.vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            MaxAggregationInterval=60,
            LogDestinationType="cloud-watch-logs",
            LogGroupName="/nowhere",
            DeliverLogsPermissionArn=self._role("flow"),
        )["FlowLogIds"][0]

    def rebuild_flow_log(self, **changes: Value) -> None:
        """Another flow log in place of the present one."""
        self.client("ec2").delete_flow_logs(FlowLogIds=[self.flow_log])
        self.build_flow_log(**changes)

    def build_bucket(self, name: str, lock: dict[str, Any] | None = None) -> None:
        """A bucket under our key that speaks TLS only, locked where a retention is given."""
        s3 = self.client("s3")
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=name, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=lock is not None)
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAGS})
        self.encrypt_bucket(name, "aws:kms", self.key)
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(tls_only(name)))
        if lock is not None:
            self.lock_bucket(name, lock)

    def encrypt_bucket(self, name: str, algorithm: str, key: str | None) -> None:
        """Set how a bucket encrypts."""
        default = {"SSEAlgorithm": algorithm, **({"KMSMasterKeyID": key} if key else {})}
        self.client("s3").put_bucket_encryption(
            Bucket=name,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
        )

    def lock_bucket(self, name: str, retention: dict[str, Any]) -> None:
        """Set the default retention of a bucket that can be locked."""
        configuration = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
        self.client("s3").put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=configuration)

    def put_into_archive(self, **lock: Value) -> None:
        """Write an object into the archive. To moto a denial of plain HTTP denies everything, so that goes first."""
        s3 = self.client("s3")
        s3.delete_bucket_policy(Bucket=ARCHIVE)
        s3.put_object(Bucket=ARCHIVE, Key="AWSLogs/1.json.gz", Body=b"1", **lock)

    def empty_archive(self) -> None:
        """Take away what `put_into_archive` wrote, and set the bucket's policy again."""
        s3 = self.client("s3")
        for version in s3.list_object_versions(Bucket=ARCHIVE).get("Versions", []):
            s3.delete_object(
                Bucket=ARCHIVE, Key=version["Key"], VersionId=version["VersionId"], BypassGovernanceRetention=True
            )
        s3.put_bucket_policy(Bucket=ARCHIVE, Policy=json.dumps(tls_only(ARCHIVE)))

    def replicate(self, minutes: int = 15, metrics: str = "Enabled") -> None:
        """Carry whatever lands into the archive, under time control."""
        rule = {
            "ID": "all",
            "Status": "Enabled",
            "Priority": 1,
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {
                "Bucket": f"arn:aws:s3:::{ARCHIVE}",
                "ReplicationTime": {"Status": "Enabled", "Time": {"Minutes": minutes}},
                "Metrics": {"Status": metrics, "EventThreshold": {"Minutes": minutes}},
            },
        }
        configuration = {"Role": self._role("replication"), "Rules": [rule]}
        self.client("s3").put_bucket_replication(Bucket=LANDING, ReplicationConfiguration=configuration)

    def remove_trail(self) -> None:
        """Leave the account without a trail."""
        self.client("cloudtrail").delete_trail(Name="exchange")

    def build_trail(self, *, everywhere: bool = True, digests: bool = True) -> None:
        """The trail into the landing bucket, switched on."""
        trail = self.client("cloudtrail")
        trail.create_trail(
            Name="exchange",
            S3BucketName=LANDING,
            IsMultiRegionTrail=everywhere,
            EnableLogFileValidation=digests,
            CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:123456789012:log-group:{TRAIL_GROUP}:*",
            CloudWatchLogsRoleArn=self._role("trail"),
        )
        trail.start_logging(Name="exchange")

    def build_cluster(self, **changes: Value) -> None:
        """The Kubernetes cluster with its log group."""
        logs = self.client("logs")
        logs.create_log_group(logGroupName=LOG_GROUP)
        logs.put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365)
        types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
        network = {"subnetIds": self.subnets, "endpointPublicAccess": False, "endpointPrivateAccess": True}
        self.client("eks").create_cluster(
            **{
                "name": CLUSTER,
                "roleArn": self._role("cluster"),
                "resourcesVpcConfig": network,
                "logging": {"clusterLogging": [{"types": types, "enabled": True}]},
                "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": self.key}}],
                **changes,
            }
        )

    def rebuild_cluster(self, **changes: Value) -> None:
        """The cluster again, otherwise."""
        self.client("eks").delete_cluster(name=CLUSTER)
        self.client("logs").delete_log_group(logGroupName=LOG_GROUP)
        self.build_cluster(**changes)

    def build_database(self, **changes: Value) -> None:
        """The database, with its parameters and its subnets."""
        rds = self.client("rds")
        rds.create_db_parameter_group(
            DBParameterGroupName=PARAMETERS, DBParameterGroupFamily="postgres17", Description="ledger"
        )
        self.force_ssl("1")
        rds.create_db_subnet_group(
            DBSubnetGroupName="ledger", DBSubnetGroupDescription="ledger", SubnetIds=self.subnets
        )
        self._create_database(changes)

    def rebuild_database(self, **changes: Value) -> None:
        """The database again, otherwise."""
        self.client("rds").delete_db_instance(DBInstanceIdentifier=DATABASE, SkipFinalSnapshot=True)
        self._create_database(changes)

    def _create_database(self, changes: dict[str, Any]) -> None:
        self.client("rds").create_db_instance(
            **{
                "DBInstanceIdentifier": DATABASE,
                "Engine": "postgres",
                "DBInstanceClass": "db.m7g.large",
                "AllocatedStorage": 20,
                "DBParameterGroupName": PARAMETERS,
                "DBSubnetGroupName": "ledger",
                "VpcSecurityGroupIds": [self._default_group()],
                "StorageEncrypted": True,
                "KmsKeyId": self.key,
                "MultiAZ": True,
                "PubliclyAccessible": False,
                **changes,
            }
        )

    def force_ssl(self, value: str) -> None:
        """Set PostgreSQL's parameter that refuses connections without TLS."""
        parameter = {"ParameterName": "rds.force_ssl", "ParameterValue": value, "ApplyMethod": "immediate"}
        self.client("rds").modify_db_parameter_group(DBParameterGroupName=PARAMETERS, Parameters=[parameter])

    def build_brokers(self, **changes: Value) -> None:
        """The cluster of brokers."""
        self.brokers = self.client("kafka").create_cluster(
            **{
                "ClusterName": "exchange",
                "KafkaVersion": "3.9.x.kraft",
                "NumberOfBrokerNodes": 3,
                "BrokerNodeGroupInfo": self.broker_nodes(),
                "EncryptionInfo": self.broker_encryption(),
                "ClientAuthentication": {"Sasl": {"Iam": {"Enabled": True}}, "Unauthenticated": {"Enabled": False}},
                "ConfigurationInfo": {
                    "Arn": f"arn:aws:kafka:{REGION}:123456789012:configuration/exchange/1",
                    "Revision": 1,
                },
                **changes,
            }
        )["ClusterArn"]

    def rebuild_brokers(self, **changes: Value) -> None:
        """The brokers again, otherwise."""
        self.client("kafka").delete_cluster(ClusterArn=self.brokers)
        self.build_brokers(**changes)

    def broker_nodes(self, subnets: list[str] | None = None, access: str = "DISABLED") -> dict[str, Any]:
        """Where brokers lie, and whether they have public addresses."""
        return {
            "ClientSubnets": subnets or self.subnets,
            "InstanceType": "kafka.m7g.large",
            "ConnectivityInfo": {"PublicAccess": {"Type": access}},
        }

    def broker_encryption(self, key: str | None = None, clients: str = "TLS", *, inside: bool = True) -> dict[str, Any]:
        """How brokers encrypt, at rest and on the way."""
        return {
            "EncryptionAtRest": {"DataVolumeKMSKeyId": key or self.key},
            "EncryptionInTransit": {"ClientBroker": clients, "InCluster": inside},
        }

    def route_to_the_internet(self) -> None:
        """Give the main route table of the network, which its subnets take, a way out."""
        ec2 = self.client("ec2")
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = next(t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] == self.vpc)
        ec2.create_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock=ANYWHERE, GatewayId=gateway)

    def close_the_route(self) -> None:
        """Take the way out away again."""
        ec2 = self.client("ec2")
        table = next(t for t in ec2.describe_route_tables()["RouteTables"] if t["VpcId"] == self.vpc)
        ec2.delete_route(RouteTableId=table["RouteTableId"], DestinationCidrBlock=ANYWHERE)

    def empty_default_group(self) -> None:
        """Take every rule out of the network's default group."""
        ec2, group = self.client("ec2"), self._default_group()
        described = ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
        if described["IpPermissions"]:
            ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=described["IpPermissions"])
        if described["IpPermissionsEgress"]:
            ec2.revoke_security_group_egress(GroupId=group, IpPermissions=described["IpPermissionsEgress"])

    def fill_default_group(self) -> None:
        """Let the members of the default group talk to each other."""
        permission = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
        self.client("ec2").authorize_security_group_ingress(GroupId=self._default_group(), IpPermissions=[permission])

    def build_group(self, port: int, source: str = ANYWHERE) -> None:
        """A security group with a port open to a source."""
        ec2 = self.client("ec2")
        self.group = ec2.create_security_group(GroupName="open", Description="open", VpcId=self.vpc)["GroupId"]
        ranges = {"Ipv6Ranges": [{"CidrIpv6": source}]} if ":" in source else {"IpRanges": [{"CidrIp": source}]}
        permission = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, **ranges}
        ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=[permission])

    def remove_group(self) -> None:
        """Take that group away."""
        self.client("ec2").delete_security_group(GroupId=self.group)

    def build_machine(self, tokens: str = "required", hops: int = 1) -> None:
        """A launch template, and a machine that runs."""
        ec2 = self.client("ec2")
        options = {"HttpTokens": tokens, "HttpPutResponseHopLimit": hops, "HttpEndpoint": "enabled"}
        data = {"InstanceType": "m7i.large", "MetadataOptions": options}
        self.template = ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)[
            "LaunchTemplate"
        ]["LaunchTemplateId"]
        self.machine = ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            InstanceType="m7i.large",
            SubnetId=self.subnets[0],
            MetadataOptions=options,
        )["Instances"][0]["InstanceId"]

    def rebuild_machine(self, tokens: str = "required", hops: int = 1) -> None:
        """Both again, otherwise."""
        ec2 = self.client("ec2")
        ec2.terminate_instances(InstanceIds=[self.machine])
        ec2.delete_launch_template(LaunchTemplateId=self.template)
        self.build_machine(tokens, hops)

    def _default_group(self) -> str:
        groups = self.client("ec2").describe_security_groups()["SecurityGroups"]
        own = (group for group in groups if (group["VpcId"], group["GroupName"]) == (self.vpc, "default"))
        return str(next(own)["GroupId"])

    def _role(self, name: str) -> str:
        if name not in self._roles:
            trust = json.dumps({"Version": "2012-10-17", "Statement": []})
            role = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            self._roles[name] = role["Role"]["Arn"]
        return self._roles[name]


def target_of(account: TestAccount, **more: Value) -> AccountTarget:
    """The account as evidence is collected from it."""
    return AccountTarget(account.session, REGION, account.endpoint, TWIN, cluster=account.kubernetes.cluster, **more)


def tls_only(bucket: str) -> dict[str, Any]:
    """The policy of a bucket that denies every request over plain HTTP."""
    statement = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
