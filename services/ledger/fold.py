"""What each event means for the rows: a pure function from event records to the changes that reflect them.

Money is double entry. A credit is positive, so a player's wallet has a positive balance, and the bank, which the
deposits came from, a negative one:

    deposit                 wallet +         external -
    withdrawal              wallet -         external +
    withdrawal asked for    wallet -         withdrawing +
        paid                withdrawing -    external +
        refused             withdrawing -    wallet +
    settlement              wallet +profit   house -profit
    commission              wallet -         commission +
    rounding                house -          rounding +       (what the profits leave: the house keeps nothing)
    another result          what was booked the other way round, then settlement and commission anew
    shortfall advanced      wallet +         receivable -     (the house pays what a wallet could not)
    shortfall covered       wallet -         receivable +
    sent to another shard   wallet -         in transit +     (a slice of a permit, or what a guest returns)
    arrived from there      in transit -     wallet +

Wallet, withdrawing, receivable and in transit are a player's; of the others there is one for every currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import EventRecord
from services.ledger.changes import Changes, EventName
from services.ledger.folding import course, markets, money, orders, permits, players
from services.ledger.folding.lots import Lots, Take, UnknownEventError

_TAKES: Final[Mapping[str, Take]] = {
    **course.TAKES,
    **players.TAKES,
    **money.TAKES,
    **markets.TAKES,
    **orders.TAKES,
    **permits.TAKES,
}


def fold(records: Iterable[EventRecord], rules: int = 1) -> list[Changes]:
    """The changes that reflect `records`, to be written one after the other.

    Args:
        records: in their order.
        rules: the version in force before the first.

    Raises:
        UnknownEventError: an event's body, or the rules that it brings, are unknown to this build.
    """
    lots = Lots(rules)
    for record in records:
        for index, event in enumerate(record.events):
            body = event.WhichOneof("body")
            take = _TAKES.get(body) if body else None
            if body is None or take is None:
                raise UnknownEventError(
                    f"event {index} of offset {record.offset} ({body}) is unknown to this build of the ledger"
                )
            take(getattr(event, body), EventName(record.shard, record.offset, index, record.time_ms), lots)
    return lots.lots


__all__ = ["UnknownEventError", "fold"]
