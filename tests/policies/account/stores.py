"""What keeps the money of the account under test: the database and the brokers."""

from __future__ import annotations

from typing import Any, Final

from policies.values import Value
from tests.policies.account.clients import REGION
from tests.policies.account.network import Network

DATABASE: Final = "ledger"
PARAMETERS: Final = "ledger-postgres17"


class Stores(Network):
    """The database and the brokers, in the network's subnets."""

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
                "VpcSecurityGroupIds": [self.default_group()],
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
