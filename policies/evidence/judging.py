"""What the checks of a control say of an account: one finding for each resource, the heaviest of what was said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from policies.account import Account, NotObservable, Subject, Unanswered
from policies.catalogue import checks
from policies.checks import Check
from policies.evidence.run import Finding
from policies.model import Control, Enforced, Outcome


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one check says of one resource."""

    check: str
    resource: str
    outcome: Outcome
    reason: str
    answers: tuple[str, ...]
    faults: tuple[str, ...] = ()


def findings(control: Control, account: Account) -> Iterator[Finding]:
    """One finding a resource: the heaviest of what the control's checks say of it."""
    verdicts: dict[str, list[_Verdict]] = {}
    for said_by_check in account.crew.map(lambda check: list(_verdicts(check, account)), checks(control)):
        for verdict in said_by_check:
            verdicts.setdefault(verdict.resource, []).append(verdict)
    for said in verdicts.values():
        yield heaviest([_finding(control, account, verdict) for verdict in said])
    yield from (replace(finding, account=account.id) for finding in _beside_checks(control, account, bool(verdicts)))


def heaviest(said: Sequence[Finding]) -> Finding:
    """One finding in place of several on one control and resource: the heaviest outcome, and what all rest on."""
    worst = max(said, key=lambda finding: finding.outcome.weight)
    alike = [finding for finding in said if finding.outcome is worst.outcome]
    return replace(
        worst,
        reason=_joined(dict.fromkeys(finding.reason for finding in alike)),
        checks=tuple(dict.fromkeys(check for finding in said for check in finding.checks)),
        answers=tuple(dict.fromkeys(answer for finding in said for answer in finding.answers)),
        faults=tuple(dict.fromkeys(fault for finding in alike for fault in finding.faults)),
    )


def _joined(reasons: Iterable[str]) -> str:
    """Whole sentences follow each other; what is none is set apart by a semicolon."""
    *others, last = reasons
    return "".join(f"{each} " if each.endswith(".") else f"{each}; " for each in others) + last


def _beside_checks(control: Control, account: Account, judged: bool) -> Iterator[Finding]:
    """What is to be said of a control beside what its checks found."""
    if not judged and checks(control):
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
        yield Finding(control.id, f"attested by: {control.owner}", Outcome.MANUAL, control.attestation)


def _finding(control: Control, account: Account, verdict: _Verdict) -> Finding:
    return Finding(
        control.id,
        verdict.resource,
        verdict.outcome,
        verdict.reason,
        (verdict.check,),
        tuple(dict.fromkeys(verdict.answers)),
        account.id,
        verdict.faults,
    )


def _verdicts(check: Check, account: Account) -> Iterator[_Verdict]:
    """What a check says of each subject. A list that breaks off leaves what was judged before it, and an ERROR."""
    listing = account.forked()
    broken: list[_Verdict] = []

    def subjects() -> Iterator[tuple[Subject, tuple[str, ...]]]:
        listed: tuple[str, ...] = ()
        try:
            for subject in check.subjects(listing):
                own = listing.reader.drain()
                listed = listed or own
                yield subject, (*listed, *own)
        except Exception as refusal:
            outcome, reason = _refused(refusal)
            broken.append(_Verdict(check.name, account.itself.id, outcome, reason, listing.reader.drain()))

    yield from account.crew.map(lambda found: _judged(check, *found, account.forked()), subjects())
    yield from broken


def _judged(check: Check, subject: Subject, listed: tuple[str, ...], account: Account) -> _Verdict:
    """A fault that was found stands, even where the account then refused the rest."""
    faults: list[str] = []
    refused: tuple[Outcome, str] | None = None
    try:
        for fault in check.judge(subject, account):
            faults.append(fault)  # not extend(): what came before a refusal must stay
    except Exception as refusal:
        refused = _refused(refusal)
    answers = listed + account.reader.drain()
    if faults:
        return _Verdict(check.name, subject.id, Outcome.FAIL, "; ".join(faults), answers, tuple(faults))
    outcome, reason = refused or (Outcome.PASS, check.proves)
    return _Verdict(check.name, subject.id, outcome, reason, answers)


def _refused(refusal: Exception) -> tuple[Outcome, str]:
    """What it comes to when a check breaks off. An answer of an unforeseen shape ends one check, and not the run."""
    match refusal:
        case NotObservable():
            return Outcome.NOT_OBSERVABLE, str(refusal)
        case Unanswered():
            return Outcome.ERROR, str(refusal)
        case _:
            return Outcome.ERROR, f"an answer has a shape that the check does not know: {refusal!r}"
