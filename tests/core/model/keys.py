"""Keys: the same command again is answered from memory; another under the same key, or one too old, is refused."""

from __future__ import annotations

from services.contract.exchange.v1 import exchange_pb2 as x
from services.contract.keys import time_ms_of
from tests.core.model.state import DAY_MS, RefusalError

WINDOW_MS = 7 * DAY_MS
FUTURE_MS = 300_000


class Keys:
    """The memory of keys, the oldest first; what is given up moves the window of its account."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.kept: dict[tuple[int, bytes], tuple[int, bytes, x.Outcome]] = {}
        """By account and key: when the command was carried out, its payload and its outcome."""
        self.windows: dict[int, int] = {}

    def check_form(self, command: x.Command) -> None:
        key = command.key
        if len(key) != 16:
            raise RefusalError(x.KEY_INVALID, len(key), 16)
        if key[6] >> 4 != 7:
            raise RefusalError(x.KEY_INVALID, key[6] >> 4, 7)
        if key[8] >> 6 != 2:
            raise RefusalError(x.KEY_INVALID, key[8] >> 6, 2)

    def check_not_ahead(self, command: x.Command, now: int) -> None:
        time_ms = time_ms_of(command.key)
        if time_ms > now + FUTURE_MS:
            raise RefusalError(x.KEY_INVALID, time_ms, now + FUTURE_MS)

    def look_up(self, command: x.Command, now: int) -> x.Outcome | None:
        """The outcome of the command that the key was used for, if it was this one."""
        time_ms = time_ms_of(command.key)
        window = max(now - WINDOW_MS, self.windows.get(command.account, 0))
        if time_ms < window:
            raise RefusalError(x.KEY_TOO_OLD, time_ms, window)
        if (command.account, command.key) not in self.kept:
            return None
        _, payload, outcome = self.kept[command.account, command.key]
        if payload != _payload(command):
            raise RefusalError(x.KEY_REUSED)
        return outcome

    def remember(self, command: x.Command, outcome: x.Outcome, now: int) -> None:
        while self.kept:
            account, key = next(iter(self.kept))
            if self.kept[account, key][0] + WINDOW_MS + FUTURE_MS >= now:
                break
            del self.kept[account, key]
        if len(self.kept) == self.most:
            account, key = next(iter(self.kept))
            del self.kept[account, key]
            self.windows[account] = max(self.windows.get(account, 0), time_ms_of(key) + 1)
        self.kept[command.account, command.key] = (now, _payload(command), outcome)


def _payload(command: x.Command) -> bytes:
    body = x.Command()
    body.CopyFrom(command)
    body.ClearField("key")
    return body.SerializeToString(deterministic=True)
