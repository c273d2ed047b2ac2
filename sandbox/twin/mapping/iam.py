"""IAM: roles, policies, instance profiles, and the account's password policy."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Adjust, Call, Read, Resource, Tagging
from sandbox.twin.work import Work


def _tagging(noun: str, member: str) -> Tagging:
    by_id = {member: "{id}"}
    return Tagging(add=Call(f"Tag{noun}", by_id), remove=Call(f"Untag{noun}", by_id))


def _strip_role(work: Work) -> None:
    """AWS deletes no role that something hangs on; `forceDetachPolicies` lets go of it first."""
    if not work.values.get("forceDetachPolicies"):
        return
    iam, role = work.client(), work.id
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=role, PolicyArn=attached["PolicyArn"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=role, PolicyName=name)


def _drop_old_versions(work: Work) -> None:
    """AWS keeps five versions of a policy at most and deletes none with it; the provider keeps the one in force."""
    iam = work.client()
    for version in iam.list_policy_versions(PolicyArn=work.id)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=work.id, VersionId=version["VersionId"])


def _new_version(work: Work) -> None:
    work.client().create_policy_version(PolicyArn=work.id, PolicyDocument=work.inputs["policy"], SetAsDefault=True)
    _drop_old_versions(work)


_ROLE = {"RoleName": "{id}"}
ROLE = Resource(
    type="aws:iam/role:Role",
    service="iam",
    id="{name}",
    create=Call("CreateRole", carries=ALL),
    names={"assumeRolePolicy": "AssumeRolePolicyDocument", "permissionsBoundary": "PermissionsBoundary"},
    read=(
        Read(
            "GetRole",
            _ROLE,
            at="Role",
            names={
                "permissionsBoundary": "PermissionsBoundary.PermissionsBoundaryArn",
                "uniqueId": "RoleId",
                "createDate": "CreateDate",
            },
        ),
    ),
    updates=(
        Call("UpdateAssumeRolePolicy", _ROLE | {"PolicyDocument": "{assumeRolePolicy}"}, carries=("assumeRolePolicy",)),
        Call("UpdateRole", _ROLE, carries=("description", "maxSessionDuration")),
        Call("PutRolePermissionsBoundary", _ROLE, carries=("permissionsBoundary",), when="permissionsBoundary"),
        Call("DeleteRolePermissionsBoundary", _ROLE, carries=("permissionsBoundary",), when="!permissionsBoundary"),
    ),
    before_delete=_strip_role,
    delete=(Call("DeleteRole", _ROLE),),
    autoname="name",
    longest_name=64,
    identity=("name",),
    only_here=("forceDetachPolicies",),
    defaults={"description": "", "maxSessionDuration": 3600, "path": "/"},
    tagging=_tagging("Role", "RoleName"),
)

_ROLE_POLICY = {"RoleName": "{role}", "PolicyName": "{name}"}
ROLE_POLICY = Resource(
    type="aws:iam/rolePolicy:RolePolicy",
    service="iam",
    id="{role}:{name}",
    settings=(Call("PutRolePolicy", _ROLE_POLICY | {"PolicyDocument": "{policy}"}, carries=("policy",)),),
    names={"policy": ""},
    read=(
        Read(
            "GetRolePolicy", _ROLE_POLICY, names={"policy": "PolicyDocument", "role": "RoleName", "name": "PolicyName"}
        ),
    ),
    delete=(Call("DeleteRolePolicy", _ROLE_POLICY),),
    autoname="name",
    longest_name=128,
    identity=("role", "name"),
)

_ATTACHMENT = {"RoleName": "{role}", "PolicyArn": "{policyArn}"}
ROLE_POLICY_ATTACHMENT = Resource(
    type="aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    service="iam",
    id="{role}/{policyArn}",
    create=Call("AttachRolePolicy", _ATTACHMENT),
    read=(
        Read(
            "ListAttachedRolePolicies",
            {"RoleName": "{role}"},
            at="AttachedPolicies[?PolicyArn=='{policyArn}'] | [0]",
            takes=("policyArn",),
        ),
    ),
    computed={"role": "{role}"},
    delete=(Call("DetachRolePolicy", _ATTACHMENT),),
    identity=("role", "policyArn"),
)

_POLICY = {"PolicyArn": "{id}"}
POLICY = Resource(
    type="aws:iam/policy:Policy",
    service="iam",
    id="{result.Policy.Arn}",
    create=Call("CreatePolicy", carries=ALL),
    names={"policy": "PolicyDocument"},
    read=(
        Read("GetPolicy", _POLICY, at="Policy", names={"name": "PolicyName"}),
        Read(
            "GetPolicyVersion",
            _POLICY | {"VersionId": "{answer.DefaultVersionId}"},
            at="PolicyVersion",
            takes=("policy",),
            names={"policy": "Document"},
        ),
    ),
    updates=(Adjust(_new_version, carries=("policy",)),),
    before_delete=_drop_old_versions,
    delete=(Call("DeletePolicy", _POLICY),),
    autoname="name",
    longest_name=128,
    identity=("name", "path"),
    defaults={"path": "/"},
    tagging=_tagging("Policy", "PolicyArn"),
)

_PROFILE = {"InstanceProfileName": "{id}"}
INSTANCE_PROFILE = Resource(
    type="aws:iam/instanceProfile:InstanceProfile",
    service="iam",
    id="{name}",
    create=Call("CreateInstanceProfile", carries=ALL),
    updates=(
        Call(
            "RemoveRoleFromInstanceProfile", _PROFILE | {"RoleName": "{old.role}"}, carries=("role",), when="old.role"
        ),
    ),
    settings=(Call("AddRoleToInstanceProfile", _PROFILE | {"RoleName": "{role}"}, carries=("role",), when="role"),),
    names={"role": ""},
    read=(
        Read(
            "GetInstanceProfile",
            _PROFILE,
            at="InstanceProfile",
            names={
                "role": "Roles[0].RoleName",
                "uniqueId": "InstanceProfileId",
            },
        ),
    ),
    delete=(
        Call("RemoveRoleFromInstanceProfile", _PROFILE | {"RoleName": "{role}"}, when="role"),
        Call("DeleteInstanceProfile", _PROFILE),
    ),
    autoname="name",
    longest_name=128,
    identity=("name",),
    defaults={"path": "/"},
    tagging=_tagging("InstanceProfile", "InstanceProfileName"),
)


def _describe_service_role(work: Work) -> None:
    """Its name, which AWS gave it, is the end of its ARN."""
    name, description = work.id.rpartition("/")[2], work.inputs.get("description", "")
    work.client().update_role(RoleName=name, Description=description)


_SERVICE_ROLE = {"RoleName": "{name || result.Role.RoleName}"}
SERVICE_LINKED_ROLE = Resource(
    type="aws:iam/serviceLinkedRole:ServiceLinkedRole",
    service="iam",
    id="{result.Role.Arn}",
    create=Call("CreateServiceLinkedRole", carries=ALL),
    read=(
        Read(
            "ListRoles",
            {"PathPrefix": "/aws-service-role/{awsServiceName}/"},
            at="Roles[0]",
            names={"name": "RoleName", "uniqueId": "RoleId"},
        ),
    ),
    updates=(Adjust(_describe_service_role, carries=("description",)),),
    computed={"awsServiceName": "{awsServiceName}"},
    delete=(Call("DeleteServiceLinkedRole", _SERVICE_ROLE),),
    identity=("awsServiceName", "customSuffix"),
    tagging=Tagging(
        on_create="",
        add=Call("TagRole", _SERVICE_ROLE),
        remove=Call("UntagRole", _SERVICE_ROLE),
        list=Read("ListRoleTags", _SERVICE_ROLE, at="Tags"),
    ),
)

_PROVIDER = {"OpenIDConnectProviderArn": "{id}"}
OPEN_ID_CONNECT_PROVIDER = Resource(
    type="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    service="iam",
    id="{result.OpenIDConnectProviderArn}",
    create=Call("CreateOpenIDConnectProvider", carries=ALL),
    names={"clientIdLists": "ClientIDList"},
    # AWS and moto tell the address without its scheme.
    read=(Read("GetOpenIDConnectProvider", _PROVIDER, names={"url": "join('', ['https://', Url])"}, leaves=("tags",)),),
    computed={"arn": "{id}"},
    delete=(Call("DeleteOpenIDConnectProvider", _PROVIDER),),
    identity=("url",),
    tagging=Tagging(
        add=Call("TagOpenIDConnectProvider", _PROVIDER),
        remove=Call("UntagOpenIDConnectProvider", _PROVIDER),
        list=Read("ListOpenIDConnectProviderTags", _PROVIDER, at="Tags"),
    ),
)

PASSWORD_POLICY = Resource(
    type="aws:iam/accountPasswordPolicy:AccountPasswordPolicy",
    service="iam",
    id="iam-account-password-policy",
    settings=(Call("UpdateAccountPasswordPolicy", carries=ALL),),
    read=(Read("GetAccountPasswordPolicy", at="PasswordPolicy"),),
    delete=(Call("DeleteAccountPasswordPolicy"),),
    defaults={"minimumPasswordLength": 6},
)

RESOURCES = (
    ROLE,
    ROLE_POLICY,
    ROLE_POLICY_ATTACHMENT,
    POLICY,
    INSTANCE_PROFILE,
    SERVICE_LINKED_ROLE,
    PASSWORD_POLICY,
    OPEN_ID_CONNECT_PROVIDER,
)
