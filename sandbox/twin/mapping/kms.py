"""KMS: keys and their aliases."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_BY_ID = {"KeyId": "{id}"}
_TAGGING = Tagging(
    style="TagKey",
    add=Call("TagResource", _BY_ID),
    remove=Call("UntagResource", _BY_ID),
    list=Read("ListResourceTags", _BY_ID, at="Tags"),
)

_ROTATION = ("enableKeyRotation", "rotationPeriodInDays")

KEY = Resource(
    type="aws:kms/key:Key",
    service="kms",
    id="{result.KeyMetadata.KeyId}",
    create=Call("CreateKey", carries=ALL),
    names={"customerMasterKeySpec": "KeySpec", "enableKeyRotation": "", "isEnabled": ""},
    settings=(
        Call("EnableKeyRotation", _BY_ID, carries=_ROTATION, when="enableKeyRotation"),
        Call("DisableKeyRotation", _BY_ID, carries=("enableKeyRotation",), when="!enableKeyRotation"),
        Call("EnableKey", _BY_ID, carries=("isEnabled",), when="isEnabled"),
        Call("DisableKey", _BY_ID, carries=("isEnabled",), when="isEnabled == `false`"),
    ),
    read=(
        Read(
            "DescribeKey",
            _BY_ID,
            at="KeyMetadata.KeyState != 'PendingDeletion' && KeyMetadata",
            names={"isEnabled": "Enabled"},
        ),
        Read("GetKeyPolicy", {"KeyId": "{id}", "PolicyName": "default"}, takes=("policy",)),
        Read(
            "GetKeyRotationStatus",
            _BY_ID,
            takes=("rotationPeriodInDays",),
            names={"enableKeyRotation": "KeyRotationEnabled"},
        ),
    ),
    updates=(
        Call("UpdateKeyDescription", _BY_ID, carries=("description",)),
        Call("PutKeyPolicy", {"KeyId": "{id}", "PolicyName": "default"}, carries=("policy",)),
    ),
    delete=(Call("ScheduleKeyDeletion", {"KeyId": "{id}", "PendingWindowInDays": "{deletionWindowInDays}"}),),
    only_here=("deletionWindowInDays", "bypassPolicyLockoutSafetyCheck"),
    defaults={"description": "", "isEnabled": True},
    dropped=("rotationPeriodInDays",),
    tagging=_TAGGING,
)

ALIAS = Resource(
    type="aws:kms/alias:Alias",
    service="kms",
    id="{name}",
    create=Call("CreateAlias", {"AliasName": "{name}"}, carries=("targetKeyId",)),
    read=(Read("ListAliases", at="Aliases[?AliasName=='{id}'] | [0]"),),
    updates=(Call("UpdateAlias", {"AliasName": "{id}"}, carries=("targetKeyId",)),),
    delete=(Call("DeleteAlias", {"AliasName": "{id}"}),),
    autoname="name",
    identity=("name",),
)

RESOURCES = (KEY, ALIAS)
