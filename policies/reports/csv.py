"""The findings as a table for a spreadsheet: RFC 4180, in UTF-8."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from policies.reports.document import Finding
from policies.reports.material import Judged, Report
from policies.reports.remedies import remedies

COLUMNS: Final = (
    "account", "region", "control", "title", "family", "severity", "owner", "outcome", "resource", "reason",
    "what to do", "checks", "clauses", "evidence sha-256",
)  # fmt: skip

_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")
"""What a spreadsheet takes for the start of a formula, in both widths, or skips before one."""


def render(report: Report) -> str:
    """One line a finding, in the order of the catalogue, under a line of headings."""
    text = StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for judged in report.judged:
        for finding in judged.findings:
            lines.writerow(harmless(cell) for cell in _cells(judged, finding))
    return text.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: whoever names a resource `=HYPERLINK(...)` gets text."""
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith(_FORMULA) else cell


def _cells(judged: Judged, finding: Finding) -> Iterator[str]:
    control = judged.control
    yield from (finding.place.account, finding.region, control.id, control.title, judged.family)
    yield from (control.severity.value, control.owner, finding.outcome.value, finding.resource, finding.reason)
    yield " ".join(remedies(control, finding))
    yield " ".join(finding.checks)
    yield "; ".join(str(clause) for clause in control.clauses)
    yield " ".join(finding.answers)
