"""AWS Config: the recorder, where it delivers, whether it runs, and its rules."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_RECORDER = {"ConfigurationRecorderName": "{name}"}
_CHANNEL = {"DeliveryChannelName": "{id}"}
_RULE = {"ConfigRuleName": "{name}"}
_ARN = {"ResourceArn": "{arn}"}

RECORDER = Resource(
    type="aws:cfg/recorder:Recorder",
    service="config",
    id="{name}",
    settings=(Call("PutConfigurationRecorder", carries=ALL, into="ConfigurationRecorder"),),
    names={"recordingGroup.recordingStrategies": "recordingStrategy"},
    read=(
        Read(
            "DescribeConfigurationRecorders", {"ConfigurationRecorderNames": ["{id}"]}, at="ConfigurationRecorders[0]"
        ),
    ),
    delete=(Call("DeleteConfigurationRecorder", {"ConfigurationRecorderName": "{id}"}),),
    autoname="name",
    identity=("name", "region"),
    replace_on=("name",),
    dropped=("recordingMode",),
)

RECORDER_STATUS = Resource(
    type="aws:cfg/recorderStatus:RecorderStatus",
    service="config",
    id="{name}",
    settings=(
        Call("StartConfigurationRecorder", _RECORDER, carries=("isEnabled",), when="isEnabled"),
        Call("StopConfigurationRecorder", _RECORDER, carries=("isEnabled",), when="!isEnabled"),
    ),
    names={"isEnabled": ""},
    read=(
        Read(
            "DescribeConfigurationRecorderStatus",
            {"ConfigurationRecorderNames": ["{id}"]},
            at="ConfigurationRecordersStatus[0]",
            names={"isEnabled": "recording"},
        ),
    ),
    delete=(Call("StopConfigurationRecorder", _RECORDER),),
    identity=("name",),
)

DELIVERY_CHANNEL = Resource(
    type="aws:cfg/deliveryChannel:DeliveryChannel",
    service="config",
    id="{name}",
    settings=(Call("PutDeliveryChannel", carries=ALL, into="DeliveryChannel"),),
    names={"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"},
    read=(Read("DescribeDeliveryChannels", {"DeliveryChannelNames": ["{id}"]}, at="DeliveryChannels[0]"),),
    delete=(Call("DeleteDeliveryChannel", _CHANNEL),),
    autoname="name",
    identity=("name", "region"),
    replace_on=("name",),
)

RULE = Resource(
    type="aws:cfg/rule:Rule",
    service="config",
    id="{name}",
    create=Call("PutConfigRule", carries=ALL, into="ConfigRule"),
    noun="ConfigRule",
    read=(
        Read(
            "DescribeConfigRules",
            {"ConfigRuleNames": ["{id}"]},
            at="ConfigRules[0]",
            names={"ruleId": "ConfigRuleId"},
        ),
    ),
    updates=(Call("PutConfigRule", {"ConfigRule": _RULE}, carries=ALL, into="ConfigRule"),),
    delete=(Call("DeleteConfigRule", _RULE),),
    autoname="name",
    longest_name=128,
    identity=("name",),
    replace_on=("name",),
    tagging=Tagging(
        add=Call("TagResource", _ARN),
        remove=Call("UntagResource", _ARN),
        list=Read("ListTagsForResource", _ARN, at="Tags"),
    ),
)

RESOURCES = (RECORDER, RECORDER_STATUS, DELIVERY_CHANNEL, RULE)
