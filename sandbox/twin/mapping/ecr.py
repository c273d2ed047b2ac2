"""ECR: repositories and their lifecycle."""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_REPOSITORY = {"repositoryName": "{id}"}
_ARN = "arn:{partition}:ecr:{region}:{account}:repository/{id}"

REPOSITORY = Resource(
    type="aws:ecr/repository:Repository",
    service="ecr",
    id="{name}",
    create=Call("CreateRepository", carries=ALL),
    read=(Read("DescribeRepositories", {"repositoryNames": ["{id}"]}, at="repositories[0]"),),
    updates=(
        Call(
            "PutImageTagMutability", _REPOSITORY, carries=("imageTagMutability", "imageTagMutabilityExclusionFilters")
        ),
        Call("PutImageScanningConfiguration", _REPOSITORY, carries=("imageScanningConfiguration",)),
    ),
    computed={"repositoryUrl": "{account}.dkr.ecr.{region}.amazonaws.com/{id}"},
    delete=(Call("DeleteRepository", {**_REPOSITORY, "force": "{forceDelete}"}),),
    autoname="name",
    lowercase_name=True,
    identity=("name",),
    only_here=("forceDelete",),
    defaults={"imageTagMutability": "MUTABLE", "imageScanningConfiguration": {"scanOnPush": False}},
    tagging=Tagging(
        on_create="tags",
        add=Call("TagResource", {"resourceArn": _ARN}),
        remove=Call("UntagResource", {"resourceArn": _ARN}),
        list=Read("ListTagsForResource", {"resourceArn": _ARN}, at="tags"),
        keys="tagKeys",
        values="tags",
    ),
)

_OF_REPOSITORY = {"repositoryName": "{repository}"}
LIFECYCLE_POLICY = Resource(
    type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
    service="ecr",
    id="{repository}",
    settings=(Call("PutLifecyclePolicy", {**_OF_REPOSITORY, "lifecyclePolicyText": "{policy}"}, carries=("policy",)),),
    names={"policy": ""},
    read=(
        Read(
            "GetLifecyclePolicy",
            _OF_REPOSITORY,
            names={"policy": "lifecyclePolicyText", "repository": "repositoryName"},
        ),
    ),
    delete=(Call("DeleteLifecyclePolicy", _OF_REPOSITORY),),
    identity=("repository",),
)

REPOSITORY_POLICY = Resource(
    type="aws:ecr/repositoryPolicy:RepositoryPolicy",
    service="ecr",
    id="{repository}",
    settings=(Call("SetRepositoryPolicy", {**_OF_REPOSITORY, "policyText": "{policy}"}, carries=("policy",)),),
    names={"policy": ""},
    read=(Read("GetRepositoryPolicy", _OF_REPOSITORY, names={"policy": "policyText", "repository": "repositoryName"}),),
    delete=(Call("DeleteRepositoryPolicy", _OF_REPOSITORY),),
    identity=("repository",),
)

REGISTRY_SCANNING = Resource(
    type="aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    service="ecr",
    id="{account}",
    settings=(Call("PutRegistryScanningConfiguration", carries=ALL),),
    read=(Read("GetRegistryScanningConfiguration", at="scanningConfiguration"),),
    computed={"registryId": "{account}"},
    delete=(Call("PutRegistryScanningConfiguration", {"scanType": "BASIC", "rules": []}),),
)

RESOURCES = (REPOSITORY, LIFECYCLE_POLICY, REPOSITORY_POLICY, REGISTRY_SCANNING)
