"""One way at least to break what each detective check proves, on a live account, and to mend it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tests.policies.account import ALLOW_EVERYTHING, ARCHIVE, LANDING, LOG_GROUP, TestAccount, tls_only

Act = Callable[[TestAccount], object]


@dataclass(frozen=True)
class Break:
    """What to do to the account, what the check must then say, and how to undo it."""

    check: str
    act: Act
    reason: str
    mend: Act

    @property
    def control(self) -> str:
        """The id of the control that owns the check."""
        return "-".join(self.check.split("-")[:2]).upper()


def _database(check: str, reason: str, **changes: object) -> Break:
    return Break(check, lambda a: a.rebuild_database(**changes), reason, lambda a: a.rebuild_database())


def _cluster(check: str, reason: str, **changes: object) -> Break:
    return Break(check, lambda a: a.rebuild_cluster(**changes), reason, lambda a: a.rebuild_cluster())


def _brokers(check: str, act: Act, reason: str) -> Break:
    return Break(check, act, reason, lambda a: a.rebuild_brokers())


def _rebuild_trail(*, everywhere: bool = True, digests: bool = True) -> Act:
    def act(account: TestAccount) -> None:
        account.remove_trail()
        account.build_trail(everywhere=everywhere, digests=digests)

    return act


def _lock(mode: str, days: int) -> Break:
    return Break(
        "log-2-archive-lock",
        lambda a: a.lock_bucket(ARCHIVE, {"Mode": mode, "Days": days}),
        "locks in mode GOVERNANCE" if mode == "GOVERNANCE" else f"keeps objects for {days} days",
        lambda a: a.lock_bucket(ARCHIVE, {"Mode": "COMPLIANCE", "Years": 5}),
    )


def _write_object_locked_for_a_day(account: TestAccount) -> None:
    until = datetime.now(UTC) + timedelta(days=1)
    account.put_into_archive(ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)


def _policy(name: str) -> str:
    return f"arn:aws:iam::123456789012:policy/{name}"


def _drop_flow_log(account: TestAccount) -> None:
    account.client("ec2").delete_flow_logs(FlowLogIds=[account.flow_log])


BREAKS = [
    _database("bcp-1-database-zones", "no stand-by", MultiAZ=False),
    _brokers("bcp-1-brokers-zones", lambda a: a.rebuild_brokers(NumberOfBrokerNodes=2), "are 2"),
    _brokers(
        "bcp-1-brokers-zones",
        lambda a: a.rebuild_brokers(BrokerNodeGroupInfo=a.broker_nodes(a.subnets[:2])),
        "lie in 2 zones",
    ),
    _database("cry-1-database-key", "is not encrypted", StorageEncrypted=False),
    _database(
        "cry-1-database-key", "no enabled key of ours", KmsKeyId="arn:aws:kms:eu-west-1:123456789012:alias/aws/rds"
    ),
    _brokers(
        "cry-1-brokers-key",
        lambda a: a.rebuild_brokers(EncryptionInfo={"EncryptionInTransit": {"ClientBroker": "TLS"}}),
        "a key of AWS",
    ),
    _cluster("cry-1-cluster-secrets-key", "does not encrypt its secrets", encryptionConfig=[]),
    Break(
        "cry-1-bucket-key",
        lambda a: a.encrypt_bucket(LANDING, "AES256", None),
        "encrypts with AES256",
        lambda a: a.encrypt_bucket(LANDING, "aws:kms", a.key),
    ),
    Break(
        "cry-1-bucket-key",
        lambda a: a.encrypt_bucket(LANDING, "aws:kms", None),
        "a key of AWS",
        lambda a: a.encrypt_bucket(LANDING, "aws:kms", a.key),
    ),
    Break(
        "cry-1-volumes-encrypted",
        lambda a: a.client("ec2").disable_ebs_encryption_by_default(),
        "without encryption",
        lambda a: a.client("ec2").enable_ebs_encryption_by_default(),
    ),
    _brokers(
        "cry-2-brokers-tls",
        lambda a: a.rebuild_brokers(EncryptionInfo=a.broker_encryption(clients="TLS_PLAINTEXT")),
        "speak TLS_PLAINTEXT",
    ),
    _brokers(
        "cry-2-brokers-tls",
        lambda a: a.rebuild_brokers(EncryptionInfo=a.broker_encryption(inside=False)),
        "plain text among themselves",
    ),
    Break("cry-2-database-tls", lambda a: a.force_ssl("0"), "is 0", lambda a: a.force_ssl("1")),
    Break(
        "cry-2-bucket-tls",
        lambda a: a.client("s3").delete_bucket_policy(Bucket=LANDING),
        "no policy that denies",
        lambda a: a.client("s3").put_bucket_policy(Bucket=LANDING, Policy=json.dumps(tls_only(LANDING))),
    ),
    Break(
        "cry-3-key-rotates",
        lambda a: a.client("kms").disable_key_rotation(KeyId=a.key),
        "does not rotate",
        lambda a: a.client("kms").enable_key_rotation(KeyId=a.key),
    ),
    Break(
        "iam-2-policy-not-everything",
        lambda a: a.client("iam").create_policy(PolicyName="all", PolicyDocument=ALLOW_EVERYTHING),
        "every action on every resource",
        lambda a: a.client("iam").delete_policy(PolicyArn=_policy("all")),
    ),
    Break(
        "iam-2-identity-not-everything",
        lambda a: a.client("iam").put_role_policy(
            RoleName="cluster", PolicyName="all", PolicyDocument=ALLOW_EVERYTHING
        ),
        "carries the policy all",
        lambda a: a.client("iam").delete_role_policy(RoleName="cluster", PolicyName="all"),
    ),
    Break("log-1-account-has-trail", lambda a: a.remove_trail(), "no trail", lambda a: a.build_trail()),
    Break("log-1-account-has-trail", _rebuild_trail(everywhere=False), "no trail", _rebuild_trail()),
    Break("log-1-trail-digests", _rebuild_trail(digests=False), "writes no digests", _rebuild_trail()),
    Break(
        "log-1-trail-on",
        lambda a: a.client("cloudtrail").stop_logging(Name="exchange"),
        "switched off",
        lambda a: a.client("cloudtrail").start_logging(Name="exchange"),
    ),
    _lock("GOVERNANCE", 1827),
    _lock("COMPLIANCE", 1826),
    Break(
        "log-2-archive-objects",
        _write_object_locked_for_a_day,
        "object AWSLogs/1.json.gz is locked in mode GOVERNANCE",
        lambda a: a.empty_archive(),
    ),
    _cluster(
        "log-3-cluster-log-types",
        "does not write authenticator, controllerManager, scheduler",
        logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
    ),
    Break(
        "log-3-cluster-log-group",
        lambda a: a.client("logs").delete_retention_policy(logGroupName=LOG_GROUP),
        "never expires",
        lambda a: a.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365),
    ),
    Break(
        "log-3-cluster-log-group",
        lambda a: a.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=180),
        "keeps 180 days",
        lambda a: a.client("logs").put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365),
    ),
    _database("net-1-database-private", "has a public address", PubliclyAccessible=True),
    Break("net-1-database-subnets", lambda a: a.route_to_the_internet(), "route", lambda a: a.close_the_route()),
    Break("net-1-brokers-subnets", lambda a: a.route_to_the_internet(), "route", lambda a: a.close_the_route()),
    _brokers(
        "net-1-brokers-private",
        lambda a: a.rebuild_brokers(BrokerNodeGroupInfo=a.broker_nodes(access="SERVICE_PROVIDED_EIPS")),
        "SERVICE_PROVIDED_EIPS",
    ),
    _brokers(
        "net-1-brokers-authenticate",
        lambda a: a.rebuild_brokers(ClientAuthentication={"Unauthenticated": {"Enabled": True}}),
        "answers anybody",
    ),
    _cluster(
        "net-3-endpoint",
        "has a public endpoint; has no private endpoint",
        resourcesVpcConfig={"endpointPublicAccess": True, "endpointPrivateAccess": False},
    ),
    Break(
        "net-2-default-group-empty",
        lambda a: a.fill_default_group(),
        "is a network's default group and has rules",
        lambda a: a.empty_default_group(),
    ),
    Break(
        "net-2-nothing-open", lambda a: a.build_group(22), "lets the world in (0.0.0.0/0)", lambda a: a.remove_group()
    ),
    Break(
        "net-2-nothing-open",
        lambda a: a.build_group(22, "::/0"),
        "lets the world in (::/0)",
        lambda a: a.remove_group(),
    ),
    *(
        Break(check, lambda a: a.rebuild_machine(tokens="optional"), "without a token", lambda a: a.rebuild_machine())
        for check in ("net-6-template-metadata", "net-6-instance-metadata")
    ),
    *(
        Break(check, lambda a: a.rebuild_machine(hops=2), "travels 2 hops", lambda a: a.rebuild_machine())
        for check in ("net-6-template-metadata", "net-6-instance-metadata")
    ),
    Break(
        "net-5-flow-log-delivers",
        lambda a: a.misdirect_flow_log(),
        "does not deliver: Access error",
        lambda a: a.rebuild_flow_log(),
    ),
    Break("net-5-flow-log", _drop_flow_log, "has no flow log", lambda a: a.build_flow_log()),
    Break(
        "net-5-flow-log", lambda a: a.rebuild_flow_log(traffic="REJECT"), "REJECT only", lambda a: a.rebuild_flow_log()
    ),
    Break("net-5-flow-log", lambda a: a.rebuild_flow_log(interval=600), "600 seconds", lambda a: a.rebuild_flow_log()),
]
"""Every check of the catalogue but those in `ELSEWHERE`."""

ELSEWHERE = {"bcp-1-brokers-durability", "log-1-trail-delivers"}
"""Checks on what moto does not hold; they are broken on answers of AWS's shape in `test_evidence`."""
