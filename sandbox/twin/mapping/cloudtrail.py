"""CloudTrail: trails, with what they select and whether they run."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_TRAIL = {"TrailName": "{name}"}
_NAME = {"Name": "{name}"}

TRAIL = Resource(
    type="aws:cloudtrail/trail:Trail",
    service="cloudtrail",
    id="{result.TrailARN}",
    create=Call("CreateTrail", carries=ALL),
    names={
        "enableLogFileValidation": "EnableLogFileValidation",
        "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        "enableLogging": "",
    },
    settings=(
        Call("PutEventSelectors", _TRAIL, carries=("advancedEventSelectors", "eventSelectors")),
        Call("PutInsightSelectors", _TRAIL, carries=("insightSelectors",)),
        Call("StartLogging", _NAME, carries=("enableLogging",), when="enableLogging"),
        Call("StopLogging", _NAME, carries=("enableLogging",), when="enableLogging == `false`"),
    ),
    read=(
        Read(
            "GetTrail",
            {"Name": "{id}"},
            at="Trail",
            names={
                "arn": "TrailARN",
                "homeRegion": "HomeRegion",
                "enableLogFileValidation": "LogFileValidationEnabled",
                "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
            },
        ),
        Read("GetTrailStatus", {"Name": "{id}"}, takes=(), names={"enableLogging": "IsLogging"}),
        Read("GetEventSelectors", {"TrailName": "{id}"}, takes=("advancedEventSelectors", "eventSelectors")),
        Read(
            "GetInsightSelectors",
            {"TrailName": "{id}"},
            takes=("insightSelectors",),
            gone=("InsightNotEnabledException",),
        ),
    ),
    updates=(Call("UpdateTrail", _NAME, carries=ALL),),
    delete=(Call("DeleteTrail", _NAME),),
    autoname="name",
    longest_name=128,
    identity=("name",),
    defaults={
        "enableLogging": True,
        "includeGlobalServiceEvents": True,
        "isMultiRegionTrail": False,
        "isOrganizationTrail": False,
        "enableLogFileValidation": False,
    },
    tagging=Tagging(
        on_create="TagsList",
        add=Call("AddTags", {"ResourceId": "{id}"}),
        remove=Call("RemoveTags", {"ResourceId": "{id}"}),
        list=Read("ListTags", {"ResourceIdList": ["{id}"]}, at="ResourceTagList[0].TagsList"),
        keys="TagsList",
        values="TagsList",
    ),
)

RESOURCES = (TRAIL,)
