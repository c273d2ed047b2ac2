"""The evidence run over this clone's account twin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import httpx

from policies.account import Unanswered
from policies.environment import Environment
from policies.evidence import AccountTarget, EvidenceRun, collect
from policies.evidence.reaching import of_kubeconfig
from policies.evidence.store import text_of
from policies.evidence.target import unobservable_from
from sandbox.errors import SandboxError
from sandbox.files import write_atomically
from sandbox.layout import ACCOUNT, Layout


class EvidenceError(SandboxError):
    """The evidence run could not be made."""

    exit_code = 4


def twin_target(endpoint: str, region: str) -> AccountTarget:
    """The account twin at `endpoint`, with its cluster, and what it says itself cannot be observed in it.

    Raises:
        httpx.HTTPError: it does not answer.
        ValueError: it answers something else, or the kubeconfig that it names cannot be used.
    """
    unobservable, health = (_said(endpoint, each) for each in ("observability", "health"))
    cluster = of_kubeconfig(Path(health["kubernetes"])) if health.get("kubernetes") else None
    session = boto3.Session(aws_access_key_id="valletta", aws_secret_access_key="valletta", region_name=region)  # noqa: S106 (the twin asks for none)
    return AccountTarget(session, region, endpoint, unobservable_from(unobservable), Environment.LOCAL, cluster=cluster)


def _said(endpoint: str, question: str) -> dict[str, Any]:
    answer: dict[str, Any] = (
        httpx.get(f"{endpoint}/valletta/{question}", timeout=30, trust_env=False).raise_for_status().json()
    )
    return answer


def gather(layout: Layout) -> EvidenceRun:
    """Judges the account by every control and keeps the run in the state folder, in evidence.json.

    Raises:
        EvidenceError: The account does not answer; no finding is known.
    """
    endpoint = layout.state.account_endpoint
    try:
        run = collect(twin_target(endpoint, layout.region))
    except (httpx.HTTPError, ValueError, Unanswered) as error:
        log = layout.home / "logs" / f"{ACCOUNT}.log"
        raise EvidenceError(f"the account twin at {endpoint} cannot be judged: {error}", hint=f"see {log}") from error
    write_atomically(layout.home / "evidence.json", text_of(run))
    return run
