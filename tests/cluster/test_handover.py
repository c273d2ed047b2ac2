"""Two real processes of one shard, a real broker, a Lease of a real API server: who leads, and what clients see."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import grpc
import httpx
import pytest

from sandbox.runtime.ports import LOOPBACK
from sandbox.twin.kubernetes_api import Reference
from services.contract.exchange.v1.exchange_pb2 import Code, Command
from services.contract.exchange.v1.matching_pb2 import Placed, StatusReply, StatusRequest
from services.contract.exchange.v1.matching_pb2_grpc import MatchingStub
from services.gateway.matching import MatchingClient
from tests.cluster.conftest import Cluster
from tests.cluster.leasing import LEASE, Wire, mount
from tests.matching.betting import deposit, funded
from tests.matching.exchange import PATIENCE_S, Processes, eventually

ACCOUNTS = 6
FUNDS = 10_000


@dataclass
class Node:
    """One of the shard's processes."""

    name: str
    port: int
    metrics_port: int
    wire: Wire
    processes: Processes
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = self.processes.start(
            "services.matching",
            VALLETTA_NODE=self.name,
            VALLETTA_GRPC_ADDRESS=f"{LOOPBACK}:{self.port}",
            VALLETTA_METRICS_ADDRESS=f"{LOOPBACK}:{self.metrics_port}",
            KUBERNETES_SERVICE_PORT=str(self.wire.port),
        )

    def signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def exit_status(self) -> int:
        assert self.process is not None
        return self.process.wait(PATIENCE_S)

    def ready(self) -> bool:
        try:
            return httpx.get(f"http://{LOOPBACK}:{self.metrics_port}/readyz", timeout=5).is_success
        except httpx.TransportError:
            return False

    def status(self, with_state_hash: bool = False) -> StatusReply:
        with grpc.insecure_channel(f"{LOOPBACK}:{self.port}") as channel:
            return MatchingStub(channel).Status(StatusRequest(with_state_hash=with_state_hash), timeout=10)

    def leads(self) -> bool:
        try:
            return self.status().leading
        except grpc.RpcError:
            return False


@dataclass
class Pair:
    """A shard's two nodes, of which the first leads at the beginning and the second stands by."""

    nodes: tuple[Node, Node]
    target: str
    processes: Processes
    lease: Callable[[], str]
    answers: dict[bytes, tuple[Command, Placed]] = field(default_factory=dict)

    def agree(self) -> None:
        """Both nodes come to the same state."""
        eventually(lambda: len({node.status().offset for node in self.nodes}) == 1, "both have read the log")
        assert len({node.status(with_state_hash=True).state_hash for node in self.nodes}) == 1


@pytest.fixture
def lease_duration_s() -> int:
    """Short, for the tests that wait for a lease's end."""
    return 3


@pytest.fixture
def pair(  # noqa: PLR0917  (fixtures)
    cluster: Cluster,
    namespace: str,
    kafka_broker: str,
    topic_prefix: str,
    lease_duration_s: int,
    tmp_path: Path,
    free_port: Callable[[], int],
) -> Iterator[Pair]:
    named = {
        "shard": "0",
        "journal": "kafka",
        "kafka_bootstrap": kafka_broker,
        "kafka_topic_prefix": topic_prefix,
        "lease": "kubernetes",
        "lease_namespace": namespace,
        "lease_credentials": str(mount(cluster, namespace, tmp_path / "credentials")),
        "lease_duration_s": str(lease_duration_s),
        "lease_renew_s": "0.5",
        "lease_retry_s": "0.5",
    }
    environment = {f"VALLETTA_{name.upper()}": value for name, value in named.items()}
    processes = Processes(tmp_path, environment | {"KUBERNETES_SERVICE_HOST": LOOPBACK})
    wires = Wire(cluster.plane.api_port), Wire(cluster.plane.api_port)
    first, second = (
        Node(name, free_port(), free_port(), wire, processes) for name, wire in zip(("a", "b"), wires, strict=True)
    )
    reference = Reference("coordination.k8s.io/v1", "Lease", namespace, LEASE)

    def holder() -> str:
        found = cluster.api.find(reference)
        return str(found["spec"].get("holderIdentity", "")).partition("_")[0] if found else ""

    try:
        first.start()
        eventually(first.leads, "the first leads")
        second.start()
        eventually(second.ready, "the second stands by")
        target = f"ipv4:{LOOPBACK}:{first.port},{LOOPBACK}:{second.port}"
        yield Pair((first, second), target, processes, holder)
    finally:
        processes.end()
        for wire in wires:
            wire.close()


