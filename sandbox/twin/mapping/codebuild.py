"""CodeBuild: projects, and the jobs of others that they hear of.

Moto makes projects and tells of them, but can change none and forgets their tags: they are declared state.
"""

from __future__ import annotations

from sandbox.twin.resource import ALL, Call, Read, Resource, Tagging

_NAME = {"name": "{name}"}
PROJECT = Resource(
    type="aws:codebuild/project:Project",
    service="codebuild",
    id="arn:{partition}:codebuild:{region}:{account}:project/{name}",
    create=Call("CreateProject", carries=ALL),
    names={"buildTimeout": "timeoutInMinutes", "queuedTimeout": "queuedTimeoutInMinutes"},
    read=(Read("BatchGetProjects", {"names": ["{name}"]}, at="projects[0]"),),
    updates=(Call("UpdateProject", _NAME, carries=ALL),),
    computed={"arn": "{id}"},
    delete=(Call("DeleteProject", _NAME),),
    identity=("name",),
    # A project has its tags within itself, and they change as a whole.
    tagging=Tagging(
        on_create="tags",
        style="key",
        add=Call("UpdateProject", _NAME),
        remove=Call("UpdateProject", _NAME),
        keys="",
        values="tags",
    ),
    lacking=True,
)

WEBHOOK = Resource(
    type="aws:codebuild/webhook:Webhook",
    service="codebuild",
    id="{projectName}",
    create=Call("CreateWebhook", carries=ALL),
    read=(Read("BatchGetProjects", {"names": ["{projectName}"]}, at="projects[0].webhook"),),
    updates=(Call("UpdateWebhook", {"projectName": "{projectName}"}, carries=("filterGroups", "buildType")),),
    delete=(Call("DeleteWebhook", {"projectName": "{projectName}"}),),
    identity=("projectName",),
    lacking=True,
)

RESOURCES = (PROJECT, WEBHOOK)
