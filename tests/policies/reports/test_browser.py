"""The page in a real browser, where the machine has one: it is drawn whole, on a screen and on paper.

A browser cannot be had from the package registries alone, so that a machine without one skips this; what can be said
of the page without it stands in test_html.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from policies.model import Outcome
from policies.reports.formats import FORMATS, rendered
from policies.reports.material import Report

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium and no Chrome on the PATH")

PROBE = """<script>addEventListener("load", () => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const clipped = [...document.querySelectorAll("td, th, .badge, dd")].filter((e) => e.scrollWidth > e.clientWidth + 1);
  const articles = [...document.querySelectorAll("article")];
  const words = document.getElementById("words");
  const before = articles.filter((each) => each.offsetHeight > 0).length;
  words.value = "OLD-9"; words.dispatchEvent(new Event("input", {bubbles: true}));
  const after = articles.filter((each) => each.offsetHeight > 0).length;
  document.title = `wide=${wide} clipped=${clipped.length} before=${before} after=${after}`;
});</script>"""


def _browse(tmp_path: Path, *arguments: str) -> str:
    command = [
        BROWSER or "", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        f"--user-data-dir={tmp_path / 'profile'}", *arguments,
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.mark.parametrize("width", [1280, 520])
def test_nothing_is_clipped_and_the_filter_filters(mixed: Report, tmp_path: Path, width: int) -> None:
    """On a desk and on a narrow screen: no line runs out of its cell or of the page."""
    file = tmp_path / "report.html"
    text = rendered(FORMATS["html"], mixed)[""] or ""
    file.write_text(text.replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    drawn = _browse(tmp_path, f"--window-size={width},900", "--dump-dom", file.as_uri())
    told = re.search(r"<title>wide=(-?\d+) clipped=(\d+) before=(\d+) after=(\d+)</title>", drawn)
    assert told is not None
    assert tuple(map(int, told.groups())) == (0, 0, len(mixed.judged), 1)


def test_a_hostile_name_does_nothing(mixed: Report, tmp_path: Path) -> None:
    """The page that the browser makes of it holds no element that we did not write."""
    file = tmp_path / "report.html"
    file.write_text(rendered(FORMATS["html"], mixed)[""] or "", encoding="utf-8")
    drawn = _browse(tmp_path, "--dump-dom", file.as_uri())
    assert drawn.count("<script") == 1
    assert "<img" not in drawn
    urgent = mixed.of(Outcome.FAIL, Outcome.ERROR, Outcome.NOT_IMPLEMENTED)
    told = (*mixed.document.findings, *urgent, *mixed.document.waivers)
    assert drawn.count('class="resource"') == len(told)


def test_it_prints(mixed: Report, tmp_path: Path) -> None:
    """On paper, over several pages of A4."""
    file, printed = tmp_path / "report.html", tmp_path / "report.pdf"
    file.write_text(rendered(FORMATS["html"], mixed)[""] or "", encoding="utf-8")
    _browse(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={printed}", file.as_uri())
    content = printed.read_bytes()
    boxes = set(re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content))
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}
    assert len(re.findall(rb"/Type /Page\b", content)) > 3
