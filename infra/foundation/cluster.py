"""The Kubernetes cluster: EKS with a private endpoint, explicit access, all its logs, and nodes that hold no rights."""

from __future__ import annotations

from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import KUBERNETES_SERVICES, Tier
from infra.component import Component
from infra.foundation import iam
from infra.foundation.addons import AddOns
from infra.foundation.keys import Keys, Purpose
from infra.foundation.logs import log_group
from infra.foundation.network import Network
from infra.settings import StackSettings

CONTROL_PLANE_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_AWS_POLICIES: Final = "arn:aws:iam::aws:policy/"
_CLUSTER_ADMIN: Final = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
_NODE_POLICIES: Final = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")


class Cluster(Component):
    """The cluster, its system nodes and its add-ons; `usable` is what must exist before anything can run in it."""

    def __init__(
        self,
        name: str,
        settings: StackSettings,
        network: Network,
        keys: Keys,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("foundation:Cluster", name, settings, opts)
        self.cluster_name = f"{settings.prefix}-exchange"
        self._cluster = self._make_cluster(network, keys)
        self.administrator = self._admit_administrator()
        addons = AddOns(self.child_name("addons"), settings, self._cluster.name, pulumi.ResourceOptions(parent=self))
        nodes = self._make_nodes(network, keys, addons.networking)
        addons.complete(nodes)
        self.usable: list[pulumi.Resource] = [nodes, *addons.all]
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
        """The group that EKS makes and that every node and pod carries."""
        return self._cluster.vpc_config.apply(lambda config: config.cluster_security_group_id or "")

    def _make_cluster(self, network: Network, keys: Keys) -> aws.eks.Cluster:
        name = self.cluster_name
        logs = log_group(self, "control-plane", f"/aws/eks/{name}/cluster", keys.arn(Purpose.LOGS))
        role, attached = self._role("control-plane", "eks.amazonaws.com", ("AmazonEKSClusterPolicy",))
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
                ip_family="ipv4", service_ipv4_cidr=str(KUBERNETES_SERVICES)
            ),
            vpc_config=aws.eks.ClusterVpcConfigArgs(
                subnet_ids=network.subnet_ids(Tier.PRIVATE), endpoint_private_access=True, endpoint_public_access=False
            ),
            tags=self.tags("cluster"),
            opts=self._cluster_options([logs, *attached]),
        )

    def _cluster_options(self, depends_on: list[pulumi.Resource]) -> pulumi.ResourceOptions:
        """Protected, but not retained: it keeps no records, and what is left of a cluster costs money for nothing."""
        options = self.child(depends_on=depends_on)
        options.protect = self.settings.keeps_records
        return options

    def _admit_administrator(self) -> aws.iam.Role:
        """The one role that may administer the cluster, assumed with a second factor by whom the account's IAM lets."""
        role = aws.iam.Role(
            self.child_name("administrator"),
            name=self.name_of("administrator"),
            assume_role_policy=iam.document(
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": iam.root_of(self.settings.account_id),
                    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
                }
            ),
            max_session_duration=3600,
            tags=self.tags("administrator"),
            opts=self.child(),
        )
        entry = aws.eks.AccessEntry(
            self.child_name("administrator"),
            cluster_name=self._cluster.name,
            principal_arn=role.arn,
            type="STANDARD",
            tags=self.tags("administrator"),
            opts=self.child(),
        )
        aws.eks.AccessPolicyAssociation(
            self.child_name("administrator"),
            cluster_name=self._cluster.name,
            principal_arn=role.arn,
            policy_arn=_CLUSTER_ADMIN,
            access_scope=aws.eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
            opts=self.child(depends_on=[entry]),
        )
        return role

    def _make_nodes(self, network: Network, keys: Keys, networking: list[pulumi.Resource]) -> aws.eks.NodeGroup:
        role, attached = self._role("node", "ec2.amazonaws.com", _NODE_POLICIES)
        template = self._launch_template(keys)
        return aws.eks.NodeGroup(
            self.child_name("system"),
            cluster_name=self._cluster.name,
            node_group_name=self.name_of("system"),
            node_role_arn=role.arn,
            subnet_ids=network.subnet_ids(Tier.PRIVATE),
            ami_type="AL2023_x86_64_STANDARD",
            instance_types=list(self.settings.node_instance_types),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=self.settings.node_min, desired_size=self.settings.node_min, max_size=self.settings.node_max
            ),
            update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
            tags=self.tags("system"),
            # Whoever scales the group decides how many nodes there are now; a plan must not undo it.
            opts=self.child(depends_on=[*attached, *networking], ignore_changes=["scalingConfig.desiredSize"]),
        )

    def _launch_template(self, keys: Keys) -> aws.ec2.LaunchTemplate:
        """IMDSv2 only and one hop, so that no pod reaches the node's credentials; disks under our key."""
        disk = aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_size=self.settings.node_disk_gib,
            volume_type="gp3",
            encrypted="true",
            kms_key_id=keys.arn(Purpose.VOLUMES),
            delete_on_termination="true",
        )
        return aws.ec2.LaunchTemplate(
            self.child_name("system"),
            name=self.name_of("system"),
            update_default_version=True,
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            block_device_mappings=[aws.ec2.LaunchTemplateBlockDeviceMappingArgs(device_name="/dev/xvda", ebs=disk)],
            monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=self.tags("system"))
                for kind in ("instance", "network-interface", "volume")
            ],
            tags=self.tags("system"),
            opts=self.child(),
        )

    def _role(
        self, part: str, service: str, policies: tuple[str, ...]
    ) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
        role = aws.iam.Role(
            self.child_name(part),
            name=self.name_of(part),
            assume_role_policy=iam.trust(service),
            tags=self.tags(part),
            opts=self.child(),
        )
        attached = [
            aws.iam.RolePolicyAttachment(
                self.child_name(f"{part}-{policy}"),
                role=role.name,
                policy_arn=f"{_AWS_POLICIES}{policy}",
                opts=self.child(),
            )
            for policy in policies
        ]
        return role, attached
