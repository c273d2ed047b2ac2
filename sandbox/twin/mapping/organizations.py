"""Organizations: the organisation, its policies, and what they lie on."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_RESOURCE = {"ResourceId": "{id}"}
_ATTACHMENT = {"PolicyId": "{policyId}", "TargetId": "{targetId}"}

ORGANIZATION = Resource(
    type="aws:organizations/organization:Organization",
    service="organizations",
    id="{result.Organization.Id}",
    create=Call("CreateOrganization", {"FeatureSet": "=featureSet || 'ALL'"}, carries=ALL),
    read=(
        Read("DescribeOrganization", at="Organization", takes=("arn", "featureSet", "masterAccountId")),
        Read("ListRoots", takes=(), names={"roots": "Roots[].{id: Id, arn: Arn, name: Name}"}),
    ),
    delete=(Call("DeleteOrganization"),),
    gone=("AWSOrganizationsNotInUseException",),
    identity=("featureSet",),
    defaults={"featureSet": "ALL"},
)

POLICY = Resource(
    type="aws:organizations/policy:Policy",
    service="organizations",
    id="{result.Policy.PolicySummary.Id}",
    create=Call(
        "CreatePolicy",
        {"Description": "=description || ''", "Type": "=type || 'SERVICE_CONTROL_POLICY'"},
        carries=("content", "name"),
    ),
    read=(
        Read(
            "DescribePolicy",
            {"PolicyId": "{id}"},
            at="Policy",
            takes=("content",),
            names={
                "arn": "PolicySummary.Arn",
                "name": "PolicySummary.Name",
                "description": "PolicySummary.Description",
                "type": "PolicySummary.Type",
            },
        ),
    ),
    updates=(Call("UpdatePolicy", {"PolicyId": "{id}"}, carries=("content", "description", "name")),),
    delete=(Call("DeletePolicy", {"PolicyId": "{id}"}),),
    autoname="name",
    longest_name=128,
    identity=("name",),
    only_here=("skipDestroy",),
    defaults={"type": "SERVICE_CONTROL_POLICY"},
    tagging=Tagging(
        add=Call("TagResource", _RESOURCE),
        remove=Call("UntagResource", _RESOURCE),
        list=Read("ListTagsForResource", _RESOURCE, at="Tags"),
    ),
)

ATTACHMENT = Resource(
    type="aws:organizations/policyAttachment:PolicyAttachment",
    service="organizations",
    id="{targetId}:{policyId}",
    create=Call("AttachPolicy", _ATTACHMENT),
    read=(
        Read(
            "ListPoliciesForTarget",
            {"TargetId": "{targetId}", "Filter": "SERVICE_CONTROL_POLICY"},
            at="Policies[?Id=='{policyId}'] | [0]",
            takes=(),
            names={"policyId": "Id"},
        ),
    ),
    computed={"targetId": "{targetId}"},
    delete=(Call("DetachPolicy", _ATTACHMENT),),
    identity=("policyId", "targetId"),
    only_here=("skipDestroy",),
)

RESOURCES = (ORGANIZATION, POLICY, ATTACHMENT)
