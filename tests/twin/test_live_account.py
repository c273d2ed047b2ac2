"""What the program asked for is really in the account, as an auditor with boto3 finds it."""

from __future__ import annotations

import json

import pytest

from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made, make

Everything = dict[str, Made]


def test_a_new_security_group_lets_nothing_in_or_out(account: AccountServer) -> None:
    vpc = make(account.twin, "aws:ec2/vpc:Vpc", "closed", {"cidrBlock": "10.60.0.0/16"})
    made = make(account.twin, "aws:ec2/securityGroup:SecurityGroup", "closed", {"vpcId": vpc.id})
    group = account.client("ec2").describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])
    assert group["Description"] == "Managed by Pulumi"


def test_the_default_security_group_is_emptied(account: AccountServer, provisioned: Everything) -> None:
    made = provisioned["aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"]
    group = account.client("ec2").describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]
    assert group["GroupName"] == "default"
    assert group["VpcId"] == made.inputs["vpcId"]
    assert (group["IpPermissions"], group["IpPermissionsEgress"]) == ([], [])


def test_rules_of_the_default_security_group_are_set_where_they_are_given(account: AccountServer) -> None:
    vpc = make(account.twin, "aws:ec2/vpc:Vpc", "rules", {"cidrBlock": "10.61.0.0/16"})
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": ["10.61.0.0/16"]}
    type_ = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
    made = make(account.twin, type_, "rules", {"vpcId": vpc.id, "ingress": [rule], "egress": []})
    read = account.twin.read(type_, made.id, made.inputs, made.outputs)
    assert read is not None
    assert read[1] == made.inputs
    group = account.client("ec2").describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]
    assert [one["IpRanges"] for one in group["IpPermissions"]] == [[{"CidrIp": "10.61.0.0/16"}]]


def test_the_trail_runs_with_its_selectors_insights_and_validation(
    account: AccountServer, provisioned: Everything
) -> None:
    trail, client = provisioned["aws:cloudtrail/trail:Trail"], account.client("cloudtrail")
    live = client.get_trail(Name=trail.inputs["name"])["Trail"]
    assert live["LogFileValidationEnabled"] is True
    assert live["KmsKeyId"] == trail.inputs["kmsKeyId"]
    assert live["CloudWatchLogsLogGroupArn"] == trail.inputs["cloudWatchLogsGroupArn"]
    assert client.get_trail_status(Name=trail.inputs["name"])["IsLogging"] is True
    selectors = client.get_event_selectors(TrailName=trail.inputs["name"])["AdvancedEventSelectors"]
    assert [one["Name"] for one in selectors] == [one["name"] for one in trail.inputs["advancedEventSelectors"]]
    insights = client.get_insight_selectors(TrailName=trail.inputs["name"])["InsightSelectors"]
    assert {one["InsightType"] for one in insights} == {"ApiCallRateInsight", "ApiErrorRateInsight"}


def test_the_cluster_keeps_its_logging_encryption_and_private_endpoint(
    account: AccountServer, provisioned: Everything
) -> None:
    made = provisioned["aws:eks/cluster:Cluster"]
    live = account.client("eks").describe_cluster(name=made.id)["cluster"]
    assert next(one for one in live["logging"]["clusterLogging"] if one["enabled"])["types"] == [
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
    ]
    assert live["resourcesVpcConfig"]["endpointPublicAccess"] is False
    assert live["encryptionConfig"][0]["resources"] == ["secrets"]


def test_the_cluster_has_a_security_group_in_its_network_that_goes_with_it(
    account: AccountServer, provisioned: Everything
) -> None:
    made = provisioned["aws:eks/cluster:Cluster"]
    group = made.outputs["vpcConfig"]["clusterSecurityGroupId"]
    live = account.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    assert live["VpcId"] == made.outputs["vpcConfig"]["vpcId"] == provisioned["aws:ec2/vpc:Vpc"].id
    assert made.outputs["certificateAuthority"]["data"]


def test_the_brokers_keep_tls_iam_encryption_and_the_configuration(
    account: AccountServer, provisioned: Everything
) -> None:
    made = provisioned["aws:msk/cluster:Cluster"]
    live = account.client("kafka").describe_cluster(ClusterArn=made.id)["ClusterInfo"]
    assert live["State"] == "ACTIVE"
    assert live["ClientAuthentication"]["Sasl"]["Iam"]["Enabled"] is True
    assert live["ClientAuthentication"]["Unauthenticated"]["Enabled"] is False
    assert live["EncryptionInfo"]["EncryptionInTransit"] == {"ClientBroker": "TLS", "InCluster": True}
    key = made.inputs["encryptionInfo"]["encryptionAtRestKmsKeyArn"]
    assert live["EncryptionInfo"]["EncryptionAtRest"]["DataVolumeKMSKeyId"] == key
    assert live["EnhancedMonitoring"] == "PER_TOPIC_PER_BROKER"
    assert made.outputs["bootstrapBrokersSaslIam"].count(":9098") == made.inputs["numberOfBrokerNodes"]


