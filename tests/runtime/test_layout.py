"""Where everything goes on this machine."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from rich.console import Console

from infra.workloads.deploy import load_deployments
from sandbox.errors import SandboxError
from sandbox.layout import Layout, choose_ports, lay_out, moved_ports
from sandbox.runtime.controlplane.pins import NotBuiltError
from sandbox.steps import Steps
from sandbox.up import choose_journal
from sandbox.wishes import JournalKind
from tests.conftest import unavailable

REGION = "eu-west-1"


def laid_out(home: Path, journal: JournalKind = "kafka") -> Layout:
    return lay_out(home, REGION, journal, None, set())


def test_every_service_gets_each_variable_that_its_deploy_toml_names(tmp_path: Path) -> None:
    layout = laid_out(tmp_path)
    assert set(layout.deployments) >= {"matching", "ledger", "gateway"}
    for deployment in load_deployments().values():
        assert layout.environment(deployment).keys() == deployment.env.keys()
    matching = layout.environment(layout.deployments["matching"])
    assert matching["VALLETTA_GRPC_ADDRESS"] == layout.state.matching_address
    assert matching["VALLETTA_KAFKA_BOOTSTRAP"] == layout.state.kafka_bootstrap


def test_no_secret_is_in_the_state_or_in_any_environment(tmp_path: Path) -> None:
    layout = laid_out(tmp_path)
    layout.database.folder.mkdir()
    layout.database.password_file.write_text("the-password")
    everything = layout.state.model_dump_json() + str(
        [layout.environment(each) for each in layout.deployments.values()]
    )
    assert "the-password" not in everything
    assert str(layout.database.password_file) in everything


def test_no_two_programs_share_a_port(tmp_path: Path) -> None:
    ports = laid_out(tmp_path).state.ports
    assert len(set(ports.values())) == len(ports)


def test_the_file_journal_needs_no_broker(tmp_path: Path) -> None:
    layout = laid_out(tmp_path, "file")
    assert layout.broker is None
    assert layout.state.kafka_bootstrap == ""
    assert {program.name for program in layout.platform_programs()} == {"account", "postgres"}


def test_where_a_control_plane_is_built_the_account_is_told_of_it_and_it_is_kept_running(tmp_path: Path) -> None:
    without, layout = laid_out(tmp_path), lay_out(tmp_path, REGION, "file", None, set(), kubernetes=True)
    assert (without.control_plane, without.state.kubeconfig) == (None, None)
    try:
        programs = {program.name: program for program in layout.platform_programs()}
    except NotBuiltError as missing:
        unavailable(missing)
    assert {"etcd", "kube-apiserver", "kube-controller-manager"} < programs.keys()
    assert str(layout.state.kubeconfig) in programs["account"].command
    assert layout.state.address_of("kube-apiserver").startswith("https://127.0.0.1:")
    stopped_first = sorted(programs, key=lambda name: -programs[name].rank)
    assert stopped_first.index("kube-apiserver") < stopped_first.index("etcd")


def test_a_busy_port_moves_on_and_a_line_says_so(tmp_path: Path) -> None:
    usual = load_deployments()["gateway"].port("http")
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind(("127.0.0.1", usual))
            holder.listen()
        except OSError:
            pass  # somebody else holds it: as good
        layout = laid_out(tmp_path)
    found = layout.state.ports["gateway.http"]
    assert found > usual
    assert f"port {usual} is taken by somebody else: gateway.http is on {found}" in moved_ports(layout)


def test_a_port_that_is_busy_because_we_run_on_it_is_kept() -> None:
    with socket.socket() as ours:
        ours.bind(("127.0.0.1", 0))
        ours.listen()
        busy = ours.getsockname()[1]
        assert choose_ports({"kafka.client": 9092}, {"kafka.client": busy}, {"kafka"}) == {"kafka.client": busy}
        moved = choose_ports({"kafka.client": busy}, {"kafka.client": busy}, set())
    assert moved["kafka.client"] != busy


def test_the_log_stays_where_it_was_begun(tmp_path: Path) -> None:
    steps = Steps(Console(quiet=True))
    before = laid_out(tmp_path, "file").state
    assert choose_journal(None, before, steps) == "file"
    with pytest.raises(SandboxError, match="keeps its log in 'file', 'kafka' was asked for") as refused:
        choose_journal("kafka", before, steps)
    assert refused.value.exit_code == 2


def test_without_java_the_log_is_a_file_and_it_is_said_but_kafka_asked_for_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    steps = Steps(Console(quiet=True))
    assert choose_journal(None, None, steps) == "file"
    assert "the log is a local write-ahead file" in steps.remarks[0]
    with pytest.raises(SandboxError, match="there is no bin/java"):
        choose_journal("kafka", None, steps)
