"""What the ledger says: an account's statement, and for operators whether the books agree."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.concurrency import run_in_threadpool

from services.contract.exchange.v1.matching_pb2 import StatusReply
from services.gateway.context import Gateway
from services.gateway.errors import responses
from services.gateway.quantities import money_text
from services.gateway.rest.schemas import LARGEST_ID, Told, time_ms, utc
from services.gateway.rest.security import AccountToRead, Operator
from services.ledger.reading import StatementLine

router = APIRouter(prefix="/v1", tags=["statements"])


class Line(Told):
    """One movement of a wallet."""

    entry: int = Field(description="The ledger's number of it; pass the last one as `before` for the next page.")
    time: datetime
    kind: str = Field(examples=["DEPOSIT", "SETTLEMENT", "COMMISSION", "WITHDRAWAL"])
    market: int | None
    amount: str = Field(description="Signed.", examples=["100.00", "-12.50"])
    balance: str = Field(description="The wallet afterwards.", examples=["87.50"])


class Statement(Told):
    """An account's movements, newest first, and its totals. It trails the shard by the projection's lag."""

    account: int
    currency: str
    balance: str
    net_deposits: str = Field(description="Deposits less withdrawals, over the account's life.")
    commission_paid: str
    lines: list[Line]


class Totals(Told):
    """One side's sums."""

    deposited_less_withdrawn: str
    wallets: str
    withdrawing: str = Field(description="Asked to be paid out, and neither paid nor refused yet.")
    in_transit: str = Field(description="To other shards; negative: from them.")
    commission: str
    house: str
    rounding: str = Field(description="What cross-matches and dead heats left.")
    conserved: bool = Field(description="Deposited less withdrawn is all the others together.")


class Books(Told):
    """The shard's sums and the ledger's, side by side."""

    shard: Totals
    ledger: Totals
    trial_balance: dict[str, str] = Field(description="The ledger by kind of account; it sums to zero.")
    ledger_has_caught_up: bool = Field(description="The ledger reflects the last command that the shard applied.")
    agree: bool = Field(
        description="Both conserve money, and they name the same sums. Meant to be read once caught up."
    )


@router.get("/accounts/{account}/statement", summary="An account's statement", responses=responses(401, 403, 422))
def statement(  # noqa: PLR0917  (FastAPI passes every argument by name)
    account: AccountToRead,
    gateway: Gateway,
    since: Annotated[AwareDatetime | None, Query(description="Not before this time.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
    before: Annotated[
        int | None, Query(ge=1, le=LARGEST_ID, description="The last entry of the previous page.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Statement:
    """Every movement of the wallet, as the double-entry ledger has it."""
    lines = gateway.ledger.statement(
        account,
        since_ms=time_ms(since) if since else None,
        until_ms=time_ms(until) if until else None,
        limit=limit,
        before=before,
    )
    summary = gateway.ledger.summary(account)
    return Statement(
        account=account,
        currency=gateway.settings.currency,
        balance=money_text(summary.balance if summary else 0),
        net_deposits=money_text(summary.net_deposits if summary else 0),
        commission_paid=money_text(summary.commission_paid if summary else 0),
        lines=[_line(line) for line in lines],
    )


@router.get("/books", summary="Whether money is conserved", tags=["operators"], responses=responses(401, 403))
async def books(_: Operator, gateway: Gateway) -> Books:
    """For operators: the shard's totals against the ledger's trial balance."""
    position, balances = await run_in_threadpool(_ledger_side, gateway)
    status = await gateway.matching.status()
    shard, ledger = shard_totals(status), ledger_totals(balances)
    return Books(
        shard=shard,
        ledger=ledger,
        trial_balance={kind: money_text(total) for kind, total in balances.items()},
        ledger_has_caught_up=position.get(status.shard) == (status.offset, status.hash),
        agree=shard == ledger and shard.conserved and sum(balances.values()) == 0,
    )


def _ledger_side(gateway: Gateway) -> tuple[dict[int, tuple[int, bytes]], dict[str, int]]:
    return gateway.ledger.position(), gateway.ledger.trial_balance()


def _line(line: StatementLine) -> Line:
    return Line(
        entry=line.entry,
        time=utc(line.time_ms),
        kind=line.kind,
        market=line.market,
        amount=money_text(line.amount),
        balance=money_text(line.balance),
    )


def shard_totals(status: StatusReply) -> Totals:
    """The shard's side."""
    return _totals(
        status.deposited - status.withdrawn,
        wallets=status.wallets,
        withdrawing=status.withdrawing,
        in_transit=status.in_transit,
        commission=status.commission,
        house=status.house,
        rounding=status.rounding,
    )


def ledger_totals(balances: dict[str, int]) -> Totals:
    """The ledger's side. The shard counts a receivable within the house's position; the ledger keeps it apart."""
    return _totals(
        -balances["EXTERNAL"],
        wallets=balances["WALLET"],
        withdrawing=balances["WITHDRAWING"],
        in_transit=balances["IN_TRANSIT"],
        commission=balances["COMMISSION"],
        house=balances["HOUSE"] + balances["RECEIVABLE"],
        rounding=balances["ROUNDING"],
    )


def _totals(external: int, **parts: int) -> Totals:
    told = {name: money_text(amount) for name, amount in parts.items()}
    conserved = external == sum(parts.values())
    return Totals(deposited_less_withdrawn=money_text(external), conserved=conserved, **told)
