"""The demonstration itself, step by step. It assumes nothing: it brings its own people, market and money."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from pydantic import BaseModel

from valletta.demonstration.betting import Bot
from valletta.demonstration.rest import ExchangeError, Rest

_DEPOSIT: Final = "100.00"
_PRICE: Final = 3.0
_STAKE: Final = 10.0
_FIRST_LAY: Final = 4.0
_RUNNERS: Final = {1: "Valletta", 2: "Sliema Wanderers", 3: "The draw"}
_WINNER: Final = 1
_PATIENCE_S: Final = 30.0

Tell = Callable[[str], None]
"""Takes one step of the story at a time, in rich's markup."""


class Person(BaseModel):
    """A bettor, and what the evening came to."""

    name: str
    username: str
    account: int
    statement: dict[str, Any]


class Report(BaseModel):
    """What happened, and whether the books agree."""

    market: int
    people: list[Person]
    books: dict[str, Any]
    conserved: bool
    seconds: float


@dataclass
class _Player:
    name: str
    username: str
    account: int
    rest: Rest
    bot: Bot


def perform(url: str, operator: str, operator_password: str, tell: Tell) -> Report:
    """Plays the story on the exchange at `url`, telling each step as it happens.

    Raises:
        ExchangeError: the exchange refused a step, or does not answer.
    """
    began = time.monotonic()
    with ExitStack() as open_connections:
        staff = open_connections.enter_context(Rest(url))
        staff.log_in(operator, operator_password)
        anna, ben = (_arrive(url, name, staff, open_connections) for name in ("Anna", "Ben"))
        tell(
            f"[b]Anna[/] and [b]Ben[/] signed up (accounts {anna.account} and {ben.account}), an operator verified "
            f"them, and each paid in {_DEPOSIT}."
        )
        market = _open_market(staff, anna, tell)
        _bet(anna, ben, market, tell)
        source = "valletta demo: the result is made up"
        staff.command(f"/v1/markets/{market}/settlement", {"winners": [_WINNER], "source": source})
        tell(
            f"{_RUNNERS[_WINNER]} won. The operator [b]settled[/] the market: Ben pays, Anna wins, and the exchange "
            "takes 5 % of what she won."
        )
        home = [(player, _withdraw_everything(player)) for player in (anna, ben)]
        tell(" ".join(f"[b]{player.name}[/] took {paid} home." for player, paid in home))
        for player in (anna, ben):
            player.bot.log_out()
        books = _agreed_books(staff)
        people = [_person(player) for player in (anna, ben)]
    conserved = bool(books["agree"])
    return Report(market=market, people=people, books=books, conserved=conserved, seconds=time.monotonic() - began)


def _arrive(url: str, name: str, staff: Rest, open_connections: ExitStack) -> _Player:
    """Signs somebody up, has them verified, and lets them pay in; their bot is logged in afterwards."""
    username, password = f"{name.lower()}-{secrets.token_hex(4)}", secrets.token_urlsafe(18)
    rest = open_connections.enter_context(Rest(url))
    account = int(rest.command("/v1/accounts", {"username": username, "password": password})["account"])
    rest.log_in(username, password)
    staff.command(f"/v1/accounts/{account}/verification")
    rest.command(f"/v1/accounts/{account}/deposits", {"amount": _DEPOSIT})
    return _Player(name, username, account, rest, Bot(url, username, password))


def _open_market(staff: Rest, reader: _Player, tell: Tell) -> int:
    """Opens a market and waits until the catalogue, which trails the shard by a moment, has it."""
    terms = {
        "name": "Match odds",
        "event": f"{_RUNNERS[1]} v {_RUNNERS[2]}",
        "event_type": "Football",
        "start_time": (datetime.now(UTC) + timedelta(hours=2)).isoformat(),
        "runners": [{"id": number, "name": name} for number, name in _RUNNERS.items()],
    }
    market = int(staff.command("/v1/markets", terms)["market"])
    entry = _eventually(lambda: reader.bot.catalogue(f"1.{market}"), f"market {market} is not in the catalogue")
    runners = ", ".join(runner.runner_name for runner in entry.runners)
    tell(
        f"The operator opened [b]market {market}[/], {entry.event.name}: {runners}. Both bots, betfairlightweight "
        "unchanged but for its host, found it in the catalogue."
    )
    return market


def _bet(anna: _Player, ben: _Player, market: int, tell: Tell) -> None:
    """Anna backs; Ben lays what she offers, in pieces, until nothing of her order is left."""
    market_id = f"1.{market}"
    placed = anna.bot.place(market_id, _WINNER, "BACK", _PRICE, _STAKE)
    tell(
        f"[b]Anna backs[/] {_RUNNERS[_WINNER]} to win: {_STAKE:.2f} at {_PRICE:.2f} (bet {placed.bet_id}). Nobody has "
        f"taken the other side, so it rests on the book; {anna.bot.exposure():.2f} of her money is held for it."
    )
    price, size = ben.bot.best_offer(market_id, _WINNER)
    lay = _FIRST_LAY
    while (resting := anna.bot.unmatched(market_id)) > 0:
        taken = ben.bot.place(market_id, _WINNER, "LAY", _PRICE, min(lay, resting))
        tell(f"[b]Ben lays[/] {taken.size_matched:.2f} of the {resting:.2f} on offer at {price:.2f}.")
        lay = size
    tell(f"All of it is matched; {ben.bot.exposure():.2f} of Ben's money is held, the most that he can lose.")


def _withdraw_everything(player: _Player) -> str:
    available = str(player.rest.read(f"/v1/accounts/{player.account}/funds")["available"])
    player.rest.command(f"/v1/accounts/{player.account}/withdrawals", {"amount": available})
    return available


def _agreed_books(staff: Rest) -> dict[str, Any]:
    """The shard's totals and the ledger's, read when the ledger has caught up; as they are, if it never does."""
    books: dict[str, Any] = {}
    give_up = time.monotonic() + _PATIENCE_S
    while not (books.get("ledger_has_caught_up") and books.get("agree")) and time.monotonic() < give_up:
        time.sleep(0.1 if books else 0)
        books = staff.read("/v1/books")
    return books


def _person(player: _Player) -> Person:
    """The statement, once the ledger has the last movement: the withdrawal that emptied the wallet."""
    path = f"/v1/accounts/{player.account}/statement"

    def complete() -> dict[str, Any] | None:
        statement: dict[str, Any] = player.rest.read(path)
        empty = bool(statement["lines"]) and Decimal(statement["lines"][0]["balance"]) == 0
        return statement if empty else None

    statement = _eventually(complete, f"the ledger does not reflect the withdrawal of account {player.account}")
    return Person(name=player.name, username=player.username, account=player.account, statement=statement)


def _eventually(found: Callable[[], Any | None], otherwise: str) -> Any:  # noqa: ANN401  (whatever was looked for)
    """What `found` gives once it gives something. Raises ExchangeError with `otherwise` when it takes too long."""
    give_up = time.monotonic() + _PATIENCE_S
    while (value := found()) is None:
        if time.monotonic() > give_up:
            raise ExchangeError(f"{otherwise} after {_PATIENCE_S:.0f} s", hint="see what is not well: valletta status")
        time.sleep(0.1)
    return value
