"""Access Analyzer, which moto lacks: analyzers are declared state."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_ANALYZER = {"analyzerName": "{analyzerName}"}
_ARN = {"resourceArn": "{arn}"}

ANALYZER = Resource(
    type="aws:accessanalyzer/analyzer:Analyzer",
    service="accessanalyzer",
    id="{analyzerName}",
    create=Call("CreateAnalyzer", {"type": "=type || 'ACCOUNT'"}, carries=ALL),
    read=(Read("GetAnalyzer", _ANALYZER, at="analyzer"),),
    updates=(Call("UpdateAnalyzer", _ANALYZER, carries=("configuration",)),),
    computed={"arn": "arn:{partition}:access-analyzer:{region}:{account}:analyzer/{analyzerName}"},
    delete=(Call("DeleteAnalyzer", _ANALYZER),),
    autoname="analyzerName",
    identity=("analyzerName",),
    tagging=Tagging(
        on_create="tags",
        style="map",
        add=Call("TagResource", _ARN),
        remove=Call("UntagResource", _ARN),
        keys="tagKeys",
        values="tags",
    ),
    lacking=True,
)

RESOURCES = (ANALYZER,)
