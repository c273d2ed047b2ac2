"""One bettor's bot: betfairlightweight as it comes from the registry, told only where the exchange is."""

from __future__ import annotations

from typing import Any

from betfairlightweight import APIClient, filters
from betfairlightweight.exceptions import BetfairError

from valletta.demonstration.rest import ExchangeError


class Bot:
    """A bettor's program, logged in."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self._client = APIClient(username, password, app_key="valletta-demo")
        self._client.identity_uri = f"{url}/api/"
        self._client.api_uri = f"{url}/exchange/"
        try:
            self._client.login_interactive()
        except BetfairError as error:
            raise ExchangeError(f"betfairlightweight could not log {username} in: {error}") from error

    def catalogue(self, market_id: str) -> Any | None:  # noqa: ANN401  (the library's own resource)
        """The market's entry in the catalogue, once it is there."""
        projection = ["EVENT", "EVENT_TYPE", "MARKET_START_TIME", "RUNNER_DESCRIPTION"]
        chosen = filters.market_filter(market_ids=[market_id])
        found = self._client.betting.list_market_catalogue(chosen, market_projection=projection)
        return found[0] if found else None

    def place(self, market_id: str, runner: int, side: str, price: float, size: float) -> Any:  # noqa: ANN401
        """Places a limit order; the report of its one instruction. Raises ExchangeError when it is refused."""
        limit = filters.limit_order(price=price, size=size, persistence_type="LAPSE")
        order = filters.place_instruction("LIMIT", runner, side, limit_order=limit)
        report = self._client.betting.place_orders(market_id, [order])
        if report.status != "SUCCESS":
            raise ExchangeError(f"placeOrders was refused: {report.error_code}")
        return report.place_instruction_reports[0]

    def unmatched(self, market_id: str) -> float:
        """How much of this bettor's stake in the market still rests on the book."""
        orders = self._client.betting.list_current_orders(market_ids=[market_id]).orders
        return float(sum(order.size_remaining for order in orders))

    def best_offer(self, market_id: str, runner: int) -> tuple[float, float]:
        """The best price and size that a layer could take on a runner; 0 and 0 when nothing is offered."""
        projection = filters.price_projection(filters.price_data(ex_best_offers=True))
        [book] = self._client.betting.list_market_book([market_id], price_projection=projection)
        [offers] = [each.ex.available_to_lay for each in book.runners if each.selection_id == runner]
        return (offers[0].price, offers[0].size) if offers else (0.0, 0.0)

    def exposure(self) -> float:
        """What is held for open bets, as a positive amount."""
        return -float(self._client.account.get_account_funds().exposure)

    def log_out(self) -> None:
        """Ends the session."""
        self._client.logout()
