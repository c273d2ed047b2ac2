"""WAF: web ACLs, what they guard, and where they write down what they did."""

from __future__ import annotations

from typing import Any

from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging
from sandbox.twin.templates import resolve
from sandbox.twin.work import Work

_ACL = {"Name": "{name}", "Scope": "{scope}", "Id": "{id}"}
_CHANGED = Call("UpdateWebACL", _ACL, carries=ALL)


def _with_lock(work: Work) -> dict[str, Any]:
    """What names the ACL, with the token that proves that nobody changed it meanwhile."""
    named = resolve(_ACL, work.values)
    return {**named, "LockToken": work.client().get_web_acl(**named)["LockToken"]}


def _update(work: Work) -> None:
    parameters = work.parameters(_CHANGED, work.carried(_CHANGED))
    work.client().update_web_acl(**{**parameters, **_with_lock(work)})


def _delete(work: Work) -> None:
    work.client().delete_web_acl(**_with_lock(work))


ACL = Resource(
    type="aws:wafv2/webAcl:WebAcl",
    service="wafv2",
    id="{result.Summary.Id}",
    create=Call("CreateWebACL", carries=ALL),
    read=(Read("GetWebACL", _ACL, at="WebACL", names={"arn": "ARN"}),),
    updates=(Adjust(_update, carries=("defaultAction", "description", "rules", "visibilityConfig")),),
    computed={"scope": "{scope}"},
    before_delete=_delete,
    gone=("WAFNonexistentItemException",),
    autoname="name",
    longest_name=128,
    identity=("name", "scope"),
    tagging=Tagging(
        add=Call("TagResource", {"ResourceARN": "{arn}"}),
        remove=Call("UntagResource", {"ResourceARN": "{arn}"}),
        list=Read("ListTagsForResource", {"ResourceARN": "{answer.ARN}"}, at="TagInfoForResource.TagList"),
    ),
)

ASSOCIATION = Resource(
    type="aws:wafv2/webAclAssociation:WebAclAssociation",
    service="wafv2",
    id="{webAclArn},{resourceArn}",
    create=Call("AssociateWebACL", {"WebACLArn": "{webAclArn}", "ResourceArn": "{resourceArn}"}),
    read=(
        Read(
            "GetWebACLForResource",
            {"ResourceArn": "{resourceArn}"},
            at="WebACL",
            takes=(),
            names={"webAclArn": "ARN"},
        ),
    ),
    computed={"resourceArn": "{resourceArn}"},
    delete=(Call("DisassociateWebACL", {"ResourceArn": "{resourceArn}"}),),
    gone=("WAFNonexistentItemException",),
    identity=("resourceArn",),
)

LOGGING = Resource(
    type="aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
    service="wafv2",
    id="{resourceArn}",
    settings=(
        Call(
            "PutLoggingConfiguration",
            {"LoggingConfiguration": {"ResourceArn": "{resourceArn}"}},
            carries=("logDestinationConfigs", "redactedFields"),
            into="LoggingConfiguration",
        ),
    ),
    read=(Read("GetLoggingConfiguration", {"ResourceArn": "{resourceArn}"}, at="LoggingConfiguration"),),
    computed={"resourceArn": "{resourceArn}"},
    delete=(Call("DeleteLoggingConfiguration", {"ResourceArn": "{resourceArn}"}),),
    gone=("WAFNonexistentItemException",),
    identity=("resourceArn",),
)

RESOURCES = (ACL, ASSOCIATION, LOGGING)
