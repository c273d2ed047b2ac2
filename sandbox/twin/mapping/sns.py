"""SNS: topics, who may publish to them, and who reads them."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_TOPIC = {"TopicArn": "{id}"}
_RESOURCE = {"ResourceArn": "{id}"}


def _attribute(name: str, value: str, carries: str) -> Call:
    """A topic's attributes change one by one."""
    return Call("SetTopicAttributes", {**_TOPIC, "AttributeName": name, "AttributeValue": value}, carries=(carries,))


TOPIC = Resource(
    type="aws:sns/topic:Topic",
    service="sns",
    id="{result.TopicArn}",
    create=Call(
        "CreateTopic",
        {"Name": "{name}", "Attributes": {"KmsMasterKeyId": "{kmsMasterKeyId}", "DisplayName": "{displayName}"}},
    ),
    read=(Read("GetTopicAttributes", _TOPIC, at="Attributes", takes=("displayName", "kmsMasterKeyId", "owner")),),
    updates=(
        _attribute("KmsMasterKeyId", "=kmsMasterKeyId || ''", "kmsMasterKeyId"),
        _attribute("DisplayName", "=displayName || ''", "displayName"),
    ),
    names={"kmsMasterKeyId": "", "displayName": ""},
    computed={"arn": "{id}", "name": "{id}"},
    delete=(Call("DeleteTopic", _TOPIC),),
    gone=("NotFound",),
    autoname="name",
    longest_name=256,
    identity=("name",),
    tagging=Tagging(
        add=Call("TagResource", _RESOURCE),
        remove=Call("UntagResource", _RESOURCE),
        list=Read("ListTagsForResource", _RESOURCE, at="Tags"),
    ),
)

TOPIC_POLICY = Resource(
    type="aws:sns/topicPolicy:TopicPolicy",
    service="sns",
    id="{arn}",
    settings=(
        Call(
            "SetTopicAttributes",
            {"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": "{policy}"},
            carries=("policy",),
        ),
    ),
    names={"policy": ""},
    read=(Read("GetTopicAttributes", _TOPIC, at="Attributes", takes=("owner", "policy")),),
    computed={"arn": "{id}"},
    identity=("arn",),
)

SUBSCRIPTION = Resource(
    type="aws:sns/topicSubscription:TopicSubscription",
    service="sns",
    id="{result.SubscriptionArn}",
    create=Call("Subscribe", {"TopicArn": "{topic}", "ReturnSubscriptionArn": True}, carries=ALL),
    names={"topic": "TopicArn"},
    read=(
        Read(
            "GetSubscriptionAttributes",
            {"SubscriptionArn": "{id}"},
            at="Attributes",
            takes=("endpoint", "protocol", "topic", "pendingConfirmation"),
        ),
    ),
    computed={"arn": "{id}"},
    delete=(Call("Unsubscribe", {"SubscriptionArn": "{id}"}),),
    identity=("topic", "protocol", "endpoint"),
)

RESOURCES = (TOPIC, TOPIC_POLICY, SUBSCRIPTION)
