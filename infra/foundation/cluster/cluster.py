"""The Kubernetes cluster: EKS with a private endpoint, explicit access, all its logs, and nodes that hold no rights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pulumi
import pulumi_aws as aws

from infra.cidr import KUBERNETES_SERVICES, Tier
from infra.component import Component
from infra.foundation import iam
from infra.foundation.cluster import entrances
from infra.foundation.cluster.addons import AddOns
from infra.foundation.cluster.nodes import AUTO_NODE_POLICIES, service_role, system_nodes
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.foundation.network.network import Network
from infra.settings import StackSettings
from infra.settings.cluster import ControlPlaneEgress

CONTROL_PLANE_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
API_PORT: Final = 443
_AUTO_POOLS: Final = ("general-purpose", "system")
_CONTROL_PLANE_POLICY: Final = "AmazonEKSClusterPolicy"
_AUTO_POLICIES: Final = (
    "AmazonEKSBlockStoragePolicy",
    "AmazonEKSComputePolicy",
    "AmazonEKSLoadBalancingPolicy",
    "AmazonEKSNetworkingPolicy",
)
_EGRESS: Final = {
    ControlPlaneEgress.AWS_MANAGED: "AWS_MANAGED",
    ControlPlaneEgress.CUSTOMER_ROUTED: "CUSTOMER_ROUTED",
}


class Cluster(Component):
    """The cluster, its nodes and its add-ons; `usable` is what must exist before anything can run in it.

    `deployer_arn` is the pipeline's role, where there is one: it enters the exchange's namespace by itself, and may
    become the administrator from inside the network.
    """

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        network: Network,
        keys: Keys,
        *,
        deployer_arn: pulumi.Output[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Cluster", name, settings, opts)
        self.cluster_name = f"{settings.prefix}-exchange"
        self._cluster = self._make_cluster(network, keys)
        self.administrator = self._admit_administrator(network, deployer_arn)
        self._admit_others(deployer_arn)
        addons = AddOns(self.child_name("addons"), settings, self._cluster.name, pulumi.ResourceOptions(parent=self))
        self.nodes: aws.eks.NodeGroup | None = None
        """The managed group; None in Auto Mode."""
        if not settings.cluster_auto_mode:
            self.nodes = system_nodes(self, self._cluster.name, network, keys, addons.networking)
        there = [self.nodes] if self.nodes else []
        addons.complete(self.cluster_name, keys.arn(Purpose.LOGS), there)
        self.usable: list[pulumi.Resource] = [*there, *addons.all]
        self.register_outputs({"cluster_name": self.cluster_name, "endpoint": self.endpoint})

    @property
    def arn(self) -> pulumi.Output[str]:
        """The ARN of the cluster."""
        return self._cluster.arn

    @property
    def registered_name(self) -> pulumi.Output[str]:
        """The name of the cluster once it exists: what depends on the cluster takes this one."""
        return self._cluster.name

    @property
    def endpoint(self) -> pulumi.Output[str]:
        """The private URL of the Kubernetes API."""
        return self._cluster.endpoint

    @property
    def authority(self) -> pulumi.Output[str]:
        """The certificate of the API's authority, base64."""
        return self._cluster.certificate_authority.apply(lambda authority: authority.data or "")

    @property
    def security_group_id(self) -> pulumi.Output[str]:
        """The group that EKS makes and that the API and every node and pod carries."""
        return self._cluster.vpc_config.apply(lambda config: config.cluster_security_group_id or "")

    def _make_cluster(self, network: Network, keys: Keys) -> aws.eks.Cluster:
        name, auto = self.cluster_name, self.settings.cluster_auto_mode
        logs = log_group(self, "control-plane", f"/aws/eks/{name}/cluster", keys.arn(Purpose.LOGS))
        policies = (_CONTROL_PLANE_POLICY, *(_AUTO_POLICIES if auto else ()))
        role, attached = service_role(self, "control-plane", self._trust(), policies)
        automatic, nodes_may_join = self._auto_mode() if auto else ({}, [])
        return aws.eks.Cluster(
            self.child_name("cluster"),
            name=name,
            role_arn=role.arn,
            version=self.settings.cluster_version,
            access_config=aws.eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            deletion_protection=self.settings.keeps_records,
            enabled_cluster_log_types=list(CONTROL_PLANE_LOGS),
            encryption_config=aws.eks.ClusterEncryptionConfigArgs(
                provider=aws.eks.ClusterEncryptionConfigProviderArgs(key_arn=keys.arn(Purpose.CLUSTER)),
                resources=["secrets"],
            ),
            kubernetes_network_config=aws.eks.ClusterKubernetesNetworkConfigArgs(
                ip_family="ipv4",
                service_ipv4_cidr=str(KUBERNETES_SERVICES),
                elastic_load_balancing=aws.eks.ClusterKubernetesNetworkConfigElasticLoadBalancingArgs(enabled=True)
                if auto
                else None,
            ),
            # When AWS's standard support of a version ends, AWS upgrades; extended support costs six times as much.
            upgrade_policy=aws.eks.ClusterUpgradePolicyArgs(support_type="STANDARD"),
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=network.subnet_ids(Tier.PRIVATE),
                endpoint_private_access=True,
                endpoint_public_access=False,
                control_plane_egress_mode=_EGRESS[self.settings.cluster_egress],
            ),
            zonal_shift_config=aws.eks.ClusterZonalShiftConfigArgs(enabled=True),
            tags=self.tags("cluster"),
            opts=self._cluster_options([logs, *attached, *nodes_may_join]),
            **automatic,
        )

    def _auto_mode(self) -> tuple[dict[str, Any], Sequence[pulumi.Resource]]:
        """AWS keeps nodes, disks and load balancers: all three are on, or none.

        EKS itself gives the nodes' role its entry when it makes the built-in pools; one declared here would clash.
        """
        role, attached = service_role(self, "node", iam.trust("ec2.amazonaws.com"), AUTO_NODE_POLICIES)
        compute = aws.eks.ClusterComputeConfigArgs(enabled=True, node_pools=list(_AUTO_POOLS), node_role_arn=role.arn)
        disks = aws.eks.ClusterStorageConfigBlockStorageArgs(enabled=True)
        return {
            "compute_config": compute,
            "storage_config": aws.eks.ClusterStorageConfigArgs(block_storage=disks),
        }, attached

    def _trust(self) -> pulumi.Output[str]:
        """EKS becomes the role for this cluster alone; in Auto Mode it tags what it makes by its session's tags."""
        account, region = self.settings.account_id, self.settings.region
        condition = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": f"arn:aws:eks:{region}:{account}:cluster/{self.cluster_name}"},
        }
        actions = ["sts:AssumeRole", *(["sts:TagSession"] if self.settings.cluster_auto_mode else [])]
        principal = iam.service("eks.amazonaws.com")
        return iam.document({"Effect": "Allow", "Action": actions, "Principal": principal, "Condition": condition})

    def _cluster_options(self, depends_on: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Protected, but not retained: it keeps no records, and what is left of a cluster costs money for nothing."""
        # EKS never changes these two; a cluster from before they were named has those that AWS chose, and keeps them.
        fixed = [f"kubernetesNetworkConfig.{each}" for each in ("ipFamily", "serviceIpv4Cidr")]
        options = self.child(depends_on=depends_on, ignore_changes=fixed)
        options.protect = self.settings.keeps_records
        return options

    def _admit_administrator(self, network: Network, deployer_arn: pulumi.Output[str] | None) -> aws.iam.Role:
        """The role that administers the cluster: assumed with a second factor by whom the account's IAM lets.

        The pipeline has no second factor. It becomes the administrator from inside the network only, which is where
        its runner is: `aws:SourceVpc` is told by the network's own endpoint of STS, and by no caller.
        """
        with_second_factor = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
        ways = [iam.assume(iam.root_of(self.settings.account_id), with_second_factor)]
        if deployer_arn is not None:
            inside = {"StringEquals": {"aws:SourceVpc": network.vpc.id}}
            ways.append(iam.assume({"AWS": deployer_arn}, inside))
        role = aws.iam.Role(
            self.child_name("administrator"),
            name=self.name_of("administrator"),
            assume_role_policy=iam.document(*ways),
            max_session_duration=3600,
            tags=self.tags("administrator"),
            opts=self.child(),
        )
        entrances.admit(self, "administrator", self._cluster.name, role.arn, entrances.ADMINISTER)
        return role

    def _admit_others(self, deployer_arn: pulumi.Output[str] | None) -> None:
        if deployer_arn is not None:
            entrances.admit(self, "deployer", self._cluster.name, deployer_arn, entrances.DEPLOY)
        settings = self.settings
        for rights, principals in (
            (entrances.ADMINISTER, settings.cluster_administrators),
            (entrances.DEPLOY, settings.cluster_deployers),
            (entrances.VIEW, settings.cluster_auditors),
        ):
            for arn in principals:
                part = arn.partition(":iam::")[2].replace(":role/", "-")
                entrances.admit(self, part, self._cluster.name, arn, rights)
