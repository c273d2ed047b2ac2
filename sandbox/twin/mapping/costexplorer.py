"""Cost Explorer, of which moto has neither monitors nor cost-allocation tags: declared state."""

from __future__ import annotations

import json

from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging
from sandbox.twin.work import Work

_TAGGING = Tagging(
    on_create="ResourceTags",
    add=Call("TagResource", {"ResourceArn": "{id}"}),
    remove=Call("UntagResource", {"ResourceArn": "{id}"}),
    keys="ResourceTagKeys",
    values="ResourceTags",
)


def _create_monitor(work: Work) -> None:
    """What a custom monitor watches is JSON text in the program and a structure in the request."""
    given = work.inputs
    monitor = {"MonitorName": given["name"], "MonitorType": given["monitorType"]}
    if dimension := given.get("monitorDimension"):
        monitor["MonitorDimension"] = dimension
    if specification := given.get("monitorSpecification"):
        monitor["MonitorSpecification"] = json.loads(specification)
    work.send(Call("CreateAnomalyMonitor"), {"AnomalyMonitor": monitor})


MONITOR = Resource(
    type="aws:costexplorer/anomalyMonitor:AnomalyMonitor",
    service="ce",
    id="arn:{partition}:ce::{account}:anomalymonitor/{name}",
    settings=(Adjust(_create_monitor, carries=("monitorType",)),),
    read=(Read("GetAnomalyMonitors", {"MonitorArnList": ["{id}"]}),),
    updates=(Call("UpdateAnomalyMonitor", {"MonitorArn": "{id}", "MonitorName": "{name}"}, carries=("name",)),),
    computed={"arn": "{id}"},
    delete=(Call("DeleteAnomalyMonitor", {"MonitorArn": "{id}"}),),
    autoname="name",
    replace_on=("monitorType", "monitorDimension", "monitorSpecification"),
    only_here=("monitorDimension", "monitorSpecification"),
    tagging=_TAGGING,
    lacking=True,
)

SUBSCRIPTION = Resource(
    type="aws:costexplorer/anomalySubscription:AnomalySubscription",
    service="ce",
    id="arn:{partition}:ce::{account}:anomalysubscription/{name}",
    create=Call("CreateAnomalySubscription", carries=ALL, into="AnomalySubscription"),
    noun="Subscription",
    read=(Read("GetAnomalySubscriptions", {"SubscriptionArnList": ["{id}"]}),),
    updates=(
        Call(
            "UpdateAnomalySubscription",
            {"SubscriptionArn": "{id}"},
            carries=("frequency", "monitorArnLists", "subscribers", "thresholdExpression"),
        ),
    ),
    computed={"arn": "{id}"},
    delete=(Call("DeleteAnomalySubscription", {"SubscriptionArn": "{id}"}),),
    autoname="name",
    tagging=_TAGGING,
    lacking=True,
)

ALLOCATION_TAG = Resource(
    type="aws:costexplorer/costAllocationTag:CostAllocationTag",
    service="ce",
    id="{tagKey}",
    settings=(
        Call(
            "UpdateCostAllocationTagsStatus",
            {"CostAllocationTagsStatus": [{"TagKey": "{tagKey}", "Status": "{status}"}]},
            carries=("status",),
        ),
    ),
    names={"status": ""},
    read=(Read("ListCostAllocationTags", {"TagKeys": ["{id}"]}),),
    delete=(
        Call(
            "UpdateCostAllocationTagsStatus",
            {"CostAllocationTagsStatus": [{"TagKey": "{id}", "Status": "Inactive"}]},
        ),
    ),
    identity=("tagKey",),
    lacking=True,
)

RESOURCES = (MONITOR, SUBSCRIPTION, ALLOCATION_TAG)
