"""EKS: clusters and node groups; add-ons, access entries and Pod Identity, which moto lacks."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging
from sandbox.twin.templates import resolve
from sandbox.twin.work import Work

_TAGGING = Tagging(
    on_create="tags",
    style="map",
    add=Call("TagResource", {"resourceArn": "{arn}"}),
    remove=Call("UntagResource", {"resourceArn": "{arn}"}),
    one_by_one=True,
    keys="tagKeys",
    values="tags",
)
_NAME = {"name": "{id}"}
_LOGGING = "=enabledClusterLogTypes && {clusterLogging: [{types: enabledClusterLogTypes, enabled: `true`}]}"

_GROUP_OF_CLUSTER = "eks-cluster-sg-{name}"


def _make_security_group(work: Work) -> None:
    """EKS makes a group for the cluster in the network of its subnets; moto does not."""
    ec2 = work.client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=work.inputs["vpcConfig"]["subnetIds"][:1])["Subnets"]
    made = ec2.create_security_group(
        GroupName=resolve(_GROUP_OF_CLUSTER, work.values),
        Description="EKS created security group applied to ENI that is attached to EKS Control Plane master nodes",
        VpcId=subnets[0]["VpcId"],
    )
    within = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": made["GroupId"]}]}
    ec2.authorize_security_group_ingress(GroupId=made["GroupId"], IpPermissions=[within])


def _delete_security_group(work: Work) -> None:
    """The group goes with its cluster."""
    ec2 = work.client("ec2")
    named = [{"Name": "group-name", "Values": [resolve(_GROUP_OF_CLUSTER, work.values)]}]
    for group in ec2.describe_security_groups(Filters=named)["SecurityGroups"]:
        ec2.delete_security_group(GroupId=group["GroupId"])


CLUSTER = Resource(
    type="aws:eks/cluster:Cluster",
    service="eks",
    id="{name}",
    create=Call("CreateCluster", {"logging": _LOGGING}, carries=ALL),
    names={"vpcConfig": "resourcesVpcConfig", "enabledClusterLogTypes": ""},
    read=(
        Read(
            "DescribeCluster",
            _NAME,
            at="cluster",
            names={
                "enabledClusterLogTypes": "logging.clusterLogging[?enabled].types[]",
                "certificateAuthority": "certificateAuthority",
                "identities": "[{oidcs: [identity.oidc]}]",
            },
        ),
        Read(
            "DescribeSecurityGroups",
            {"Filters": [{"Name": "group-name", "Values": [_GROUP_OF_CLUSTER]}]},
            at="SecurityGroups[0]",
            takes=(),
            names={"vpcConfig.clusterSecurityGroupId": "GroupId", "vpcConfig.vpcId": "VpcId"},
            service="ec2",
        ),
    ),
    after_create=_make_security_group,
    before_delete=_delete_security_group,
    updates=(
        Call("UpdateClusterConfig", {**_NAME, "logging": _LOGGING}, carries=("enabledClusterLogTypes",)),
        Call("UpdateClusterConfig", _NAME, carries=("vpcConfig",)),
        Call("UpdateClusterVersion", _NAME, carries=("version",)),
    ),
    delete=(Call("DeleteCluster", _NAME),),
    autoname="name",
    longest_name=100,
    identity=("name",),
    defaults={"deletionProtection": False, "bootstrapSelfManagedAddons": True},
    dropped=(
        "accessConfig",
        "deletionProtection",
        "computeConfig",
        "kubernetesNetworkConfig.elasticLoadBalancing",
        "storageConfig",
        "upgradePolicy",
        "zonalShiftConfig",
    ),
    only_here=("bootstrapSelfManagedAddons", "defaultAddonsToRemoves", "forceUpdateVersion"),
    replace_on=("bootstrapSelfManagedAddons",),
    tagging=_TAGGING,
    waiter="cluster_active",
    waiter_arguments=_NAME,
)

_GROUP = {"clusterName": "{clusterName}", "nodegroupName": "{nodeGroupName}"}


def _scaling_groups(work: Work) -> list[str]:
    found = work.client().describe_nodegroup(**resolve(_GROUP, work.values))["nodegroup"]["resources"]
    return [group["name"] for group in found["autoScalingGroups"]]


def _make_scaling_group(work: Work) -> None:
    """EKS makes the group that scales the nodes; moto only names it. It stays empty, for no node runs here."""
    bounds, template = work.inputs.get("scalingConfig", {}), work.inputs.get("launchTemplate")
    if not template:
        return
    for name in _scaling_groups(work):
        work.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=int(bounds.get("maxSize", 1)),
            DesiredCapacity=0,
            VPCZoneIdentifier=",".join(work.inputs["subnetIds"]),
            LaunchTemplate={"LaunchTemplateId": template["id"], "Version": template["version"]},
        )


def _delete_scaling_group(work: Work) -> None:
    """The group goes with its nodes."""
    for name in _scaling_groups(work):
        work.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


NODE_GROUP = Resource(
    type="aws:eks/nodeGroup:NodeGroup",
    service="eks",
    id="{clusterName}:{nodeGroupName}",
    create=Call("CreateNodegroup", carries=ALL),
    names={"nodeRoleArn": "nodeRole", "subnetIds": "subnets"},
    read=(Read("DescribeNodegroup", _GROUP, at="nodegroup", names={"arn": "nodegroupArn"}),),
    after_create=_make_scaling_group,
    before_delete=_delete_scaling_group,
    updates=(
        Call("UpdateNodegroupConfig", _GROUP, carries=("scalingConfig", "updateConfig", "nodeRepairConfig")),
        Call("UpdateNodegroupVersion", _GROUP, carries=("version", "releaseVersion", "launchTemplate")),
    ),
    delete=(Call("DeleteNodegroup", _GROUP),),
    autoname="nodeGroupName",
    longest_name=63,
    identity=("clusterName", "nodeGroupName"),
    only_here=("forceUpdateVersion",),
    dropped=("nodeRepairConfig", "updateConfig"),
    defaults={"capacityType": "ON_DEMAND"},
    tagging=_TAGGING,
    waiter="nodegroup_active",
    waiter_arguments=_GROUP,
)

_ADDON = {"clusterName": "{clusterName}", "addonName": "{addonName}"}
ADDON = Resource(
    type="aws:eks/addon:Addon",
    service="eks",
    id="{clusterName}:{addonName}",
    create=Call("CreateAddon", {"resolveConflicts": "{resolveConflictsOnCreate}"}, carries=ALL),
    names={"preserve": "", "resolveConflictsOnCreate": "", "resolveConflictsOnUpdate": ""},
    read=(Read("DescribeAddon", _ADDON, at="addon"),),
    updates=(Call("UpdateAddon", {**_ADDON, "resolveConflicts": "{resolveConflictsOnUpdate}"}, carries=ALL),),
    computed={"arn": "arn:{partition}:eks:{region}:{account}:addon/{clusterName}/{addonName}/declared"},
    delete=(Call("DeleteAddon", _ADDON),),
    identity=("clusterName", "addonName"),
    only_here=("preserve", "resolveConflictsOnCreate", "resolveConflictsOnUpdate"),
    tagging=_TAGGING,
    lacking=True,
)

_ENTRY = {"clusterName": "{clusterName}", "principalArn": "{principalArn}"}
ACCESS_ENTRY = Resource(
    type="aws:eks/accessEntry:AccessEntry",
    service="eks",
    id="{clusterName}:{principalArn}",
    create=Call("CreateAccessEntry", carries=ALL),
    names={"userName": "username"},
    read=(Read("DescribeAccessEntry", _ENTRY, at="accessEntry"),),
    updates=(Call("UpdateAccessEntry", _ENTRY, carries=ALL),),
    computed={"accessEntryArn": "arn:{partition}:eks:{region}:{account}:access-entry/{clusterName}/declared"},
    delete=(Call("DeleteAccessEntry", _ENTRY),),
    identity=("clusterName", "principalArn"),
    tagging=_TAGGING,
    lacking=True,
)

ACCESS_POLICY_ASSOCIATION = Resource(
    type="aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    service="eks",
    id="{clusterName}#{principalArn}#{policyArn}",
    create=Call("AssociateAccessPolicy", carries=ALL),
    read=(Read("ListAssociatedAccessPolicies", _ENTRY, at="associatedAccessPolicies"),),
    delete=(Call("DisassociateAccessPolicy", {**_ENTRY, "policyArn": "{policyArn}"}),),
    identity=("clusterName", "principalArn", "policyArn"),
    lacking=True,
)

POD_IDENTITY_ASSOCIATION = Resource(
    type="aws:eks/podIdentityAssociation:PodIdentityAssociation",
    service="eks",
    id="{clusterName}/{namespace}/{serviceAccount}",
    create=Call("CreatePodIdentityAssociation", carries=ALL),
    read=(Read("DescribePodIdentityAssociation", {"clusterName": "{clusterName}", "associationId": "{id}"}),),
    updates=(
        Call(
            "UpdatePodIdentityAssociation",
            {"clusterName": "{clusterName}", "associationId": "{id}"},
            carries=("roleArn", "disableSessionTags", "targetRoleArn"),
        ),
    ),
    computed={"associationId": "{id}"},
    delete=(Call("DeletePodIdentityAssociation", {"clusterName": "{clusterName}", "associationId": "{id}"}),),
    identity=("clusterName", "namespace", "serviceAccount"),
    tagging=_TAGGING,
    lacking=True,
)

RESOURCES = (CLUSTER, NODE_GROUP, ADDON, ACCESS_ENTRY, ACCESS_POLICY_ASSOCIATION, POD_IDENTITY_ASSOCIATION)
