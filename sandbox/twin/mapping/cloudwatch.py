"""CloudWatch: alarms on metrics, and dashboards."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_ARN = {"ResourceARN": "{arn}"}

ALARM = Resource(
    type="aws:cloudwatch/metricAlarm:MetricAlarm",
    service="cloudwatch",
    id="{name}",
    create=Call("PutMetricAlarm", carries=ALL),
    noun="Alarm",
    read=(Read("DescribeAlarms", {"AlarmNames": ["{id}"]}, at="MetricAlarms[0]"),),
    updates=(Call("PutMetricAlarm", {"AlarmName": "{id}"}, carries=ALL),),
    delete=(Call("DeleteAlarms", {"AlarmNames": ["{id}"]}),),
    autoname="name",
    identity=("name",),
    replace_on=("name",),
    defaults={"actionsEnabled": True, "treatMissingData": "missing"},
    tagging=Tagging(
        add=Call("TagResource", _ARN),
        remove=Call("UntagResource", _ARN),
        list=Read("ListTagsForResource", _ARN, at="Tags"),
    ),
)

DASHBOARD = Resource(
    type="aws:cloudwatch/dashboard:Dashboard",
    service="cloudwatch",
    id="{dashboardName}",
    settings=(
        Call(
            "PutDashboard",
            {"DashboardName": "{dashboardName}", "DashboardBody": "{dashboardBody}"},
            carries=("dashboardBody",),
        ),
    ),
    read=(Read("GetDashboard", {"DashboardName": "{id}"}),),
    computed={"dashboardArn": "arn:{partition}:cloudwatch::{account}:dashboard/{id}"},
    delete=(Call("DeleteDashboards", {"DashboardNames": ["{id}"]}),),
    identity=("dashboardName",),
)

RESOURCES = (ALARM, DASHBOARD)
