"""docs/compliance says what is there: files, controls, settings and commands by their names, pictures by the plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from typer.main import get_command

from infra.settings import StackSettings
from policies.catalogue import catalogue
from policies.frameworks import frameworks
from policies.model import Planned
from sandbox.paths import CLONE
from sandbox.plan.record import Plan
from tests.planning import Planner
from tools.pages import stores_page
from tools.pages.declared import Declared, UnexpectedPlanError
from tools.pages.documents import STACK, documents
from tools.pages.network import read_network
from tools.pages.stores import LOG, Flow, read_stores
from valletta.cli import app

FOLDER = CLONE / "docs" / "compliance"
PAGES = {file.name: file.read_text() for file in sorted(FOLDER.glob("*.md"))}
OURS = sorted(set(PAGES) - {"matrix.md"})
"""The pages that speak of controls; the matrix is made of them."""
PLANNED_IN = {part.where for control in catalogue() for part in control.application if isinstance(part, Planned)}
"""Where the matrix says that something will be built."""
ROOTS = ("infra", "policies", "services", "sandbox", "valletta", "tests", "docs", "tools", "proto", "images", "bench")


def named(pattern: str, pages: list[str] | None = None) -> Iterator[tuple[str, Any]]:
    """(page, what is named) wherever a page matches."""
    for page in pages or sorted(PAGES):
        yield from ((page, found) for found in re.findall(pattern, PAGES[page]))


def test_every_file_that_a_page_names_is_there() -> None:
    paths = {
        (page, path) for page, path in named(r"`(\.?[\w-]+/[\w./*-]*)`") if path.split("/")[0] in {*ROOTS, ".github"}
    }
    assert len(paths) > 20
    missing = {path for _, path in paths if not list(CLONE.glob(path.rstrip("/")))}
    assert sorted(missing - PLANNED_IN) == []


def test_every_link_of_a_page_leads_somewhere() -> None:
    links = list(named(r"\]\(([^)#:]+)(?:#[\w-]*)?\)"))
    assert len(links) > 20
    assert [each for each in links if not (FOLDER / each[1]).exists()] == []


def test_every_control_that_a_page_names_is_in_the_catalogue() -> None:
    known = {control.id for control in catalogue()}
    words = {page: re.sub(r"`[^`]*`|SHA-\d+", "", PAGES[page]) for page in OURS}
    controls = {(page, found) for page, text in words.items() for found in re.findall(r"\b[A-Z]{2,3}-\d+\b", text)}
    assert len({control for _, control in controls}) > 40
    assert [each for each in sorted(controls) if each[1] not in known] == []


def test_every_setting_that_a_page_names_is_one() -> None:
    settings = set(named(r"`valletta:(\w+)`"))
    assert len(settings) > 20
    assert [each for each in sorted(settings) if each[1] not in StackSettings.model_fields] == []


def test_every_command_that_a_page_names_is_one() -> None:
    commands = set(named(r"(?m)(?:^|`)\s*valletta ([a-z]+)(?:\s([a-z]+))?", OURS))
    top = {name: getattr(each, "commands", {}) for name, each in get_command(app).commands.items()}  # type: ignore[attr-defined]
    assert len(commands) > 3
    for page, (command, part) in sorted(commands):
        assert command in top, (page, command)
        assert not top[command] or part in top[command], (page, command, part)


def test_nobody_is_called_certified_or_compliant() -> None:
    said = [(page, found) for page, found in named(r"(?i)certified|compliant with")]
    assert said == [("README.md", "certified")], "the README says that nothing says so"


def test_a_clause_in_a_table_of_clocks_has_the_source_that_its_framework_gives() -> None:
    clauses = {clause.clause: clause.source for each in frameworks().values() for clause in each.clauses}
    rows = [line for line in PAGES["incident-procedure.md"].splitlines() if line.startswith("| ") and "art. " in line]
    stated = {row.split(" | ")[-2]: row.split(" | ")[-1].strip(" |") for row in rows}
    assert len(stated) == 4
    assert stated == {clause: str(clauses[clause.removeprefix("GDPR art. ")]) for clause in stated}


def test_the_pages_and_pictures_are_what_productions_plan_gives(planner: Planner) -> None:
    stale = [
        file.name for file, text in documents(planner(STACK)).items() if not file.exists() or file.read_text() != text
    ]
    assert stale == [], "python -m tools.pages --write"


def test_a_network_with_a_second_way_in_is_not_drawn_as_one_with_one(planner: Planner) -> None:
    plan = planner(STACK).to_json()
    rules = [each for each in plan["resources"] if each["type"].endswith(":SecurityGroupIngressRule")]
    rule = next(each for each in rules if each["inputs"].get("cidrIpv4") == "10.20.0.0/16")
    rule["inputs"]["cidrIpv4"] = "0.0.0.0/0"
    with pytest.raises(UnexpectedPlanError, match="one way in from the Internet; the plan has 2"):
        read_network(Declared(Plan.from_json(plan)))


def test_a_subnet_is_of_the_tier_that_its_routes_make_it(planner: Planner) -> None:
    plan = planner(STACK).to_json()
    plan["resources"] = [each for each in plan["resources"] if not each["type"].endswith(":Route")]
    with pytest.raises(UnexpectedPlanError, match="one subnet a tier and zone"):
        read_network(Declared(Plan.from_json(plan)))


def test_every_bucket_vault_and_database_of_the_plan_is_a_store_of_the_page(planner: Planner) -> None:
    plan = planner(STACK)
    stores = read_stores(Declared(plan)).stores
    for type_, kind in (("aws:s3/bucket:Bucket", "S3"), ("aws:backup/vault:Vault", "AWS Backup")):
        assert len(plan.of_type(type_)) == sum(each.kind == kind for each in stores), kind
    locks = plan.of_type("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration")
    modes = [each.inputs["rule"]["defaultRetention"]["mode"] for each in locks]
    assert sorted(modes) == sorted(
        each.lock.partition(",")[0] for each in stores if each.kind == "S3" and each.lock != "none"
    )


def test_the_page_warns_that_the_log_has_no_copy_elsewhere_as_long_as_it_has_none(planner: Planner) -> None:
    stores = read_stores(Declared(planner(STACK)))
    assert "has no copy outside its region" in stores_page.page(stores)
    copied = replace(stores, flows=(*stores.flows, Flow(LOG, "elsewhere", "replicated")))
    assert "has no copy outside its region" not in stores_page.page(copied)
