"""Which accounts are asked, as the command line names them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policies.environment import Environment
from sandbox.errors import SandboxError
from sandbox.state import load_state
from valletta.commands.evidence.exits import Exit

if TYPE_CHECKING:
    from policies.evidence import AccountTarget

DEFAULT_REGION: Final = "eu-west-1"


def account_targets(
    profile: str | None,
    roles: Sequence[str],
    endpoint: str | None,
    regions: Sequence[str],
    environment: Environment | None,
) -> list[AccountTarget]:
    """The accounts: the one that the profile or the twin is, or one for each role that is assumed from there.

    Raises:
        SandboxError: the options contradict each other, a region is none, a role cannot be assumed, no twin answers.
    """
    if profile and endpoint:
        raise SandboxError(
            "--profile names a real account and --endpoint a twin: give one of the two", exit_code=Exit.USAGE
        )
    for region in regions:
        _require_region(region)
    first, *more = regions or [""]
    own = _real(profile, first) if profile else _twin(endpoint, first)
    own = replace(own, more_regions=tuple(more), environment=environment or own.environment)
    return [_assumed(own, role) for role in roles] or [own]


def _require_region(region: str) -> None:
    """Refuse a region before it is asked: its host's name would not resolve, and each control would say so."""
    import boto3  # noqa: PLC0415 (as below)

    session = boto3.Session()
    partitions = session.get_available_partitions()
    known = sorted({each for part in partitions for each in session.get_available_regions("ec2", part)})
    if region not in known:
        nearest = ", ".join(get_close_matches(region, known, n=3)) or DEFAULT_REGION
        raise SandboxError(f"--region {region} is no region of AWS; near it: {nearest}", exit_code=Exit.USAGE)


def _assumed(own: AccountTarget, role: str) -> AccountTarget:
    """The account of a role, seen by whoever may take it on from here; for an hour, which no collection needs."""
    import boto3  # noqa: PLC0415 (its import takes its time)
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        sts = own.session.client("sts", region_name=own.region, endpoint_url=own.endpoint_url)
        given = sts.assume_role(RoleArn=role, RoleSessionName="valletta-evidence")["Credentials"]
    except (BotoCoreError, ClientError) as error:
        raise SandboxError(f"the role {role} cannot be assumed: {error}", exit_code=Exit.USAGE) from error
    session = boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
        region_name=own.region,
    )
    return replace(own, session=session)


def _real(profile: str, region: str) -> AccountTarget:
    import boto3  # noqa: PLC0415 (as above)
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    from policies.evidence import AccountTarget  # noqa: PLC0415

    try:
        session = boto3.Session(profile_name=profile, region_name=region or None)
    except BotoCoreError as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error
    return AccountTarget(session, session.region_name or DEFAULT_REGION)


def _twin(endpoint: str | None, region: str) -> AccountTarget:
    from httpx import HTTPError, InvalidURL  # noqa: PLC0415 (as above)

    from sandbox.evidence import twin_target  # noqa: PLC0415

    url = endpoint or load_state().account_endpoint
    try:
        return twin_target(url, region or DEFAULT_REGION)
    except (HTTPError, InvalidURL, ValueError) as error:
        raise SandboxError(f"no account twin answers at {url}: {error}", exit_code=Exit.USAGE) from error


def with_cluster(target: AccountTarget, kubeconfig: Path | None, *, left_out: bool) -> AccountTarget:
    """The account with the way to its cluster that the command line names, or without its cluster.

    Raises:
        SandboxError: both were asked for, or the file is no kubeconfig.
    """
    from policies.evidence.cluster import LISTING  # noqa: PLC0415 (as above)
    from policies.evidence.reaching import of_kubeconfig  # noqa: PLC0415

    if left_out and kubeconfig:
        raise SandboxError("--kubeconfig names a cluster and --without-cluster leaves it out", exit_code=Exit.USAGE)
    if left_out:
        unseen = target.unobservable
        return replace(target, unobservable=replace(unseen, operations=unseen.operations | {LISTING}))
    if kubeconfig is None:
        return target
    try:
        return replace(target, cluster=of_kubeconfig(kubeconfig))
    except ValueError as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error
