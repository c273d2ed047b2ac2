"""`valletta demo` on the real exchange."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

import sandbox.state
from sandbox.state import State
from tests.stack import OPERATOR, Stack
from valletta.cli import app
from valletta.demonstration.rest import ExchangeError
from valletta.demonstration.story import perform
from valletta.screens import demo


def test_the_demonstration_can_be_played_again_and_money_is_conserved(exchange: Stack) -> None:
    told: list[str] = []
    reports = [perform(exchange.gateway_url, OPERATOR, exchange.operator_password, told.append) for _ in range(2)]
    for report in reports:
        assert report.conserved
        amounts = [[line["amount"] for line in person.statement["lines"]] for person in report.people]
        assert amounts == [["-119.00", "-1.00", "20.00", "100.00"], ["-80.00", "-20.00", "100.00"]]
    assert reports[0].market != reports[1].market
    screen = Console(record=True, width=100)
    demo.show(reports[0], screen)
    assert "Money is conserved" in screen.export_text()
    assert "Anna backs" in "\n".join(told)


def test_the_command_prints_its_report_as_json(
    exchange: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "operator"
    secret.write_text(exchange.operator_password)
    state = State(
        journal="kafka",
        gateway_url=exchange.gateway_url,
        matching_address=exchange.matching_address,
        kafka_bootstrap="",
        database_url="postgresql://nobody@127.0.0.1/none",
        database_secret=tmp_path / "none",
        account_endpoint="http://127.0.0.1:1",
        operator_secret=secret,
        ports={},
    )
    monkeypatch.setattr(sandbox.state, "load_state", lambda: state)
    result = CliRunner().invoke(app, ["demo", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["conserved"] is True
    assert exchange.operator_password not in result.output


def test_where_nothing_answers_the_error_says_what_to_look_at() -> None:
    with pytest.raises(ExchangeError, match="does not answer") as raised:
        perform("http://127.0.0.1:1", OPERATOR, "no password", lambda _: None)
    assert "valletta status" in raised.value.hint
