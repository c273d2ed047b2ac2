"""Plays the examples of docs/exchange-rules.md: a small language of lines, each done or checked by the core."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.ladder import tick_of
from services.contract.money import parts_of
from tests.core.pair import Driver

PAGE: Final = Path(__file__).parents[2] / "docs" / "exchange-rules.md"
PLAYERS: Final = {"Anna": 1, "Bert": 2, "Carl": 3}
UNITS: Final = {"second": 1_000, "hour": 3_600_000, "day": 86_400_000}
KINDS: Final = {"deposits": x.LIMIT_DEPOSIT, "losses": x.LIMIT_LOSS, "stakes": x.LIMIT_STAKE}
WINDOWS: Final = {"day": x.LIMIT_DAY, "week": x.LIMIT_WEEK, "month": x.LIMIT_MONTH}

TERMS: Final[dict[str, Callable[[str], x.OpenMarket]]] = {
    r"(\d+) % commission": lambda rate: x.OpenMarket(commission_bp=int(rate) * 100),
    r"(\d+) winners": lambda winners: x.OpenMarket(winners=int(winners)),
    r"own orders (refused)": lambda _: x.OpenMarket(self_match=x.SELF_MATCH_REJECT),
    r"own orders (allowed)": lambda _: x.OpenMarket(self_match=x.SELF_MATCH_ALLOW),
    r"(\d+) seconds delay for takers": lambda s: x.OpenMarket(in_play_delay_ms=int(s) * 1_000, passive_delay=True),
    r"(\d+) seconds delay": lambda s: x.OpenMarket(in_play_delay_ms=int(s) * 1_000),
    r"a (starting price)": lambda _: x.OpenMarket(starting_price=True),
    r"(cross-matching)": lambda _: x.OpenMarket(cross_matching=True),
    r"(win) reductions": lambda _: x.OpenMarket(reduction=x.REDUCTION_WIN),
    r"(place) reductions": lambda _: x.OpenMarket(reduction=x.REDUCTION_PLACE),
}


def examples() -> Iterator[tuple[int, list[str]]]:
    """The line that each example begins in, and its lines."""
    lines = PAGE.read_text().splitlines()
    begins = [number for number, line in enumerate(lines, 1) if line == "```example"]
    for begin in begins:
        end = lines.index("```", begin)
        yield begin, lines[begin:end]


def money(text: str) -> int:
    return parts_of(Decimal(text))


def amount(parts: int) -> str:
    return f"{Decimal(parts) / 10_000:.2f}"


class Rulebook:
    """One example: three players with 100.00, and a market that is opened with its first line."""

    def __init__(self) -> None:
        self.driver = Driver()
        self.driver.send(0, x.Command(activate_rules=x.ActivateRules(version=2)))
        for _ in PLAYERS:
            self.driver.open_account(money("100"))
        self.owners: dict[int, int] = {}
        self.is_line = self.is_open = False

    def play(self, lines: list[str]) -> None:
        """Does every line, and compares what comes after `=>`; without it, a command has to be accepted."""
        for line in lines:
            done, _, expected = line.partition(" => ")
            if not self.is_open:
                self._open(done)
                if done.startswith("market"):
                    continue
            answer = self._line(done)
            assert answer == expected if expected else not answer.startswith("refused"), f"{line}: {answer}"

    def _open(self, line: str) -> None:
        runners = re.search(r"of (\d+) runners", line)
        positions = re.search(r"line of (\d+) positions", line)
        terms = x.OpenMarket()
        if line.startswith("market"):
            for pattern, make in TERMS.items():
                if (found := re.search(pattern, line)) and not (pattern.endswith("delay") and "takers" in line):
                    terms.MergeFrom(make(found[1]))
        if positions:
            self.is_line = True
            terms.MergeFrom(x.OpenMarket(ladder=x.LADDER_LINE_RANGE, positions=int(positions[1])))
        count = 1 if positions else int(runners[1]) if runners else 3
        self.driver.open_market(runners=count, commission_bp=0, more=terms)
        self.is_open = True

    # ------------------------------------------------------------ lines

    def _line(self, line: str) -> str:
        for pattern, act in self._lines().items():
            if found := re.fullmatch(pattern, line):
                return act(*found.groups())
        raise AssertionError(f"nobody understands: {line}")

    def _lines(self) -> dict[str, Callable[..., str]]:
        who = f"({'|'.join(PLAYERS)})"
        send = self._send
        return {
            rf"{who} (backs|lays) (\d+) (?:at (?:position )?([\d.]+) )?for ([\d.]+)(.*)": self._place,
            rf"{who} has ([\d.]+) on the book": self._check_on_book,
            rf"{who} has (\d+) % off (?:her|his) commission": lambda name, rate: send(
                0, set_discount=x.SetDiscount(account=PLAYERS[name], discount_bp=int(rate) * 100)
            ),
            rf"{who} has ([\d.]+)": lambda name, sum_: self._check(name, "balance", sum_),
            rf"{who} holds ([\d.]+)": lambda name, sum_: self._check(name, "held", sum_),
            rf"{who} owes ([\d.]+)": lambda name, sum_: self._check(name, "receivable", sum_),
            r"the house has ([\d.]+)": self._check_house,
            r"the starting price of (\d+) is ([\d.]+) for ([\d.]+)": self._check_start,
            **self._changes(who),
            **self._endings(),
            **self._protection(who),
        }

    def _changes(self, who: str) -> dict[str, Callable[..., str]]:
        send = self._send
        suspend = {
            r"(suspend|take up)": (1, lambda *_: 0),
            r"(suspend|take up) runner (\d+)": (1, lambda *rest: int(rest[0])),
            r"(suspend|take up) everything": (0, lambda *_: 0),
        }
        return {
            r"cancel (?:([\d.]+) of )?order (\d+)": self._cancel,
            r"move order (\d+) to ([\d.]+)": self._move,
            rf"{who} cancels all of strategy (\d+)": lambda name, strategy: self._cancel_all(name, int(strategy)),
            rf"{who} says that it is there for (\d+) seconds": lambda name, seconds: send(
                PLAYERS[name], heartbeat=x.Heartbeat(timeout_ms=int(seconds) * 1_000)
            ),
            r"(\d+) (second|hour|day)s? pass(?:es)?": self._pass,
            r"turn in play": lambda: send(0, turn_in_play=x.TurnInPlay(market=1)),
            **{
                pattern: lambda word, *rest, market=market, runner=runner: send(
                    0,
                    set_suspension=x.SetSuspension(market=market, suspended=word == "suspend", runner=runner(*rest)),
                )
                for pattern, (market, runner) in suspend.items()
            },
        }

    def _endings(self) -> dict[str, Callable[..., str]]:
        send = self._send

        def settle(*runners: str) -> str:
            return send(0, settle_market=x.SettleMarket(market=1, winners=map(int, runners), source="judge"))

        return {
            r"settle (\d+)": settle,
            r"settle with (\d+) positions reached": lambda reached: send(
                0, settle_market=x.SettleMarket(market=1, line_result=int(reached), source="judge")
            ),
            r"settle again (\d+)": lambda winner: send(
                0, resettle_market=x.ResettleMarket(market=1, winners=[int(winner)], source="the judge, again")
            ),
            r"dead heat of (\d+) and (\d+)": lambda *tied: send(
                0, settle_market=x.SettleMarket(market=1, dead_heat=map(int, tied), source="judge")
            ),
            r"void (\d+)": lambda runner: send(0, void_runner=x.VoidRunner(market=1, runner=int(runner))),
            r"remove (\d+) at (\d+) %": lambda runner, factor: send(
                0, remove_runner=x.RemoveRunner(market=1, runner=int(runner), factor_bp=int(factor) * 100)
            ),
            r"void trade (\d+)": lambda trade: send(0, void_bet=x.VoidBet(market=1, trade=int(trade), reason="error")),
        }

    def _protection(self, who: str) -> dict[str, Callable[..., str]]:
        send = self._send
        return {
            rf"{who} deposits ([\d.]+)": lambda name, sum_: send(PLAYERS[name], deposit=x.Deposit(amount=money(sum_))),
            rf"{who} withdraws ([\d.]+)": lambda name, sum_: send(
                PLAYERS[name], withdraw=x.Withdraw(amount=money(sum_))
            ),
            rf"{who} limits (\w+) to (\d+) a (\w+)": lambda name, kind, sum_, window: send(
                PLAYERS[name], set_limit=x.SetLimit(kind=KINDS[kind], window=WINDOWS[window], amount=money(sum_))
            ),
            rf"{who} takes a time-out of (\d+) days?": lambda name, days: send(
                PLAYERS[name], take_time_out=x.TakeTimeOut(duration_ms=int(days) * UNITS["day"])
            ),
            rf"{who} excludes (?:her|him)self for (\d+) days": lambda name, days: send(
                PLAYERS[name], self_exclude=x.SelfExclude(duration_ms=int(days) * UNITS["day"])
            ),
            rf"{who} asks to be let in again": lambda name: send(PLAYERS[name], lift_exclusion=x.LiftExclusion()),
        }

    # ------------------------------------------------------------ what is done

    def _send(self, account: int, **body: object) -> str:
        outcome = self.driver.send(account, x.Command(**body))  # type: ignore[arg-type]
        return "" if outcome.code == x.OK else f"refused {x.Code.Name(outcome.code)}"

    def _place(self, *words: str) -> str:
        name, verb, runner, price, size, rest = words
        order = x.PlaceOrder(market=1, runner=int(runner), size=money(size))
        order.side = x.SIDE_BACK if verb == "backs" else x.SIDE_LAY
        limit = re.search(r"at ([\d.]+) or better", rest)
        order.price = _tick(limit[1]) if limit else self._position(price) if price else 0
        if "starting price" in rest:
            order.type = x.ORDER_TYPE_LIMIT_ON_CLOSE if limit else x.ORDER_TYPE_MARKET_ON_CLOSE
        for word, persistence in x.Persistence.items():
            if word.removeprefix("PERSISTENCE_") in rest:
                order.persistence = persistence
        if "fill or kill" in rest:
            least = re.search(r"at least (\d+)", rest)
            order.time_in_force = x.TIME_IN_FORCE_FILL_OR_KILL
            order.min_fill = money(least[1]) if least else 0
        if "immediate or cancel" in rest:
            order.time_in_force = x.TIME_IN_FORCE_IMMEDIATE_OR_CANCEL
        if strategy := re.search(r"strategy (\d+)", rest):
            order.strategy = int(strategy[1])
        if version := re.search(r"version (\d+)", rest):
            order.market_version = int(version[1])
        refused = self._send(PLAYERS[name], place_order=order)
        if refused:
            return refused
        self.owners[self.driver.outcome.id] = PLAYERS[name]
        return self._told()

    def _position(self, price: str) -> int:
        return int(price) if self.is_line else _tick(price)

    def _told(self) -> str:
        """What an order came to, in words."""
        accepted = [event.order_accepted for event in self.driver.events if event.HasField("order_accepted")]
        if accepted and accepted[0].release_ms:
            return "held"
        outcome = self.driver.outcome
        parts = []
        if outcome.matched:
            average = Decimal(outcome.matched_payout) / outcome.matched
            parts.append(f"{amount(outcome.matched)} matched at {average:.2f}")
        if outcome.cancelled:
            parts.append(f"{amount(outcome.cancelled)} cancelled")
        if outcome.remaining:
            parts.append(f"{amount(outcome.remaining)} rests")
        return ", ".join(parts)

    def _cancel(self, size: str | None, order: str) -> str:
        reduction = money(size) if size else 0
        body = x.CancelOrder(market=1, order=int(order), reduction=reduction)
        return self._send(self.owners[int(order)], cancel_order=body) or self._told()

    def _move(self, order: str, price: str) -> str:
        body = x.ReplaceOrder(market=1, order=int(order), price=_tick(price))
        return self._send(self.owners[int(order)], replace_order=body) or self._told()

    def _cancel_all(self, name: str, strategy: int) -> str:
        refused = self._send(PLAYERS[name], cancel_all=x.CancelAll(strategy=strategy))
        return refused or f"{self.driver.outcome.id} cancelled"

    def _pass(self, count: str, unit: str) -> str:
        self.driver.now += int(count) * UNITS[unit]
        return self._send(0, tick=x.Tick())

    # ------------------------------------------------------------ what is looked at

    def _check(self, name: str, part: str, expected: str) -> str:
        found = getattr(self.driver.account(PLAYERS[name]), part)
        assert found == money(expected), f"{name}'s {part} is {amount(found)}"
        return ""

    def _check_on_book(self, name: str, expected: str) -> str:
        left = sum(order.remaining for order in self.driver.orders(PLAYERS[name]) if not order.release_ms)
        assert left == money(expected), f"{name} has {amount(left)} on the book"
        return ""

    def _check_house(self, expected: str) -> str:
        totals = self.driver.core.totals()
        assert amount(totals["house"] + totals["rounding"]) == expected
        return ""

    def _check_start(self, runner: str, price: str, size: str) -> str:
        image = self.driver.market().runners[int(runner) - 1]
        assert (image.starting_price, image.starting_size) == (_tick(price), money(size)), image
        return ""


def _tick(price: str) -> int:
    return tick_of(Decimal(price))
