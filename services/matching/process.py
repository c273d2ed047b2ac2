"""The shard as a process: its servers, its signals, and the exit status that tells a supervisor why it ended."""

from __future__ import annotations

import asyncio
import signal
from typing import Final

from services.contract.logs import configure_logs, logger
from services.contract.probes import Probes
from services.journal.chain import ChainError
from services.journal.log import JournalError
from services.matching.core import InvariantError
from services.matching.health import LeaderHealth
from services.matching.leader import FencedError
from services.matching.lease.api_server import CredentialsError
from services.matching.lease.lease import Lease
from services.matching.lease.opening import open_lease
from services.matching.metrics import Metrics
from services.matching.observer import Observer
from services.matching.replica import UnknownRulesError
from services.matching.server import serve
from services.matching.settings import MatchingSettings
from services.matching.shard import Shard

_log = logger(__name__)

STOPPED: Final = 0
HALTED: Final = 1
FENCED: Final = 3
_GRACE_S: Final = 2.0


async def run_shard(settings: MatchingSettings, observer: Observer | None = None) -> int:
    """Run the shard until SIGTERM or SIGINT; the exit status.

    Returns:
        STOPPED in order; FENCED where another node has taken over; HALTED where the log cannot be followed, an
        invariant of the core is violated, or the credentials for the lease are absent.
    """
    configure_logs("matching", shard=settings.shard, node=settings.node)
    try:
        async with open_lease(settings) as lease:
            return await _run_with(settings, lease, observer or Metrics())
    except CredentialsError as error:
        _log.critical("halted: the lease cannot be sought", error=str(error))
        return HALTED


async def _run_with(settings: MatchingSettings, lease: Lease, observer: Observer) -> int:
    shard = Shard(settings.open_journal(), settings.shard, settings.node, lease=lease, observer=observer)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, shard.stop)
    probes = Probes(settings.metrics_address, ready=lambda: None if shard.ready else "reading the log")
    health = LeaderHealth()
    server, port = serve(shard, settings.grpc_address, health)
    probes.start()
    await server.start()
    _log.info("serving", grpc_port=port, metrics_port=probes.port)
    try:
        return await _status_of(shard)
    finally:
        health.end()
        await server.stop(_GRACE_S)
        probes.stop()


async def _status_of(shard: Shard) -> int:
    try:
        await shard.run()
    except FencedError as error:
        _log.error("fenced: another node leads", error=str(error))
        return FENCED
    except (ChainError, JournalError, UnknownRulesError, InvariantError) as error:
        _log.critical("halted: a person must look", error=str(error), kind=type(error).__name__)
        return HALTED
    _log.info("stopped")
    return STOPPED
