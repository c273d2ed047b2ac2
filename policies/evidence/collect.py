"""Runs the detective checks of the catalogue on an account, and says one outcome for each control and resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError, run

from policies.account import Account
from policies.catalogue import catalogue, digest
from policies.catalogue import control as control_named
from policies.evidence.judging import findings
from policies.evidence.reader import BotoReader
from policies.evidence.run import EvidenceRun, Finding
from policies.evidence.target import AccountTarget
from policies.model import Control

Progress = Callable[[Control, int, int], None]
"""Told before each control: the control, how many are done, how many there are."""


def collect(
    target: AccountTarget, controls: Sequence[str] | None = None, progress: Progress | None = None
) -> EvidenceRun:
    """Judge the account by every control, or by those of the ids given. Nothing is changed in the account.

    What the account refuses is an outcome of the run (ERROR), not an exception.

    Raises:
        KeyError: there is no control of an id.
        Unanswered: the account does not even say who is asking.
    """
    chosen = tuple(control_named(each) for each in controls) if controls else catalogue()
    started = _now()
    reader = BotoReader(target)
    caller = reader.ask("sts", "get_caller_identity", {})
    account = Account(str(caller["Account"]), target.region, reader, target.unobservable, target.environment)
    found: list[Finding] = []
    for done, control in enumerate(chosen):
        if progress is not None:
            progress(control, done, len(chosen))
        found.extend(findings(control, account, reader))
    return EvidenceRun(
        started_at=started,
        ended_at=_now(),
        account=account.id,
        caller=str(caller["Arn"]),
        region=target.region,
        endpoint=target.endpoint_url,
        commit=_commit(),
        catalogue_sha256=digest(),
        controls=tuple(control.id for control in chosen),
        findings=tuple(found),
        answers=reader.answers,
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _commit() -> str:
    """The commit of the clone that holds the catalogue, with a mark where changes to it are not committed."""
    try:
        head, changes = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "--", ".")
    except (OSError, CalledProcessError):
        return "unknown"
    return f"{head}+changes" if changes else head


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent.parent
    ended = run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S607  (the user's own)
    return ended.stdout.strip()
