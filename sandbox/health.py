"""How the running stack is: every program, the shard, the projection, and whether money is conserved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from sandbox.layout import ACCOUNT, KAFKA, POSTGRES, control_plane
from sandbox.readiness import answers
from sandbox.runtime import broker, database
from sandbox.runtime.controlplane import background
from sandbox.runtime.controlplane.plane import API_SERVER, CONTROLLERS, ETCD
from sandbox.runtime.supervise import ProgramStatus, Supervisor
from sandbox.state import State
from services.contract.exchange.v1.matching_pb2 import StatusReply, StatusRequest
from services.contract.exchange.v1.matching_pb2_grpc import MatchingStub
from services.ledger.database import SecretError, engine_from
from services.ledger.reading import LedgerReader


class ProgramHealth(BaseModel):
    """One supervised program."""

    name: str
    state: str
    pid: int
    uptime_s: int
    address: str
    healthy: bool
    detail: str


class ShardHealth(BaseModel):
    """The shard, as its leader tells. Amounts are in 1/10 000 of the currency unit."""

    shard: int
    node: str
    leading: bool
    offset: int
    commands: int
    deposited: int
    withdrawn: int
    wallets: int
    withdrawing: int
    in_transit: int
    commission: int
    house: int
    rounding: int
    projected_offset: int | None

    @property
    def there(self) -> int:
        """All the money that there is."""
        return self.wallets + self.withdrawing + self.in_transit + self.commission + self.house + self.rounding

    @property
    def conserved(self) -> bool:
        """Whether what came in less what went out is what there is."""
        return self.deposited - self.withdrawn == self.there

    @property
    def lag(self) -> int | None:
        """Records that the ledger is behind the shard; None when it has none yet or does not answer."""
        return None if self.projected_offset is None else max(0, self.offset - self.projected_offset)


class Health(BaseModel):
    """The whole stack; a remark is a line on what is absent though nothing is wrong."""

    programs: list[ProgramHealth]
    shard: ShardHealth | None
    remarks: list[str] = []

    @property
    def well(self) -> bool:
        """Whether everything runs, is ready, and money is conserved."""
        shard_is_well = self.shard is not None and self.shard.leading and self.shard.conserved
        return all(program.healthy for program in self.programs) and shard_is_well


def examine(state: State, home: Path) -> Health:
    """Asks everything at once; nothing is changed."""
    statuses = Supervisor(home).status()
    with ThreadPoolExecutor(max_workers=8) as pool:
        shard = pool.submit(_shard, state)
        programs = list(pool.map(lambda status: _program(state, home, status), statuses))
        return Health(programs=programs, shard=shard.result(), remarks=_remarks(state))


def _remarks(state: State) -> list[str]:
    if state.kubeconfig:
        return []
    return [background.standing() or "Kubernetes: the control plane is built; the next make up uses it"]


def _program(state: State, home: Path, status: ProgramStatus) -> ProgramHealth:
    healthy = status.running and _does_its_work(state, home, status.name)
    detail = status.detail if not status.running else "" if healthy else "runs, but is not ready"
    return ProgramHealth(
        name=status.name,
        state=status.state,
        pid=status.pid,
        uptime_s=status.uptime_s,
        address=state.address_of(status.name),
        healthy=healthy,
        detail=detail,
    )


def _does_its_work(state: State, home: Path, program: str) -> bool:
    if program == ACCOUNT:
        return answers(f"{state.account_endpoint}/valletta/health")
    if program == POSTGRES:
        return database.answers(state.database_url, password=state.database_secret.read_text().strip())
    if program == KAFKA:
        return broker.answers(state.kafka_bootstrap)
    if program in {API_SERVER, CONTROLLERS, ETCD}:
        return control_plane(home, state).answers(program)
    return answers(state.probes[program])


def _shard(state: State) -> ShardHealth | None:
    try:
        with grpc.insecure_channel(state.matching_address) as channel:
            reply: StatusReply = MatchingStub(channel).Status(StatusRequest(), timeout=3)
    except grpc.RpcError:
        return None
    return ShardHealth(
        shard=reply.shard,
        node=reply.node,
        leading=reply.leading,
        offset=reply.offset,
        commands=reply.commands,
        deposited=reply.deposited,
        withdrawn=reply.withdrawn,
        wallets=reply.wallets,
        withdrawing=reply.withdrawing,
        in_transit=reply.in_transit,
        commission=reply.commission,
        house=reply.house,
        rounding=reply.rounding,
        projected_offset=_projected(state, reply.shard),
    )


def _projected(state: State, shard: int) -> int | None:
    engine = engine_from(state.database_url, str(state.database_secret), pool_size=1)
    try:
        reached = LedgerReader(engine).position().get(shard)
    except (SQLAlchemyError, SecretError):
        return None
    finally:
        engine.dispose()
    return reached[0] if reached else None
