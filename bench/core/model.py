"""The plain Python model on the same kind of stream, for scale."""

from __future__ import annotations

import struct
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.core.engines import DisagreementError, ours, started
from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.model.machine import Model

UNIT: Final = 10_000
START_MS: Final = 1_800_000_000_000

_HEADER = struct.Struct("<8s4I")
_RECORD = struct.Struct("<BBH4I")
_PLACE, _IMMEDIATE_OR_CANCEL, _MOVE, _CANCEL = range(4)


class Record(NamedTuple):
    """A command of a stream: services/core/bench/src/stream.rs says what each number is."""

    op: int
    side: int
    tick: int
    size: int
    order: int
    account: int
    market: int


def commands_a_second(stream: Path) -> float:
    """The model's rate on a short stream of one market.

    Raises:
        DisagreementError: It made other trades of it than the core.
    """
    data = stream.read_bytes()
    header: tuple[bytes, int, int, int, int] = _HEADER.unpack_from(data)
    _, setup, measured, _, accounts = header
    records = [Record(*fields) for fields in _RECORD.iter_unpack(data[_HEADER.size :])]
    model, commands = Model(), list(_commands(records))
    for command in _opening(accounts):
        _apply(model, command)
    trades = sum(_apply(model, command) for command in commands[:setup])
    began = time.perf_counter()
    trades += sum(_apply(model, command) for command in commands[setup:])
    seconds = time.perf_counter() - began
    with started({"valletta": ours("valletta", stream)}) as engines:
        expected = engines["valletta"].run().trades
    if trades != expected:
        raise DisagreementError(f"trades: the model has {trades}, the core {expected}")
    return measured / seconds


def _apply(model: Model, command: x.Command) -> int:
    """Carries a command out; returns how many trades it made."""
    key = bytearray(uuid.uuid4().bytes)
    key[:6] = START_MS.to_bytes(6, "big")
    key[6] = key[6] & 0x0F | 0x70
    command.key = bytes(key)
    outcome, events = model.apply(START_MS, command)
    if outcome.code != x.OK:
        raise DisagreementError(f"{command} is refused: {outcome}")
    return sum(event.HasField("matched") for event in events)


def _opening(accounts: int) -> Iterator[x.Command]:
    """Verified, rich accounts and a market of two runners."""
    yield x.Command(activate_rules=x.ActivateRules(version=2))
    for account in range(1, accounts + 1):
        yield x.Command(open_account=x.OpenAccount())
        yield x.Command(verify_account=x.VerifyAccount(account=account))
        yield x.Command(account=account, deposit=x.Deposit(amount=10_000_000 * UNIT))
    runners = [x.Runner(id=1), x.Runner(id=2)]
    yield x.Command(open_market=x.OpenMarket(runners=runners, winners=1, commission_bp=500, minimum_stake=UNIT))


def _commands(records: Sequence[Record]) -> Iterator[x.Command]:
    """The exchange's own commands: its orders are numbered as they are accepted, a moved one anew."""
    ids: dict[int, int] = {}
    last = 0
    for record in records:
        known = ids.get(record.order, 0)
        if record.op == _CANCEL:
            body = x.CancelOrder(market=record.market, order=known)
            yield x.Command(account=record.account, cancel_order=body)
            continue
        last += 1
        ids[record.order] = last
        if record.op == _MOVE:
            moved = x.ReplaceOrder(market=record.market, order=known, price=record.tick)
            yield x.Command(account=record.account, replace_order=moved)
            continue
        place = x.PlaceOrder(market=record.market, runner=1, price=record.tick, size=record.size * UNIT)
        place.side = x.SIDE_LAY if record.side else x.SIDE_BACK
        if record.op == _IMMEDIATE_OR_CANCEL:
            place.time_in_force = x.TIME_IN_FORCE_IMMEDIATE_OR_CANCEL
        yield x.Command(account=record.account, place_order=place)
