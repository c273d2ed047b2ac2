"""The machines of the cluster: a managed group, whose instances hold no rights and whose disks are ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from infra.cidr import Tier
from infra.component import Component
from infra.foundation import iam
from infra.foundation.keys import Keys, Purpose
from infra.foundation.network.network import Network
from infra.settings import StackSettings
from infra.settings.cluster import NodeOs, is_arm

AWS_POLICIES: Final = "arn:aws:iam::aws:policy/"
NODE_POLICIES: Final = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
AUTO_NODE_POLICIES: Final = ("AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly")

_IMAGES: Final = {
    (NodeOs.AL2023, False): "AL2023_x86_64_STANDARD",
    (NodeOs.AL2023, True): "AL2023_ARM_64_STANDARD",
    (NodeOs.BOTTLEROCKET, False): "BOTTLEROCKET_x86_64",
    (NodeOs.BOTTLEROCKET, True): "BOTTLEROCKET_ARM_64",
}
"""EKS's names of the images, by what they run and whether on AWS's own processors."""
_BOTTLEROCKET_SYSTEM_GIB: Final = 4


def service_role(
    owner: Component, part: str, trust: pulumi.Input[str], policies: Sequence[str]
) -> tuple[aws.iam.Role, list[aws.iam.RolePolicyAttachment]]:
    """A role with policies of AWS's own, and the attachments on which its user must wait."""
    role = aws.iam.Role(
        owner.child_name(part),
        name=owner.name_of(part),
        assume_role_policy=trust,
        tags=owner.tags(part),
        opts=owner.child(),
    )
    attached = [
        aws.iam.RolePolicyAttachment(
            owner.child_name(f"{part}-{policy}"),
            role=role.name,
            policy_arn=f"{AWS_POLICIES}{policy}",
            opts=owner.child(),
        )
        for policy in policies
    ]
    return role, attached


def system_nodes(
    owner: Component, cluster_name: pulumi.Input[str], network: Network, keys: Keys, after: Sequence[pulumi.Resource]
) -> aws.eks.NodeGroup:
    """The managed node group as a child of `owner`; it is made when `after` is there.

    Its name has a random end, so that a group of another machine type or image stands before the old one is drained.
    """
    settings = owner.settings
    role, attached = service_role(owner, "node", iam.trust("ec2.amazonaws.com"), NODE_POLICIES)
    template = _launch_template(owner, keys)
    return aws.eks.NodeGroup(
        owner.child_name("system"),
        cluster_name=cluster_name,
        node_group_name_prefix=f"{settings.prefix}-system-",
        node_role_arn=role.arn,
        subnet_ids=network.subnet_ids(Tier.PRIVATE),
        version=settings.cluster_version,
        ami_type=_IMAGES[settings.node_os, is_arm(settings.node_instance_types[0])],
        instance_types=list(settings.node_instance_types),
        launch_template=aws.eks.NodeGroupLaunchTemplateArgs(id=template.id, version=template.latest_version.apply(str)),
        scaling_config=aws.eks.NodeGroupScalingConfigArgs(
            min_size=settings.node_min, desired_size=settings.node_min, max_size=settings.node_max
        ),
        update_config=aws.eks.NodeGroupUpdateConfigArgs(max_unavailable=1),
        node_repair_config=aws.eks.NodeGroupNodeRepairConfigArgs(enabled=True),
        tags=owner.tags("system"),
        # Whoever scales the group decides how many nodes there are now; a plan must not undo it.
        opts=owner.child(depends_on=[*attached, *after], ignore_changes=["scalingConfig.desiredSize"]),
    )


def _launch_template(owner: Component, keys: Keys) -> aws.ec2.LaunchTemplate:
    """IMDSv2 only and one hop, so that no pod reaches the node's credentials; disks under our key."""
    return aws.ec2.LaunchTemplate(
        owner.child_name("system"),
        name=owner.name_of("system"),
        update_default_version=True,
        metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
        ),
        block_device_mappings=[
            _disk(device, size, keys.arn(Purpose.VOLUMES)) for device, size in _disks(owner.settings).items()
        ],
        monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),
        tag_specifications=[
            aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=owner.tags("system"))
            for kind in ("instance", "network-interface", "volume")
        ],
        tags=owner.tags("system"),
        opts=owner.child(),
    )


def _disks(settings: StackSettings) -> dict[str, int]:
    """Device -> GiB. Bottlerocket keeps images and logs apart from its own read-only disk."""
    if settings.node_os is NodeOs.BOTTLEROCKET:
        return {"/dev/xvda": _BOTTLEROCKET_SYSTEM_GIB, "/dev/xvdb": settings.node_disk_gib}
    return {"/dev/xvda": settings.node_disk_gib}


def _disk(device: str, size_gib: int, key_arn: pulumi.Input[str]) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    volume = aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
        volume_size=size_gib,
        volume_type="gp3",
        encrypted="true",
        kms_key_id=key_arn,
        delete_on_termination="true",
    )
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(device_name=device, ebs=volume)