def test_the_database_keeps_its_safeguards_and_a_secret_that_can_be_read(
    account: AccountServer, provisioned: Everything
) -> None:
    made = provisioned["aws:rds/instance:Instance"]
    live = account.client("rds").describe_db_instances(DBInstanceIdentifier=made.inputs["identifier"])["DBInstances"][0]
    assert live["StorageEncrypted"] is True
    assert live["KmsKeyId"] == made.inputs["kmsKeyId"]
    assert live["IAMDatabaseAuthenticationEnabled"] is True
    assert live["MultiAZ"] is made.inputs["multiAz"]
    assert live["EnabledCloudwatchLogsExports"] == ["postgresql", "upgrade"]
    secret = made.outputs["masterUserSecrets"][0]["secretArn"]
    assert account.client("secretsmanager").describe_secret(SecretId=secret)["ARN"] == secret
    assert made.outputs["endpoint"] == f"{made.outputs['address']}:5432"


def test_parameters_are_set_with_their_way_of_applying(account: AccountServer, provisioned: Everything) -> None:
    made = provisioned["aws:rds/parameterGroup:ParameterGroup"]
    answer = account.client("rds").describe_db_parameters(DBParameterGroupName=made.id, Source="user")
    live = {one["ParameterName"]: (one["ParameterValue"], one["ApplyMethod"]) for one in answer["Parameters"]}
    assert live == {one["name"]: (one["value"], one["applyMethod"]) for one in made.inputs["parameters"]}


def test_instances_start_with_imds_version_two_and_encrypted_volumes(
    account: AccountServer, provisioned: Everything
) -> None:
    made = provisioned["aws:ec2/launchTemplate:LaunchTemplate"]
    answer = account.client("ec2").describe_launch_template_versions(LaunchTemplateId=made.id, Versions=["$Default"])
    data = answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] is True


def test_flow_logs_and_routes_lead_where_the_program_says(account: AccountServer, provisioned: Everything) -> None:
    flow = provisioned["aws:ec2/flowLog:FlowLog"]
    live = account.client("ec2").describe_flow_logs(FlowLogIds=[flow.id])["FlowLogs"][0]
    assert live["ResourceId"] == provisioned["aws:ec2/vpc:Vpc"].id
    assert (live["TrafficType"], live["MaxAggregationInterval"]) == ("ALL", 60)
    assert live["DeliverLogsPermissionArn"] == flow.inputs["iamRoleArn"]
    route = provisioned["aws:ec2/route:Route"]
    table = account.client("ec2").describe_route_tables(RouteTableIds=[route.inputs["routeTableId"]])["RouteTables"][0]
    assert "0.0.0.0/0" in [one.get("DestinationCidrBlock") for one in table["Routes"]]


def test_a_role_stripped_of_what_hangs_on_it_can_go_only_where_that_is_asked_for(account: AccountServer) -> None:
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ],
        }
    )
    for forced in (True, False):
        inputs = {"assumeRolePolicy": trust, "forceDetachPolicies": forced}
        made = make(account.twin, "aws:iam/role:Role", "laden", inputs)
        policy = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        account.client("iam").attach_role_policy(RoleName=made.id, PolicyArn=policy)
        if forced:
            account.twin.delete(made.type, made.id, made.outputs)
            assert account.twin.read(made.type, made.id, made.inputs, made.outputs) is None
        else:
            with pytest.raises(Exception, match="DeleteConflict"):
                account.twin.delete(made.type, made.id, made.outputs)


def test_a_bucket_that_holds_something_goes_only_where_that_is_asked_for(account: AccountServer) -> None:
    s3 = account.client("s3")
    for forced in (True, False):
        made = make(account.twin, "aws:s3/bucket:Bucket", "full", {"forceDestroy": forced})
        status = {"versioningConfiguration": {"status": "Enabled"}, "bucket": made.id}
        make(account.twin, "aws:s3/bucketVersioning:BucketVersioning", "full", status)
        s3.put_object(Bucket=made.id, Key="a", Body=b"1")
        s3.put_object(Bucket=made.id, Key="a", Body=b"2")
        s3.delete_object(Bucket=made.id, Key="a")
        if forced:
            account.twin.delete(made.type, made.id, made.outputs)
            assert account.twin.read(made.type, made.id, made.inputs, made.outputs) is None
        else:
            with pytest.raises(Exception, match="BucketNotEmpty"):
                account.twin.delete(made.type, made.id, made.outputs)


def test_a_modified_subnet_group_and_a_tagged_node_group_stay_what_they_are(
    account: AccountServer, provisioned: Everything
) -> None:
    """Moto forgets the one when it is modified and cannot tag the other; the account puts both right."""
    group = provisioned["aws:rds/subnetGroup:SubnetGroup"]
    rds = account.client("rds")
    rds.modify_db_subnet_group(DBSubnetGroupName=group.id, SubnetIds=group.inputs["subnetIds"])
    assert rds.describe_db_subnet_groups(DBSubnetGroupName=group.id)["DBSubnetGroups"]
    nodes = provisioned["aws:eks/nodeGroup:NodeGroup"]
    account.client("eks").tag_resource(resourceArn=nodes.outputs["arn"], tags={"a": "b"})
    read = account.twin.read(nodes.type, nodes.id, nodes.inputs, nodes.outputs)
    assert read is not None
    assert read[1]["tags"]["a"] == "b"
    account.client("eks").untag_resource(resourceArn=nodes.outputs["arn"], tagKeys=["a"])
