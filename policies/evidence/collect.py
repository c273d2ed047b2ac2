"""Runs the detective checks of the catalogue on an account, and says one outcome for each control and resource."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CalledProcessError, run

from policies.account import Account, NotObservable, Subject, Unanswered
from policies.catalogue import catalogue, checks, digest
from policies.catalogue import control as control_named
from policies.checks import Check
from policies.evidence.reader import BotoReader
from policies.evidence.run import EvidenceRun, Finding
from policies.evidence.target import AccountTarget
from policies.model import Control, Outcome

Progress = Callable[[Control, int, int], None]
"""Told before each control: the control, how many are done, how many there are."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one check says of one resource."""

    check: str
    resource: str
    outcome: Outcome
    reason: str
    answers: tuple[str, ...]


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
    findings: list[Finding] = []
    for done, control in enumerate(chosen):
        if progress is not None:
            progress(control, done, len(chosen))
        findings.extend(_findings(control, account, reader))
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
        findings=tuple(findings),
        answers=reader.answers,
    )


def _findings(control: Control, account: Account, reader: BotoReader) -> Iterator[Finding]:
    """One finding a resource: the heaviest of what the control's checks say of it."""
    verdicts: dict[str, list[_Verdict]] = {}
    for check in checks(control):
        for verdict in _verdicts(check, account, reader):
            verdicts.setdefault(verdict.resource, []).append(verdict)
    for resource, said in verdicts.items():
        yield _joined(control, resource, said)
    if not verdicts and checks(control):
        yield Finding(
            control.id, account.itself.id, Outcome.NOT_APPLICABLE, "the account holds nothing that it is about"
        )
    for planned in control.planned:
        reason = f"its enforcement in {planned.where} is not built yet"
        yield Finding(control.id, planned.where, Outcome.NOT_IMPLEMENTED, reason)
    if control.attestation:
        yield Finding(control.id, account.itself.id, Outcome.MANUAL, control.attestation)


def _joined(control: Control, resource: str, said: Sequence[_Verdict]) -> Finding:
    heaviest = max((verdict.outcome for verdict in said), key=lambda outcome: outcome.weight)
    reasons = dict.fromkeys(verdict.reason for verdict in said if verdict.outcome is heaviest)
    return Finding(
        control.id,
        resource,
        heaviest,
        "; ".join(reasons),
        tuple(verdict.check for verdict in said),
        tuple(dict.fromkeys(answer for verdict in said for answer in verdict.answers)),
    )


def _verdicts(check: Check, account: Account, reader: BotoReader) -> Iterator[_Verdict]:
    """What a check says of each subject. A list that breaks off leaves what was judged before it, and an ERROR."""
    reader.drain()
    subjects = iter(check.subjects(account))
    listed: tuple[str, ...] = ()
    while True:
        try:
            subject = next(subjects)
        except StopIteration:
            return
        except (NotObservable, Unanswered) as refusal:
            outcome, reason = _refused(refusal)
            yield _Verdict(check.name, account.itself.id, outcome, reason, reader.drain())
            return
        own = reader.drain()
        listed = listed or own
        yield _judged(check, subject, account, reader, (*listed, *own))


def _judged(check: Check, subject: Subject, account: Account, reader: BotoReader, listed: tuple[str, ...]) -> _Verdict:
    """A fault that was found stands, even where the account then refused the rest."""
    faults: list[str] = []
    refused: tuple[Outcome, str] | None = None
    try:
        for fault in check.judge(subject, account):
            faults.append(fault)  # not extend(): what came before a refusal must stay
    except (NotObservable, Unanswered) as refusal:
        refused = _refused(refusal)
    answers = listed + reader.drain()
    if faults:
        return _Verdict(check.name, subject.id, Outcome.FAIL, "; ".join(faults), answers)
    outcome, reason = refused or (Outcome.PASS, check.proves)
    return _Verdict(check.name, subject.id, outcome, reason, answers)


def _refused(refusal: NotObservable | Unanswered) -> tuple[Outcome, str]:
    outcome = Outcome.NOT_OBSERVABLE if isinstance(refusal, NotObservable) else Outcome.ERROR
    return outcome, str(refusal)


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
