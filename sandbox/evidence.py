"""The evidence run over this clone's account twin."""

from __future__ import annotations

import boto3
import httpx

from policies.account import Unanswered
from policies.environment import Environment
from policies.evidence import AccountTarget, EvidenceRun, collect
from policies.evidence.store import text_of
from policies.evidence.target import unobservable_from
from sandbox.errors import SandboxError
from sandbox.files import write_atomically
from sandbox.layout import ACCOUNT, Layout


class EvidenceError(SandboxError):
    """The evidence run could not be made."""

    exit_code = 4


def twin_target(endpoint: str, region: str) -> AccountTarget:
    """The account twin at `endpoint`, with what it says itself cannot be observed in it."""
    answer = httpx.get(f"{endpoint}/valletta/observability", timeout=30, trust_env=False).raise_for_status()
    session = boto3.Session(aws_access_key_id="valletta", aws_secret_access_key="valletta", region_name=region)  # noqa: S106 (the twin asks for none)
    return AccountTarget(session, region, endpoint, unobservable_from(answer.json()), Environment.of("local"))


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
