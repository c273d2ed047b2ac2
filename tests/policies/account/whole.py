"""The whole account under test, in which every control is kept, and how evidence is collected from it."""

from __future__ import annotations

import json
from typing import Final

from policies.account import Unobservable
from policies.evidence import AccountTarget
from policies.values import Value
from tests.policies.account import backups, people, registry, watches
from tests.policies.account.clients import REGION
from tests.policies.account.computing import Computing
from tests.policies.account.records import ARCHIVE, LANDING, Records
from tests.policies.account.stores import Stores

TWIN: Final = Unobservable(
    operations=frozenset(
        {
            "backup:ListProtectedResources",
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

ALLOW_EVERYTHING: Final = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


class TestAccount(Computing, Records, Stores):
    """The account under test."""

    __test__ = False  # no test class

    def build(self) -> None:
        """Build everything that the controls are about, kept in full."""
        self.clear_network()
        self.key = self.client("kms").create_key()["KeyMetadata"]["Arn"]
        self.client("kms").enable_key_rotation(KeyId=self.key)
        self.build_network()
        self.build_bucket(LANDING)
        self.build_flow_log()
        self.empty_default_group()
        self.build_machine()
        self.build_bucket(ARCHIVE, lock={"Mode": "COMPLIANCE", "Years": 5})
        self.replicate()
        watches.build_watches(self)
        self.build_trail()
        self.build_cluster()
        self.build_database()
        self.build_brokers()
        self.client("ec2").enable_ebs_encryption_by_default()
        backups.build_backups(self)
        registry.build_registry(self)
        people.build_people(self)
        self.build_pipeline()


def target_of(account: TestAccount, **more: Value) -> AccountTarget:
    """The account as evidence is collected from it."""
    return AccountTarget(account.session, REGION, account.endpoint, TWIN, cluster=account.kubernetes.cluster, **more)
