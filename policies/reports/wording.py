"""How outcomes are called where people read them, and the one sentence that a run comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from policies.model import Outcome
from policies.reports.material import Report


@dataclass(frozen=True, slots=True)
class Face:
    """How an outcome is shown. The sign says the same as the colour, for whoever sees no colours."""

    label: str
    counted: str
    """What stands after a number."""
    sign: str
    meaning: str


FACES: Final[dict[Outcome | None, Face]] = {
    Outcome.FAIL: Face("Fails", "failing", "\u2715", "The account is not as the control demands."),
    Outcome.ERROR: Face("No answer", "unanswered", "!", "The account refused or failed to answer. Nothing is known."),
    Outcome.NOT_IMPLEMENTED: Face(
        "Not built", "not built", "\u25b3", "Its enforcement is planned; it blocks a release."
    ),
    Outcome.NOT_OBSERVABLE: Face(
        "Not visible", "not visible", "?", "The account is a twin that lacks this part of AWS."
    ),
    Outcome.MANUAL: Face("To attest", "to attest", "\u270e", "No account shows it: a person attests it."),
    Outcome.WAIVED: Face("Waived", "waived", "~", "It fails, and somebody has accepted that until a date."),
    Outcome.PASS: Face("Passes", "passing", "\u2713", "The account is as the control demands."),
    Outcome.NOT_APPLICABLE: Face("Nothing to judge", "nothing to judge", "\u2013", "The account holds nothing of it."),
    None: Face("Not asked", "not asked", "\u00b7", "The run says nothing of it."),
}


def verdict(report: Report) -> str:
    """What the run comes to, in one sentence. It never says more than was asked."""
    failing = _controls(report, Outcome.FAIL)
    unanswered = _controls(report, Outcome.ERROR)
    unbuilt = _controls(report, Outcome.NOT_IMPLEMENTED)
    total = len(report.judged)
    if failing:
        resources = len({(finding.place, finding.resource) for _, finding in report.of(Outcome.FAIL)})
        said = f"{_of(failing, total)} {_does(failing, 'fails', 'fail')}, on {counted(resources, 'resource')}"
    else:
        said = f"Nothing that was judged by the {counted(total, 'control')} fails"
    if unanswered:
        said += (
            f"; the account left questions of {counted(unanswered, 'control')} unanswered, so the picture is not whole"
        )
    if unbuilt:
        said += f"; {unbuilt} {_does(unbuilt, 'is', 'are')} not built in full, which blocks a release"
    return f"{said}."


def _controls(report: Report, outcome: Outcome) -> int:
    return len({judged.control.id for judged, _ in report.of(outcome)})


def _of(part: int, total: int) -> str:
    return f"{part} of {counted(total, 'control')}"


def counted(count: int, word: str) -> str:
    """A number of things, with the plural where it is not one."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _does(count: int, one: str, several: str) -> str:
    return one if count == 1 else several
