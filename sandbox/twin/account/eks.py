"""Where moto's EKS does what AWS's does not: tags of node groups, and upgrades of clusters and node groups."""

from __future__ import annotations

import json
from typing import Final

from moto.eks import urls
from moto.eks.responses import EKSResponse

from sandbox.twin.values import Value

_CLUSTER: Final = "{0}/clusters/(?P<name>[^/]+)"
_UPGRADED: Final = json.dumps({"update": {"id": "upgrade", "status": "Successful", "type": "VersionUpdate"}})


def correct(eks: Value) -> None:
    """Put EKS's part of the account right."""
    _tag_node_groups(eks)
    _upgrade()


def _tag_node_groups(eks: Value) -> None:
    """Moto tags clusters only."""
    tag, untag = eks.tag_resource, eks.untag_resource

    def group(arn: str) -> Value:
        groups = (one for cluster in eks.clusters.values() for one in cluster.nodegroups.values())
        return next((one for one in groups if one.arn == arn), None)

    def tag_resource(arn: str, tags: dict[str, str]) -> None:
        found = group(arn)
        found.tags.update(tags) if found else tag(arn, tags)

    def untag_resource(arn: str, keys: list[str] | str) -> None:
        found = group(arn)
        if found is None:
            untag(arn, keys)
        else:
            for key in [keys] if isinstance(keys, str) else keys:
                found.tags.pop(key, None)

    eks.tag_resource, eks.untag_resource = tag_resource, untag_resource


def _upgrade() -> None:
    """Moto knows neither `UpdateClusterVersion` nor `UpdateNodegroupVersion`."""

    def update_cluster_version(response: Value) -> str:
        response.eks_backend.describe_cluster(response._get_param("name")).version = response._get_param("version")
        return _UPGRADED

    def update_nodegroup_version(response: Value) -> str:
        group = response.eks_backend.describe_nodegroup(
            response._get_param("name"), response._get_param("nodegroupName")
        )
        group.version = response._get_param("version") or group.version
        group.launch_template = response._get_param("launchTemplate") or group.launch_template
        return _UPGRADED

    responses: Value = EKSResponse
    responses.update_cluster_version = update_cluster_version
    responses.update_nodegroup_version = update_nodegroup_version


# The routes are read when the first request to EKS comes, before any part of the account is made.
urls.url_paths[f"{_CLUSTER}/updates$"] = urls.response.dispatch
urls.url_paths[f"{_CLUSTER}/node-groups/(?P<nodegroupName>[^/]+)/update-version$"] = urls.response.dispatch