class Load:
    """Bettors who deposit without a pause, through the gateway's own client; no answer may be an error."""

    def __init__(self, pair: Pair) -> None:
        self.answers: list[tuple[Command, Placed]] = []
        self._pair = pair
        self._enough = Event()
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)

    def __enter__(self) -> Load:
        self._thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join(PATIENCE_S)
        assert self._failure is None, f"{self._failure!r}\n{self._pair.processes.logs()}"

    def goes_on(self, more: int = 100) -> None:
        """Returns when so many more commands have been answered."""
        wanted = len(self.answers) + more
        eventually(lambda: len(self.answers) >= wanted or self._failure is not None, "commands are answered")

    def _run(self) -> None:
        try:
            asyncio.run(self._everybody())
        except BaseException as error:
            self._failure = error

    async def _everybody(self) -> None:
        client = MatchingClient(self._pair.target, deadline_s=PATIENCE_S)
        await client.submit(funded(ACCOUNTS, FUNDS))
        async with asyncio.TaskGroup() as group:
            for account in range(1, ACCOUNTS + 1):
                group.create_task(self._bettor(client, account))
        await client.close()

    async def _bettor(self, client: MatchingClient, account: int) -> None:
        while not self._enough.is_set():
            payment = deposit(account, 100)
            (placed,) = await client.submit([payment])
            self.answers.append((payment, placed))


def assert_nothing_lost_or_doubled(pair: Pair, load: Load) -> None:
    """Each command took effect once, and is answered again as it was answered first."""

    async def ask_again() -> list[Placed]:
        client = MatchingClient(pair.target, deadline_s=PATIENCE_S)
        commands = [command for command, _ in load.answers]
        again = [placed for i in range(0, len(commands), 100) for placed in await client.submit(commands[i : i + 100])]
        await client.close()
        return again

    for (_, first), again in zip(load.answers, asyncio.run(ask_again()), strict=True):
        assert first.outcome.code == Code.OK
        assert again.outcome.repeated
        again.outcome.repeated = first.outcome.repeated
        assert again.outcome == first.outcome
    pair.agree()
    deposited = pair.nodes[0].status().deposited
    assert deposited == ACCOUNTS * FUNDS + 100 * len(load.answers)


@pytest.mark.parametrize("lease_duration_s", [300])
def test_a_roll_out_under_load_loses_nothing_and_no_client_sees_an_error(pair: Pair) -> None:
    """Each node in turn gets SIGTERM, hands over, ends with status 0, and comes back as the standby.

    It hands over: nobody could wait for the end of a lease of five minutes.
    """
    with Load(pair) as load:
        for old, new in (pair.nodes, pair.nodes[::-1]):
            old.signal(signal.SIGTERM)
            eventually(new.leads, f"{new.name} leads")
            assert old.exit_status() == 0, pair.processes.logs()
            load.goes_on()
            assert pair.lease() == new.name
            old.start()
            eventually(old.ready, f"{old.name} stands by")
            assert not old.leads()
    assert_nothing_lost_or_doubled(pair, load)


def test_after_kill_9_of_the_leader_the_standby_takes_over_and_nothing_acknowledged_is_lost(pair: Pair) -> None:
    first, second = pair.nodes
    with Load(pair) as load:
        first.signal(signal.SIGKILL)
        eventually(second.leads, "the standby leads")
        load.goes_on()
        assert pair.lease() == "b"
        first.start()
        eventually(first.ready, "the first is back, and stands by")
        assert not first.leads()
    assert_nothing_lost_or_doubled(pair, load)


def test_while_the_api_server_is_away_a_leader_leads_to_its_lease_s_end_only_and_nobody_else_does(pair: Pair) -> None:
    first, second = pair.nodes
    epoch = first.status().epoch
    for node in pair.nodes:
        node.wire.cut()
    assert first.leads(), "it needs no leave to go on"
    eventually(lambda: not first.leads() and first.ready(), "the first stands by")
    assert first.status().epoch == second.status().epoch == epoch
    assert not second.leads()
    for node in pair.nodes:
        node.wire.mend()
    with Load(pair) as load:
        load.goes_on()
    assert first.status().epoch.offset > epoch.offset
    assert_nothing_lost_or_doubled(pair, load)


def test_a_leader_cut_off_from_the_api_server_makes_way_and_stands_by(pair: Pair) -> None:
    first, second = pair.nodes
    with Load(pair) as load:
        first.wire.cut()
        eventually(second.leads, "the second leads")
        eventually(lambda: first.ready() and not first.leads(), "the first stands by")
        load.goes_on()
        first.wire.mend()
        second.signal(signal.SIGTERM)
        eventually(first.leads, "the first leads again, in the same process")
        assert second.exit_status() == 0
        load.goes_on()
        second.start()
        eventually(second.ready, "the second stands by")
    assert_nothing_lost_or_doubled(pair, load)


def test_a_leader_that_was_frozen_beyond_its_lease_wakes_up_as_a_standby(pair: Pair) -> None:
    first, second = pair.nodes
    first.signal(signal.SIGSTOP)
    eventually(second.leads, "the second leads")
    first.signal(signal.SIGCONT)
    eventually(lambda: not first.leads() and first.ready(), "the first stands by")
    assert second.leads()
    pair.agree()
    assert first.status().epoch.node == "b"
