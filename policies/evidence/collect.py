"""Runs the detective checks of the catalogue on accounts, and says one outcome for each control and resource."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from subprocess import CalledProcessError, run

from policies.account import Account, Memory
from policies.catalogue import catalogue, digest
from policies.catalogue import control as control_named
from policies.evidence.clock import check_clock
from policies.evidence.crew import Crew
from policies.evidence.judging import findings, heaviest
from policies.evidence.reader import HANDS, BotoSource
from policies.evidence.recorder import Recorder
from policies.evidence.run import Answer, EvidenceRun, Finding, Scope
from policies.evidence.target import AccountTarget
from policies.evidence.waivers import Waiver, apply_waivers
from policies.model import Control

Progress = Callable[[Control, int, int], None]
"""Told whenever a control is done: the control, how many are done, how many there are."""


def collect(
    targets: AccountTarget | Sequence[AccountTarget],
    controls: Sequence[str] | None = None,
    progress: Progress | None = None,
    *,
    hands: int = HANDS,
    kept: Sequence[Answer] = (),
    keep: Callable[[Answer], None] | None = None,
    waivers: Sequence[Waiver] = (),
) -> EvidenceRun:
    """Judge accounts by every control, or by those of the ids given. Nothing is changed in them.

    What an account refuses is an outcome of the run (ERROR), not an exception.

    Args:
        hands: how many questions are put to an account at once.
        kept: answers of a collection that broke off; what an account answered then is not asked of it again.
        keep: told each new answer as it comes.
        waivers: what is let pass, and until when.

    Raises:
        KeyError: there is no control of an id.
        Unanswered: an account does not even say who is asking.
        ClockError: this machine's clock is not the accounts'.
    """
    chosen = tuple(control_named(each) for each in controls) if controls else catalogue()
    started = datetime.now(UTC)
    asked = [targets] if isinstance(targets, AccountTarget) else targets
    sources = [BotoSource(target, hands, kept, keep) for target in asked]
    scopes = [_scope(source, target) for source, target in zip(sources, asked, strict=True)]
    with Crew(hands) as crew:
        accounts = [_accounts(source, target, crew) for source, target in zip(sources, asked, strict=True)]
        found = _judged(chosen, accounts, crew, progress)
    judged, told = apply_waivers(found, waivers, started.date())
    return EvidenceRun(
        started_at=started.isoformat(timespec="seconds"),
        ended_at=datetime.now(UTC).isoformat(timespec="seconds"),
        scopes=tuple(scopes),
        commit=_commit(),
        catalogue_sha256=digest(),
        controls=tuple(control.id for control in chosen),
        findings=tuple(judged),
        answers=tuple(answer for source in sources for answer in source.answers),
        waivers=told,
    )


def _scope(source: BotoSource, target: AccountTarget) -> Scope:
    identity = source.identify()
    offset = check_clock(identity.here, identity.there)
    return Scope(identity.account, identity.caller, target.regions, target.endpoint_url, offset, target.environment)


def _accounts(source: BotoSource, target: AccountTarget, crew: Crew) -> list[Account]:
    """The account as it is seen from each of its regions."""
    reader, memory = Recorder(source), Memory()
    return [
        Account(source.account, region, reader, target.unobservable, target.environment, crew, memory)
        for region in target.regions
    ]


def _judged(
    chosen: Sequence[Control], accounts: Sequence[Sequence[Account]], crew: Crew, progress: Progress | None
) -> list[Finding]:
    """One finding for each control, account and resource, in that order."""
    done = count(1)

    def judge(control: Control) -> list[Finding]:
        found = [finding for regions in accounts for finding in _everywhere(control, regions)]
        if progress is not None:
            progress(control, next(done), len(chosen))
        return found

    return [finding for found in crew.map(judge, chosen) for finding in found]


def _everywhere(control: Control, regions: Sequence[Account]) -> list[Finding]:
    """What several regions say of one resource is one finding: the heaviest."""
    by_resource: dict[str, list[Finding]] = {}
    for account in regions:
        for finding in findings(control, account):
            by_resource.setdefault(finding.resource, []).append(finding)
    return [heaviest(said) for said in by_resource.values()]


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
