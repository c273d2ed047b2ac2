"""What the checks of a control say of an account: one finding for each resource, the heaviest of what was said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from policies.account import Account, NotObservable, Subject, Unanswered
from policies.catalogue import checks
from policies.checks import Check
from policies.evidence.run import Finding
from policies.model import Control, Enforced, Outcome


class Trace(Protocol):
    """Whoever knows which raw answers were read."""

    def drain(self) -> tuple[str, ...]:
        """The SHA-256 of every answer that was read since the last call, in order and each once."""


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one check says of one resource."""

    check: str
    resource: str
    outcome: Outcome
    reason: str
    answers: tuple[str, ...]


def findings(control: Control, account: Account, trace: Trace) -> Iterator[Finding]:
    """One finding a resource: the heaviest of what the control's checks say of it."""
    verdicts: dict[str, list[_Verdict]] = {}
    for check in checks(control):
        for verdict in _verdicts(check, account, trace):
            verdicts.setdefault(verdict.resource, []).append(verdict)
    for resource, said in verdicts.items():
        yield _joined(control, resource, said)
    if not verdicts and checks(control):
        yield Finding(
            control.id, account.itself.id, Outcome.NOT_APPLICABLE, "the account holds nothing that it is about"
        )
    for part in control.application:
        if isinstance(part, Enforced):
            reason = f"the exchange enforces it, which no account shows: {part.how} Ask for: {control.evidence}"
            yield Finding(control.id, part.where, Outcome.MANUAL, reason, (part.test,))
    for planned in control.planned:
        reason = " ".join(filter(None, [f"its enforcement in {planned.where} is not built yet.", planned.what]))
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


def _verdicts(check: Check, account: Account, trace: Trace) -> Iterator[_Verdict]:
    """What a check says of each subject. A list that breaks off leaves what was judged before it, and an ERROR."""
    trace.drain()
    subjects = _listed(check, account)
    listed: tuple[str, ...] = ()
    while True:
        try:
            subject = next(subjects)
        except StopIteration:
            return
        except (NotObservable, Unanswered) as refusal:
            outcome, reason = _refused(refusal)
            yield _Verdict(check.name, account.itself.id, outcome, reason, trace.drain())
            return
        own = trace.drain()
        listed = listed or own
        yield _judged(check, subject, account, trace, (*listed, *own))


def _listed(check: Check, account: Account) -> Iterator[Subject]:
    """The subjects of a check, asked for only when the first is taken: whatever the account refuses is met there."""
    yield from check.subjects(account)


def _judged(check: Check, subject: Subject, account: Account, trace: Trace, listed: tuple[str, ...]) -> _Verdict:
    """A fault that was found stands, even where the account then refused the rest."""
    faults: list[str] = []
    refused: tuple[Outcome, str] | None = None
    try:
        for fault in check.judge(subject, account):
            faults.append(fault)  # not extend(): what came before a refusal must stay
    except (NotObservable, Unanswered) as refusal:
        refused = _refused(refusal)
    answers = listed + trace.drain()
    if faults:
        return _Verdict(check.name, subject.id, Outcome.FAIL, "; ".join(faults), answers)
    outcome, reason = refused or (Outcome.PASS, check.proves)
    return _Verdict(check.name, subject.id, outcome, reason, answers)


def _refused(refusal: NotObservable | Unanswered) -> tuple[Outcome, str]:
    outcome = Outcome.NOT_OBSERVABLE if isinstance(refusal, NotObservable) else Outcome.ERROR
    return outcome, str(refusal)
