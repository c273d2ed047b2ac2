"""An account with many resources of each service that evidence is collected from, made through boto3."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import boto3
from botocore.config import Config

_THREADS: Final = 8
_TRUST: Final = '{"Version": "2012-10-17", "Statement": []}'


def populate(url: str, region: str, size: int) -> None:
    """Make `size` buckets, keys, databases, security groups, roles, log groups and broker clusters."""
    session = boto3.Session(aws_access_key_id="valletta", aws_secret_access_key="valletta", region_name=region)
    config = Config(max_pool_connections=_THREADS, s3={"addressing_style": "path"}, proxies={})
    clients: dict[str, Any] = {}
    for service in ("ec2", "iam", "kafka", "kms", "logs", "rds", "s3"):
        make: Any = session.client  # its overloads name every service
        clients[service] = make(service, endpoint_url=url, config=config)
    vpc = clients["ec2"].create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        clients["ec2"].create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{region}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for n, zone in enumerate("abc")
    ]
    group = clients["ec2"].create_security_group(GroupName="data", Description="data", VpcId=vpc)["GroupId"]
    clients["rds"].create_db_subnet_group(DBSubnetGroupName="all", DBSubnetGroupDescription="all", SubnetIds=subnets)
    makers: tuple[Callable[[int], object], ...] = (
        lambda n: clients["s3"].create_bucket(
            Bucket=f"bench-{n}", CreateBucketConfiguration={"LocationConstraint": region}
        ),
        lambda n: clients["kms"].create_key(Description=f"{n}"),
        lambda n: _database(clients["rds"], group, n),
        lambda n: clients["ec2"].create_security_group(GroupName=f"bench-{n}", Description="bench", VpcId=vpc),
        lambda n: clients["iam"].create_role(RoleName=f"bench-{n}", AssumeRolePolicyDocument=_TRUST),
        lambda n: clients["logs"].create_log_group(logGroupName=f"bench-{n}"),
        lambda n: _brokers(clients["kafka"], subnets, n),
    )
    with ThreadPoolExecutor(_THREADS) as pool:
        for make_one in makers:
            list(pool.map(make_one, range(size)))


def _database(rds: Any, group: str, n: int) -> None:  # noqa: ANN401  (boto3 makes its clients of data)
    rds.create_db_instance(
        DBInstanceIdentifier=f"bench-{n}",
        Engine="postgres",
        DBInstanceClass="db.m7g.large",
        AllocatedStorage=20,
        DBSubnetGroupName="all",
        VpcSecurityGroupIds=[group],
    )


def _brokers(kafka: Any, subnets: list[str], n: int) -> None:  # noqa: ANN401  (as above)
    kafka.create_cluster(
        ClusterName=f"bench-{n}",
        KafkaVersion="3.9.x.kraft",
        NumberOfBrokerNodes=3,
        BrokerNodeGroupInfo={"ClientSubnets": subnets, "InstanceType": "kafka.m7g.large"},
    )
