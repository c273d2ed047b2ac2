"""The explicit providers: which account, which region, which cluster. Nothing is left to the shell that runs Pulumi."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

from infra.footing import Footing
from infra.settings import StackSettings


def aws_provider(settings: StackSettings) -> aws.Provider:
    """The stack's own account; credentials of any other are refused before anything is made."""
    return aws.Provider("aws", region=settings.region, allowed_account_ids=[settings.account_id])


def archive_provider(settings: StackSettings, own: aws.Provider) -> aws.Provider:
    """The log-archive account, entered by its deployment role; the stack's own where none is set."""
    return _in_account("log-archive", settings, settings.log_archive_account_id) or own


def backup_provider(settings: StackSettings) -> aws.Provider | None:
    """The account that takes copies of the backups, entered by its deployment role, where one is set."""
    return _in_account("backup", settings, settings.backup_account_id)


def _in_account(name: str, settings: StackSettings, account: str | None) -> aws.Provider | None:
    if account is None:
        return None
    role = f"arn:aws:iam::{account}:role/valletta-{name}-deployment"
    return aws.Provider(
        name,
        region=settings.region,
        allowed_account_ids=[account],
        assume_roles=[aws.ProviderAssumeRoleArgs(role_arn=role, session_name=settings.prefix)],
    )


def kubernetes_provider(settings: StackSettings, footing: Footing) -> kubernetes.Provider:
    """The cluster's API as its administrator, with a token of minutes from AWS and no secret in the file.

    The identifier keeps the objects where a changed certificate or endpoint would otherwise replace them all.
    """
    name = footing.cluster_name
    kubeconfig = pulumi.Output.json_dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [
                {
                    "name": name,
                    "cluster": {
                        "server": footing.cluster_endpoint,
                        "certificate-authority-data": footing.cluster_authority,
                    },
                }
            ],
            "contexts": [{"name": name, "context": {"cluster": name, "user": "administrator"}}],
            "users": [{"name": "administrator", "user": {"exec": _token_command(settings, footing)}}],
        },
        sort_keys=True,
    )
    return kubernetes.Provider(
        "kubernetes",
        kubeconfig=kubeconfig,
        cluster_identifier=name,
        # An ephemeral cluster may be gone before its objects are: then they are gone too, and destroy goes on.
        delete_unreachable=settings.ephemeral or None,
        enable_server_side_apply=True,
        opts=pulumi.ResourceOptions(depends_on=footing.usable),
    )


def _token_command(settings: StackSettings, footing: Footing) -> dict[str, object]:
    region, name, role = settings.region, footing.cluster_name, footing.cluster_administrator
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "aws",
        "args": ["--region", region, "eks", "get-token", "--cluster-name", name, "--role-arn", role],
        "interactiveMode": "Never",
    }
