"""Route 53: zones, their records and the log of queries; signatures, which moto lacks."""

from __future__ import annotations

from typing import Any

from sandbox.twin.resource import Adjust, Call, Read, Resource, Tagging
from sandbox.twin.work import Work


def _take_plain_id(work: Work) -> None:
    """AWS names a zone `/hostedzone/Z123`, and Pulumi `Z123`."""
    work.become(work.id.rpartition("/")[2])


_ZONE = {"Id": "{id}"}
ZONE = Resource(
    type="aws:route53/zone:Zone",
    service="route53",
    id="{result.HostedZone.Id}",
    create=Call(
        "CreateHostedZone",
        {"Name": "{name}", "CallerReference": "{name}", "HostedZoneConfig": {"Comment": "{comment}"}},
    ),
    settings=(Adjust(_take_plain_id, carries=("name",)),),
    read=(
        Read(
            "GetHostedZone",
            _ZONE,
            takes=(),
            names={"comment": "HostedZone.Config.Comment", "nameServers": "DelegationSet.NameServers"},
        ),
    ),
    updates=(Call("UpdateHostedZoneComment", {**_ZONE, "Comment": "{comment}"}, carries=("comment",)),),
    names={"comment": ""},
    computed={"arn": "arn:{partition}:route53:::hostedzone/{id}", "name": "{name}", "zoneId": "{id}"},
    delete=(Call("DeleteHostedZone", _ZONE),),
    replace_on=("name",),
    only_here=("forceDestroy",),
    tagging=Tagging(
        on_create="",
        add=Call("ChangeTagsForResource", {"ResourceType": "hostedzone", "ResourceId": "{id}"}),
        remove=Call("ChangeTagsForResource", {"ResourceType": "hostedzone", "ResourceId": "{id}"}),
        list=Read(
            "ListTagsForResource", {"ResourceType": "hostedzone", "ResourceId": "{id}"}, at="ResourceTagSet.Tags"
        ),
        values="AddTags",
        keys="RemoveTagKeys",
    ),
)


def _record(values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"Name": values["name"], "Type": values["type"]}
    if aliases := values.get("aliases"):
        (alias,) = aliases
        found["AliasTarget"] = {
            "DNSName": alias["name"],
            "HostedZoneId": alias["zoneId"],
            "EvaluateTargetHealth": alias["evaluateTargetHealth"],
        }
    else:
        found["TTL"] = int(values["ttl"])
        found["ResourceRecords"] = [{"Value": value} for value in values["records"]]
    return found


def _change(work: Work, action: str) -> None:
    change = {"Action": action, "ResourceRecordSet": _record(work.values)}
    work.client().change_resource_record_sets(HostedZoneId=work.values["zoneId"], ChangeBatch={"Changes": [change]})


def _delete_record(work: Work) -> None:
    _change(work, "DELETE")


_RECORD_SETS = {"HostedZoneId": "{zoneId}"}
RECORD = Resource(
    type="aws:route53/record:Record",
    service="route53",
    id="{zoneId}_{name}_{type}",
    settings=(Adjust(lambda work: _change(work, "UPSERT"), carries=("aliases", "records", "ttl")),),
    read=(
        Read(
            "ListResourceRecordSets",
            _RECORD_SETS,
            at="ResourceRecordSets[?(Name=='{name}' || Name=='{name}.') && Type=='{type}'] | [0]",
            takes=(),
            names={
                "records": "ResourceRecords[].Value",
                "ttl": "TTL",
                "aliases": "AliasTarget && [AliasTarget.{name: DNSName, zoneId: HostedZoneId,"
                " evaluateTargetHealth: EvaluateTargetHealth}]",
            },
        ),
    ),
    computed={"name": "{name}", "type": "{type}", "zoneId": "{zoneId}", "fqdn": "{name}"},
    before_delete=_delete_record,
    gone=("InvalidChangeBatch", "NoSuchHostedZone"),
    only_here=("allowOverwrite",),
    replace_on=("name", "type", "zoneId"),
    identity=("zoneId", "name", "type"),
)

QUERY_LOG = Resource(
    type="aws:route53/queryLog:QueryLog",
    service="route53",
    id="{result.QueryLoggingConfig.Id}",
    create=Call(
        "CreateQueryLoggingConfig",
        # Moto asks for every stream of the group, AWS for the group.
        {"HostedZoneId": "{zoneId}", "CloudWatchLogsLogGroupArn": "{cloudwatchLogGroupArn}:*"},
    ),
    read=(
        Read(
            "GetQueryLoggingConfig",
            {"Id": "{id}"},
            at="QueryLoggingConfig",
            takes=(),
            names={"zoneId": "HostedZoneId"},
        ),
    ),
    computed={"cloudwatchLogGroupArn": "{cloudwatchLogGroupArn}"},
    delete=(Call("DeleteQueryLoggingConfig", {"Id": "{id}"}),),
    identity=("zoneId",),
)

KEY_SIGNING_KEY = Resource(
    type="aws:route53/keySigningKey:KeySigningKey",
    service="route53",
    id="{hostedZoneId},{name}",
    create=Call(
        "CreateKeySigningKey",
        {
            "CallerReference": "{name}",
            "HostedZoneId": "{hostedZoneId}",
            "KeyManagementServiceArn": "{keyManagementServiceArn}",
            "Name": "{name}",
            "Status": "=status || 'ACTIVE'",
        },
    ),
    read=(Read("GetDNSSEC", {"HostedZoneId": "{hostedZoneId}"}),),
    computed={"dsRecord": "not observable: the twin signs no zone"},
    delete=(Call("DeleteKeySigningKey", {"HostedZoneId": "{hostedZoneId}", "Name": "{name}"}),),
    identity=("hostedZoneId", "name"),
    lacking=True,
)

DNSSEC = Resource(
    type="aws:route53/hostedZoneDnsSec:HostedZoneDnsSec",
    service="route53",
    id="{hostedZoneId}",
    create=Call("EnableHostedZoneDNSSEC", {"HostedZoneId": "{hostedZoneId}"}),
    read=(Read("GetDNSSEC", {"HostedZoneId": "{hostedZoneId}"}),),
    delete=(Call("DisableHostedZoneDNSSEC", {"HostedZoneId": "{hostedZoneId}"}),),
    identity=("hostedZoneId",),
    lacking=True,
)

RESOURCES = (ZONE, RECORD, QUERY_LOG, KEY_SIGNING_KEY, DNSSEC)
