"""Hands that share the work of a collection: whoever waits for work helps with it, so that nobody waits for ever."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TypeVar

_T = TypeVar("_T")
_U = TypeVar("_U")


class Crew:
    """A `policies.account.Crew` of threads. Work may be shared from within shared work, to any depth.

    Args:
        hands: how many threads there are beside whoever shares.
    """

    def __init__(self, hands: int) -> None:
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="evidence")

    def map(self, function: Callable[[_T], _U], items: Iterable[_T]) -> Iterator[_U]:
        """`function` of each item, in the order of the items; what an item or its turn raises is raised at its place.

        The items are taken by the caller alone, who then works on what nobody else has begun.
        """
        waiting: deque[tuple[_T, Future[_U]]] = deque()
        begun: list[Future[_U]] = []
        broken: Exception | None = None
        try:
            for item in items:
                turn: Future[_U] = Future()
                begun.append(turn)
                waiting.append((item, turn))
                self._pool.submit(_work, waiting, function)
        except Exception as error:
            broken = error
        while waiting:
            _work(waiting, function)
        for turn in begun:
            yield turn.result()
        if broken is not None:
            raise broken

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown(cancel_futures=True)


def _work(waiting: deque[tuple[_T, Future[_U]]], function: Callable[[_T], _U]) -> None:
    """Take one item, if one is left, and settle its turn."""
    try:
        item, turn = waiting.popleft()
    except IndexError:
        return
    try:
        turn.set_result(function(item))
    except BaseException as error:
        turn.set_exception(error)
