"""EC2's instances: launch templates and the encryption of their volumes."""

from __future__ import annotations

from sandbox.twin.mapping.ec2 import TAGGING, arn
from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource
from sandbox.twin.work import Work

_TEMPLATE = {"LaunchTemplateId": "{id}"}
_VERSION = Call("CreateLaunchTemplateVersion", _TEMPLATE, carries=ALL, into="LaunchTemplateData")
_DATA = (
    "blockDeviceMappings", "metadataOptions", "monitoring", "tagSpecifications", "imageId", "instanceType", "keyName",
    "userData", "vpcSecurityGroupIds", "networkInterfaces", "iamInstanceProfile", "ebsOptimized", "cpuOptions",
)  # fmt: skip


def _new_version(work: Work) -> None:
    """A template changes by a new version of all its data."""
    number = work.do(_VERSION)["LaunchTemplateVersion"]["VersionNumber"]
    if work.values.get("updateDefaultVersion"):
        work.client().modify_launch_template(LaunchTemplateId=work.id, DefaultVersion=str(number))


LAUNCH_TEMPLATE = Resource(
    type="aws:ec2/launchTemplate:LaunchTemplate",
    service="ec2",
    id="{result.LaunchTemplate.LaunchTemplateId}",
    create=Call(
        "CreateLaunchTemplate",
        {"LaunchTemplateName": "{name}", "VersionDescription": "{description}"},
        carries=ALL,
        into="LaunchTemplateData",
    ),
    read=(
        Read(
            "DescribeLaunchTemplates",
            {"LaunchTemplateIds": ["{id}"]},
            at="LaunchTemplates[0]",
            takes=("name",),
            names={"latestVersion": "LatestVersionNumber", "defaultVersion": "DefaultVersionNumber"},
        ),
        Read(
            "DescribeLaunchTemplateVersions",
            {**_TEMPLATE, "Versions": ["$Latest"]},
            at="LaunchTemplateVersions[0].LaunchTemplateData",
            takes=_DATA,
            # Moto takes the template's own tags for those of what it launches.
            names={"tagSpecifications": "TagSpecifications[?ResourceType != 'launch-template']"},
        ),
    ),
    updates=(Adjust(_new_version, carries=_DATA),),
    computed=arn("launch-template"),
    delete=(Call("DeleteLaunchTemplate", _TEMPLATE),),
    autoname="name",
    longest_name=128,
    identity=("name",),
    only_here=("updateDefaultVersion",),
    outputs_too=("defaultVersion",),
    tagging=TAGGING,
    tag_type="launch-template",
)

ENCRYPTION_BY_DEFAULT = Resource(
    type="aws:ebs/encryptionByDefault:EncryptionByDefault",
    service="ec2",
    id="{region}",
    settings=(
        Call("EnableEbsEncryptionByDefault", carries=("enabled",), when="enabled != `false`"),
        Call("DisableEbsEncryptionByDefault", carries=("enabled",), when="enabled == `false`"),
    ),
    names={"enabled": ""},
    read=(Read("GetEbsEncryptionByDefault", names={"enabled": "EbsEncryptionByDefault"}),),
    delete=(Call("DisableEbsEncryptionByDefault"),),
    defaults={"enabled": True},
)

RESOURCES = (LAUNCH_TEMPLATE, ENCRYPTION_BY_DEFAULT)
