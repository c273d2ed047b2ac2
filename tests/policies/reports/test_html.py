"""The page: whole without a network or a script, safe with hostile names, true in its figures, readable for all."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise

import pytest

from policies.model import Outcome
from policies.reports import posture
from policies.reports.charts import WIDTH, bars
from policies.reports.document import document_of
from policies.reports.formats import FORMATS, rendered
from policies.reports.html import slug
from policies.reports.material import Report, report_of
from tests.policies.reports.conftest import HOSTILE, written

LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href", "style"}
CSS = files("policies.reports").joinpath("templates/report.css").read_text(encoding="utf-8")


@dataclass
class Page(HTMLParser):
    """What of a page the tests look at."""

    tags: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    bars: Counter[str] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        self.ids += [given["id"]] if "id" in given else []
        self.attributes += [(tag, name, value) for name, value in given.items()]
        if "data-count" in given:
            self.bars[given["class"]] += int(given["data-count"])

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _page(report: Report) -> tuple[str, Page]:
    text = rendered(FORMATS["html"], report)[""] or ""
    page = Page()
    page.feed(text)
    page.close()
    return text, page


def test_nothing_is_fetched(mixed: Report) -> None:
    """No address is asked: not by an attribute, not by the style; and the page itself forbids it."""
    text, page = _page(mixed)
    assert not [each for each in page.attributes if each[1] in LOADING]
    assert all(value.startswith("#") for tag, name, value in page.attributes if name == "href")
    assert page.tags["link"] == page.tags["img"] == page.tags["iframe"] == page.tags["base"] == 0
    assert "@import" not in CSS
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", CSS))
    assert "default-src 'none'" in text


def test_without_a_script_the_page_is_whole(mixed: Report) -> None:
    """The filter, which needs one, is not shown then; nothing that is to be read is folded or hidden."""
    _, page = _page(mixed)
    assert [tag for tag, name, _ in page.attributes if name == "hidden"] == ["form"]
    assert "form[hidden] { display: none; }" in CSS
    assert page.tags["details"] == sum(name == "open" for _, name, _ in page.attributes) > 0


def test_a_hostile_name_is_text(mixed: Report) -> None:
    """Whoever may name a resource must not write the report: one script, and it is ours."""
    text, page = _page(mixed)
    assert page.tags["script"] == 1
    assert page.tags["img"] == 0
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert HOSTILE not in text
    assert HOSTILE in "".join(page.texts)


def test_every_finding_stands_once_under_its_control(mixed: Report) -> None:
    """In the order of what needs somebody first; the list of what is urgent refers there."""
    text, _ = _page(mixed)
    controls = text.partition('id="controls"')[2].partition('id="answers"')[0]
    assert controls.count('class="resource"') == len(mixed.document.findings)
    for judged in mixed.judged:
        article = controls.partition(f'id="{judged.control.id}"')[2].partition("</article>")[0]
        assert article.count('class="resource"') == len(judged.findings)
    urgent = text.partition('id="attention"')[2].partition("</section>")[0]
    assert urgent.count('class="resource"') == len(mixed.of(Outcome.FAIL, Outcome.ERROR, Outcome.NOT_IMPLEMENTED))


def test_links_lead_somewhere_and_ids_are_given_once(mixed: Report) -> None:
    """Every raw answer can be reached from the finding that rests on it."""
    _, page = _page(mixed)
    assert len(page.ids) == len(set(page.ids))
    targets = {value[1:] for _, name, value in page.attributes if name == "href"}
    assert targets <= set(page.ids)
    assert {f"answer-{number}" for number in range(1, len(mixed.document.answers) + 1)} <= targets


def test_the_charts_show_the_figures(mixed: Report) -> None:
    """All bars of the page together have as many controls, and clauses, of each outcome as were counted."""
    _, page = _page(mixed)
    expected: Counter[str] = Counter()
    for standing in (*posture.by_family(mixed), *posture.by_framework(mixed)):
        for outcome, count in standing.counts.items():
            expected[slug(outcome)] += count
    assert page.bars == expected
    families = list(posture.by_family(mixed))
    assert sum(standing.total for standing in families) == len(mixed.judged)
    for standing, framework in zip(posture.by_framework(mixed), mixed.frameworks.values(), strict=True):
        assert standing.total == len(framework.clauses)


def test_a_bar_is_as_wide_as_its_parts() -> None:
    """No gap, no overlap, each part as wide as its share."""
    parts = bars({Outcome.FAIL: 1, Outcome.PASS: 5, None: 1})
    assert parts[0].x == 0
    for part, after in pairwise(parts):
        assert part.x + part.width == pytest.approx(after.x, abs=0.02)
    assert parts[-1].x + parts[-1].width == pytest.approx(WIDTH, abs=0.02)
    assert parts[1].width == pytest.approx(WIDTH * 5 / 7, abs=0.02)


def test_every_outcome_has_a_sign_and_a_name_beside_its_colour(mixed: Report) -> None:
    """In the summary, in each row: nothing is told by colour alone."""
    text, _ = _page(mixed)
    badges = re.findall(r'<span class="badge ([\w-]+)"><span class="sign"[^>]*>([^<]+)</span> ([^<]+)</span>', text)
    assert len(badges) == text.count('class="badge ')
    assert {style for style, _, _ in badges} >= {slug(outcome) for outcome in Outcome}
    assert len({sign for _, sign, _ in badges}) == len({style for style, _, _ in badges})


def test_every_waiver_is_told_with_who_and_until_when(mixed: Report) -> None:
    """Those that let nothing pass come first, and say so; a run without waivers has no such section."""
    text, _ = _page(mixed)
    section = text.partition('id="waivers"')[2].partition("</section>")[0]
    rows = section.split("<tr>")[2:]
    assert len(rows) == len(mixed.document.waivers) == 4
    assert all(part in row for row in rows for part in ("15 December 2026", "j.borg", "m.vella", "SEC-1", ".toml"))
    assert [re.search(r"<small[^>]*>(expired|not begun|in force)<", row).group(1) for row in rows] == [  # type: ignore[union-attr]
        "expired", "not begun", "in force", "in force"
    ]  # fmt: skip
    assert 'id="waivers"' not in _page(report_of(document_of(written(("LOG-1", "r", Outcome.PASS, "fine")))))[0]


def test_another_catalogue_is_told() -> None:
    """The wording beside the findings may then not be the one by which they were made."""
    changed = report_of(document_of(written(("LOG-1", "r", Outcome.PASS, "fine"), catalogue_sha256="0" * 64)))
    same = report_of(document_of(written(("LOG-1", "r", Outcome.PASS, "fine"))))
    assert "The wording may differ" in _page(changed)[0]
    assert "The wording may differ" not in _page(same)[0]


def test_a_clean_run_says_so_and_no_more() -> None:
    """Nothing of being compliant or certified, where all is well."""
    text, _ = _page(report_of(document_of(written(("LOG-1", "trail", Outcome.PASS, "fine")))))
    assert "Nothing fails, nothing was left unanswered" in text
    assert not re.search(r"\b(certified|compliant)\b", text, re.IGNORECASE)


THEMES = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{([^}]*)\}", CSS)]


@pytest.mark.parametrize("colours", THEMES, ids=["light", "dark", "print"])
def test_text_has_the_contrast_of_level_aa(colours: dict[str, str]) -> None:
    """4.5 to 1 against the page and against its bands, in each theme; for every colour that a word is set in."""
    words = {"ink", "quiet", "link", "fail", "error", "not-implemented", "manual", "waived", "pass"}
    for ground in ("paper", "band"):
        poor = {name for name in words if _contrast(colours[name], colours[ground]) < 4.5}
        assert not poor


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
