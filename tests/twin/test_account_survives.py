"""The account outlives its process, and takes nothing that it could not keep."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from sandbox.twin.__main__ import main
from sandbox.twin.values import Value
from tests.twin.account_server import REGION, AccountServer

Start = Callable[..., AccountServer]
POLICY = (
    '{"Version":"2012-10-17","Statement":'
    '[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"s3:*","Resource":"arn:aws:s3:::archive/*"}]}'
)


def populate(server: AccountServer) -> bytes:
    """Something of every sort; gives a ciphertext that only this account can open."""
    ec2, s3, iam, kms = (server.client(name) for name in ("ec2", "s3", "iam", "kms"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="eu-west-1a")
    ec2.allocate_address(Domain="vpc")
    iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=POLICY)
    iam.put_role_policy(RoleName="auditor", PolicyName="read", PolicyDocument=POLICY)
    s3.create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket="archive", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_policy(Bucket="archive", Policy=POLICY)
    s3.put_object(Bucket="archive", Key="a/b c.json", Body=b"\x00bytes")
    server.client("rds").create_db_instance(
        DBInstanceIdentifier="ledger",
        DBInstanceClass="db.t4g.medium",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="valletta",
        ManageMasterUserPassword=True,
        VpcSecurityGroupIds=[ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
    )
    server.client("secretsmanager").create_secret(Name="operator", SecretString="pa55")
    server.client("kafka").create_cluster(
        ClusterName="exchange",
        KafkaVersion="3.9.x",
        NumberOfBrokerNodes=3,
        BrokerNodeGroupInfo={"InstanceType": "kafka.t3.small", "ClientSubnets": ["subnet-1"]},
    )
    server.clients.declare(REGION, "aws:eks/addon:Addon", "exchange:vpc-cni", {"addonName": "vpc-cni"})
    key = kms.create_key(Description="archive")["KeyMetadata"]["KeyId"]
    ciphertext: bytes = kms.encrypt(KeyId=key, Plaintext=b"a bet")["CiphertextBlob"]
    return ciphertext


def everything(server: AccountServer) -> dict[str, Any]:
    """What the account says of itself: ids, ARNs, times, contents."""
    ec2, s3, iam, kms = (server.client(name) for name in ("ec2", "s3", "iam", "kms"))
    secrets = server.client("secretsmanager")
    versions = s3.list_object_versions(Bucket="archive")["Versions"]
    return {
        "vpcs": ec2.describe_vpcs()["Vpcs"],
        "subnets": ec2.describe_subnets()["Subnets"],
        "groups": ec2.describe_security_groups()["SecurityGroups"],
        "tables": ec2.describe_route_tables()["RouteTables"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "roles": iam.list_roles()["Roles"],
        "role policy": iam.get_role_policy(RoleName="auditor", PolicyName="read")["PolicyDocument"],
        "buckets": s3.list_buckets()["Buckets"],
        "bucket policy": s3.get_bucket_policy(Bucket="archive")["Policy"],
        "versions": [(version["Key"], version["VersionId"], version["LastModified"]) for version in versions],
        "object": s3.get_object(Bucket="archive", Key="a/b c.json")["Body"].read(),
        "keys": [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]],
        "databases": [
            (one["DbiResourceId"], one["DBInstanceArn"], one["Endpoint"], one["MasterUserSecret"]["SecretArn"])
            for one in server.client("rds").describe_db_instances()["DBInstances"]
        ],
        "secrets": [(secret["ARN"], secret["CreatedDate"]) for secret in secrets.list_secrets()["SecretList"]],
        "secret": secrets.get_secret_value(SecretId="operator")["SecretString"],
        "clusters": server.client("kafka").list_clusters()["ClusterInfoList"],
        "declared": server.clients.declared(REGION, "aws:eks/addon:Addon", "exchange:vpc-cni"),
    }


def test_a_killed_account_comes_back_with_the_same_ids_times_contents_and_keys(start: Start) -> None:
    server = start()
    ciphertext = populate(server)
    before = everything(server)
    server.kill()
    server.start()
    assert everything(server) == before
    assert server.client("kms").decrypt(CiphertextBlob=ciphertext)["Plaintext"] == b"a bet"
    replay = server.health()["replay"]
    assert replay["divergent"] == 0, "every change was answered in the very same words again"
    assert replay["changes"] == server.health()["sequence"] > 10


def test_changes_after_a_restart_continue_the_same_history(start: Start) -> None:
    server = start()
    server.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    server.stop()
    server.start()
    server.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")
    before = server.client("ec2").describe_vpcs()["Vpcs"]
    server.kill()
    server.start()
    assert server.client("ec2").describe_vpcs()["Vpcs"] == before
    assert len({vpc["VpcId"] for vpc in before}) == 2


def test_reading_a_region_first_or_last_changes_no_id(start: Start) -> None:
    """Moto fills a region when it is first touched, perhaps by a read that the journal does not hold."""
    server = start()
    server.client("ec2", "us-east-1").describe_network_acls()
    server.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    server.client("ec2", "us-east-1").create_vpc(CidrBlock="10.0.0.0/16")
    before = server.client("ec2", "us-east-1").describe_network_acls()["NetworkAcls"]
    server.kill()
    server.start()
    assert server.client("ec2", "us-east-1").describe_network_acls()["NetworkAcls"] == before


def test_two_accounts_share_no_id(start: Start) -> None:
    ids = {start(name).client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] for name in ("one", "other")}
    assert len(ids) == 2


def test_a_torn_last_record_is_dropped_and_all_before_it_kept(start: Start) -> None:
    server = start()
    server.client("s3").create_bucket(Bucket="first", CreateBucketConfiguration={"LocationConstraint": REGION})
    whole = server.journal.stat().st_size
    server.client("s3").create_bucket(Bucket="second", CreateBucketConfiguration={"LocationConstraint": REGION})
    server.kill()
    with server.journal.open("rb+") as file:
        file.truncate(whole + 40)
    server.start()
    assert [bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]] == ["first"]
    server.client("s3").create_bucket(Bucket="third", CreateBucketConfiguration={"LocationConstraint": REGION})
    server.kill()
    server.start()
    assert [bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]] == ["first", "third"]


def test_a_journal_damaged_in_its_middle_is_refused_by_file_and_line(start: Start) -> None:
    server = start()
    for name in ("first", "second"):
        server.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    server.kill()
    lines = server.journal.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b"first", b"f1rst")
    server.journal.write_bytes(b"".join(lines))
    with pytest.raises(RuntimeError, match=r"account.journal: line 2 .* is damaged"):
        server.start()
    assert b"".join(lines) == server.journal.read_bytes(), "a refusal changes nothing"


def test_a_journal_of_another_account_is_refused(start: Start) -> None:
    server = start("account", "--account", "111122223333")
    assert server.health()["account"] == "111122223333"
    assert server.client("sts").get_caller_identity()["Account"] == "111122223333"
    server.stop()
    with pytest.raises(RuntimeError, match="is of account 111122223333, not 123456789012"):
        AccountServer(server.folder)


def test_one_folder_has_one_server(start: Start) -> None:
    server = start()
    with pytest.raises(RuntimeError, match="another account server already serves this folder"):
        AccountServer(server.folder)


def test_the_account_listens_on_loopback_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--host", "0.0.0.0", "--state", str(tmp_path)]) == 1
    assert "binds to loopback only" in capsys.readouterr().err


def test_a_taken_port_is_named(start: Start, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = start().url.rpartition(":")[2]
    assert main(["--port", port, "--state", str(tmp_path / "other")]) == 1
    assert f"port {port} on 127.0.0.1 cannot be taken" in capsys.readouterr().err


def test_a_web_page_under_another_name_is_turned_away(account: AccountServer) -> None:
    answer = httpx.get(f"{account.url}/valletta/health", headers={"Host": "evil.example"})
    assert answer.status_code == 403
    assert (
        "access-control-allow-origin" not in httpx.get(account.url, headers={"Origin": "http://evil.example"}).headers
    )


def test_a_fresh_account_has_no_default_network_in_any_region(account: AccountServer) -> None:
    for region in ("eu-central-1", "us-west-2"):
        ec2 = account.client("ec2", region)
        assert ec2.describe_vpcs()["Vpcs"] == []
        assert ec2.describe_security_groups()["SecurityGroups"] == []
        assert ec2.describe_network_acls()["NetworkAcls"] == []
        assert ec2.describe_subnets()["Subnets"] == []


def test_a_private_subnet_gives_out_no_public_addresses(account: AccountServer) -> None:
    ec2 = account.client("ec2", "eu-west-3")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]
    assert not subnet["MapPublicIpOnLaunch"]
    assert not subnet["DefaultForAz"]


def test_reads_do_not_grow_the_journal_and_changes_do(start: Start) -> None:
    server = start()
    server.client("s3").create_bucket(Bucket="archive", CreateBucketConfiguration={"LocationConstraint": REGION})
    size = server.journal.stat().st_size
    server.client("s3").list_buckets()
    server.client("ec2").describe_vpcs()
    server.client("kms").list_keys()
    server.client("iam").get_account_summary()
    assert server.journal.stat().st_size == size
    server.client("s3").put_object(Bucket="archive", Key="a", Body=b"b")
    assert server.journal.stat().st_size > size


def test_the_journal_is_readable_by_its_owner_alone(start: Start) -> None:
    """It holds the bodies of requests, and so their secrets."""
    assert start().journal.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("ec2", "create_key_pair", {"KeyName": "k"}),
        ("kms", "create_key", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
    ],
)
def test_a_change_that_a_replay_could_not_repeat_is_refused(
    account: AccountServer, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    before = account.health()["sequence"]
    with pytest.raises(ClientError, match="where the journal cannot repeat it") as refused:
        getattr(account.client(service), operation)(**arguments)
    assert refused.value.response["Error"]["Code"] == "NotImplemented"
    assert account.health()["sequence"] == before


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("iam", "list_instance_profile_tags", {"InstanceProfileName": "p"}),
        ("ec2", "describe_vpc_block_public_access_options", {}),
        ("eks", "list_addons", {"clusterName": "c"}),
        ("kafka", "list_configurations", {}),
    ],
)
def test_what_moto_lacks_is_an_aws_error_that_a_client_can_read(
    account: AccountServer, service: str, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as missing:
        getattr(account.client(service), operation)(**arguments)
    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] in (404, 501)


def test_the_ways_around_the_journal_are_closed(account: AccountServer) -> None:
    assert httpx.post(f"{account.url}/moto-api/reset").status_code == 501
    assert httpx.get(f"{account.url}/moto-api/seed?a=42").status_code == 501


def test_an_oversized_or_senseless_length_is_refused(account: AccountServer) -> None:
    for length, status in (("999999999999", 413), ("many", 400)):
        connection = http.client.HTTPConnection(account.url.removeprefix("http://"))
        connection.putrequest("PUT", "/bucket")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()


def test_reset_begins_a_fresh_account_that_survives_too(start: Start) -> None:
    server = start()
    populate(server)
    born = server.health()["born"]
    assert httpx.post(f"{server.url}/valletta/reset").json()["sequence"] == 0
    assert server.client("ec2").describe_vpcs()["Vpcs"] == []
    assert server.client("s3").list_buckets()["Buckets"] == []
    assert server.clients.declared(REGION, "aws:eks/addon:Addon", "exchange:vpc-cni") is None
    vpc = server.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    server.kill()
    server.start()
    assert [one["VpcId"] for one in server.client("ec2").describe_vpcs()["Vpcs"]] == [vpc]
    assert server.health()["sequence"] == 1
    assert server.health()["born"] > born


def test_concurrent_writers_lose_nothing_and_replay_to_the_same(start: Start) -> None:
    server = start()
    failures: list[Exception] = []

    def write(number: int) -> None:
        try:
            ec2 = server.client("ec2")
            vpc = ec2.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
            for third in range(4):
                ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.{number}.{third}.0/24")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []

    def network() -> Value:
        ec2 = server.client("ec2")
        subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda subnet: str(subnet["SubnetId"]))
        return ec2.describe_vpcs()["Vpcs"], subnets

    before = network()
    assert len(before[1]) == 24
    server.kill()
    server.start()
    assert network() == before


def test_killed_at_any_moment_the_account_keeps_every_change_that_was_answered(start: Start) -> None:
    server = start()
    answered: list[str] = []

    def write() -> None:
        s3 = server.client("s3")
        try:
            for number in range(500):
                s3.create_bucket(Bucket=f"bucket-{number}", CreateBucketConfiguration={"LocationConstraint": REGION})
                answered.append(f"bucket-{number}")
        except Exception:
            pass

    writer = threading.Thread(target=write)
    writer.start()
    while len(answered) < 20:
        writer.join(0.01)
    server.kill()
    writer.join()
    server.start()
    kept = {bucket["Name"] for bucket in server.client("s3").list_buckets()["Buckets"]}
    assert set(answered) <= kept
    assert len(kept - set(answered)) <= 1, "at most the one that was under way"
