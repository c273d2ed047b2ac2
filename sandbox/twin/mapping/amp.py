"""Amazon Managed Prometheus: workspaces and their rules; collectors and alert managers, which moto lacks."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_WORKSPACE = {"workspaceId": "{id}"}
_OF_WORKSPACE = {"workspaceId": "{workspaceId}"}


def _tagging(arn: str) -> Tagging:
    resource = {"resourceArn": arn}
    return Tagging(
        on_create="tags",
        style="map",
        add=Call("TagResource", resource),
        remove=Call("UntagResource", resource),
        list=Read("ListTagsForResource", resource, at="tags"),
        keys="tagKeys",
        values="tags",
    )


WORKSPACE = Resource(
    type="aws:amp/workspace:Workspace",
    service="amp",
    id="{result.workspaceId}",
    create=Call("CreateWorkspace", carries=("alias", "kmsKeyArn")),
    settings=(
        Call(
            "CreateLoggingConfiguration",
            {**_WORKSPACE, "logGroupArn": "{loggingConfiguration.logGroupArn}"},
            carries=("loggingConfiguration",),
            when="loggingConfiguration && !(old.loggingConfiguration)",
        ),
    ),
    updates=(
        Call("UpdateWorkspaceAlias", _WORKSPACE, carries=("alias",)),
        Call(
            "UpdateLoggingConfiguration",
            {**_WORKSPACE, "logGroupArn": "{loggingConfiguration.logGroupArn}"},
            carries=("loggingConfiguration",),
            when="loggingConfiguration && old.loggingConfiguration",
        ),
        Call("DeleteLoggingConfiguration", _WORKSPACE, carries=("loggingConfiguration",), when="!loggingConfiguration"),
    ),
    read=(
        Read("DescribeWorkspace", _WORKSPACE, at="workspace", leaves=("loggingConfiguration",)),
        Read(
            "DescribeLoggingConfiguration",
            _WORKSPACE,
            takes=("loggingConfiguration",),
            names={"loggingConfiguration": "loggingConfiguration.{logGroupArn: logGroupArn}"},
        ),
    ),
    delete=(Call("DeleteWorkspace", _WORKSPACE),),
    # Moto keeps a workspace without its key.
    dropped=("kmsKeyArn",),
    replace_on=("kmsKeyArn",),
    tagging=_tagging("{arn}"),
)

RULES = Resource(
    type="aws:amp/ruleGroupNamespace:RuleGroupNamespace",
    service="amp",
    id="arn:{partition}:aps:{region}:{account}:rulegroupsnamespace/{workspaceId}/{name}",
    create=Call("CreateRuleGroupsNamespace", carries=ALL),
    read=(Read("DescribeRuleGroupsNamespace", {**_OF_WORKSPACE, "name": "{name}"}, at="ruleGroupsNamespace"),),
    updates=(Call("PutRuleGroupsNamespace", {**_OF_WORKSPACE, "name": "{name}"}, carries=("data",)),),
    computed={"workspaceId": "{workspaceId}"},
    delete=(Call("DeleteRuleGroupsNamespace", {**_OF_WORKSPACE, "name": "{name}"}),),
    autoname="name",
    identity=("workspaceId", "name"),
    tagging=_tagging("{id}"),
)

ALERT_MANAGER = Resource(
    type="aws:amp/alertManagerDefinition:AlertManagerDefinition",
    service="amp",
    id="{workspaceId}",
    create=Call("CreateAlertManagerDefinition", carries=ALL),
    names={"definition": "data"},
    read=(Read("DescribeAlertManagerDefinition", _OF_WORKSPACE, at="alertManagerDefinition"),),
    updates=(Call("PutAlertManagerDefinition", _OF_WORKSPACE, carries=("definition",)),),
    delete=(Call("DeleteAlertManagerDefinition", _OF_WORKSPACE),),
    identity=("workspaceId",),
    lacking=True,
)

_SCRAPER = {"scraperId": "{id}"}
SCRAPER = Resource(
    type="aws:amp/scraper:Scraper",
    service="amp",
    id="s-declared-{alias}",
    create=Call("CreateScraper", carries=ALL),
    names={
        "scrapeConfiguration": "scrapeConfiguration.configurationBlob",
        "source.eks": "eksConfiguration",
        "destination.amp": "ampConfiguration",
    },
    read=(Read("DescribeScraper", _SCRAPER, at="scraper"),),
    updates=(Call("UpdateScraper", _SCRAPER, carries=("alias", "scrapeConfiguration", "destination")),),
    computed={"arn": "arn:{partition}:aps:{region}:{account}:scraper/{id}"},
    delete=(Call("DeleteScraper", _SCRAPER),),
    identity=("alias",),
    lacking=True,
    tagging=_tagging("{arn}"),
)

RESOURCES = (WORKSPACE, RULES, ALERT_MANAGER, SCRAPER)
