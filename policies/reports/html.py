"""The run as one HTML page for people: it needs no network and no script, and prints as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from policies.model import Control, Outcome
from policies.reports import posture
from policies.reports.charts import Bar, bars
from policies.reports.document import Answer, Finding
from policies.reports.material import Judged, Report
from policies.reports.remedies import remedies
from policies.reports.wording import FACES, counted, verdict
from policies.rules import Rule

URGENT: Final = (Outcome.FAIL, Outcome.ERROR, Outcome.NOT_IMPLEMENTED)
"""What the page tells first, in this order: what is wrong, what nobody knows, what is not built."""

SOURCES: Final = {
    "P": "primary: the regulator's or the law's own wording was seen",
    "S": "secondary: a third party's summary",
    "K": "known of, not checked against the text",
}


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A raw answer under the number by which findings refer to it."""

    number: int
    answer: Answer


def render(report: Report) -> str:
    """The page."""
    environment = Environment(
        loader=PackageLoader(__package__),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["squashed"] = lambda text: " ".join(str(text).split())
    environment.filters["slug"] = slug
    environment.filters["compact"] = lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False)
    environment.globals["inlined"] = lambda name: Markup(environment.get_template(name).render())  # noqa: S704 (ours)
    return environment.get_template("report.html").render(**_content(report))


def slug(outcome: Outcome | None) -> str:
    """An outcome as the name of a style."""
    return outcome.value.lower().replace("_", "-") if outcome else "not-asked"


def _content(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "document": report.document,
        "verdict": verdict(report),
        "faces": FACES,
        "sources": SOURCES,
        "findings": posture.findings_counted(report),
        "controls": posture.controls_counted(report),
        "families": _charted(posture.by_family(report)),
        "frameworks": _charted(posture.by_framework(report)),
        "urgent": [each for outcome in URGENT for each in _by_severity(report, outcome)],
        "remedies": remedies,
        "ids": {judged.control.id for judged in report.judged},
        "waivers": sorted(report.document.waivers, key=lambda each: (each.state == "in force", each.expires)),
        "numbered": {sha256: _Numbered(at, each) for at, (sha256, each) in enumerate(report.answers.items(), start=1)},
        "in_order": _in_order,
        "prevented": _prevented,
        "counted": counted,
        "duration": int((report.document.ended_at - report.document.started_at).total_seconds()),
    }


def _charted(standings: Iterable[posture.Standing]) -> list[tuple[posture.Standing, list[Bar]]]:
    return [(standing, bars(standing.counts)) for standing in standings]


def _by_severity(report: Report, outcome: Outcome) -> list[tuple[Judged, Finding]]:
    """The worst first; within one severity in the order of the catalogue."""
    order = ("critical", "high", "medium", "low")
    return sorted(report.of(outcome), key=lambda each: order.index(each[0].control.severity.value))


def _in_order(judged: Judged) -> list[Finding]:
    return sorted(judged.findings, key=lambda finding: posture.ORDER.index(finding.outcome))


def _prevented(control: Control) -> list[str]:
    """The rules on the plan and the admission policies that refuse a breach."""
    rules = [part.name for part in control.preventive if isinstance(part, Rule)]
    return [*rules, *(part for part in control.admission if isinstance(part, str))]
