"""EC2's instances: launch templates, and what the account refuses of instances, images and volumes by default."""

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

DEFAULT_KEY = Resource(
    type="aws:ebs/defaultKmsKey:DefaultKmsKey",
    service="ec2",
    id="{keyArn}",
    settings=(Call("ModifyEbsDefaultKmsKeyId", {"KmsKeyId": "{keyArn}"}, carries=("keyArn",)),),
    names={"keyArn": ""},
    read=(Read("GetEbsDefaultKmsKeyId"),),
    delete=(Call("ResetEbsDefaultKmsKeyId"),),
    replace_on=("keyArn",),
    # Moto takes the key and never tells of it.
    lacking=True,
)


def _refusal(type_: str, enable: Call, disable: str, read: str) -> Resource:
    """What moto knows nothing of: nobody else may be given a snapshot or an image."""
    return Resource(
        type=type_,
        service="ec2",
        id="{region}",
        settings=(enable,),
        read=(Read(read, names={"state": "State"}),),
        delete=(Call(disable),),
        lacking=True,
    )


SNAPSHOT_BLOCK = _refusal(
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    Call("EnableSnapshotBlockPublicAccess", carries=("state",)),
    "DisableSnapshotBlockPublicAccess",
    "GetSnapshotBlockPublicAccessState",
)

IMAGE_BLOCK = _refusal(
    "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess",
    Call("EnableImageBlockPublicAccess", {"ImageBlockPublicAccessState": "{state}"}, carries=("state",)),
    "DisableImageBlockPublicAccess",
    "GetImageBlockPublicAccessState",
)

METADATA_DEFAULTS = Resource(
    type="aws:ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
    service="ec2",
    id="{region}",
    settings=(Call("ModifyInstanceMetadataDefaults", carries=ALL),),
    read=(Read("GetInstanceMetadataDefaults", at="AccountLevel"),),
    delete=(Call("ModifyInstanceMetadataDefaults", {"HttpTokens": "no-preference", "HttpEndpoint": "no-preference"}),),
    lacking=True,
)

RESOURCES = (
    LAUNCH_TEMPLATE,
    ENCRYPTION_BY_DEFAULT,
    DEFAULT_KEY,
    SNAPSHOT_BLOCK,
    IMAGE_BLOCK,
    METADATA_DEFAULTS,
)
