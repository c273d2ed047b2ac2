"""`python -m tests.matching.crashing MOMENT NTH`: the real shard, which kills itself (SIGKILL) at that moment.

MOMENT is a method of the Observer: acknowledged (in the log, not applied), applied (not answered, not published) or
published.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

from services.matching.observer import NoObserver
from services.matching.process import run_shard
from services.matching.settings import MatchingSettings


class KillAt(NoObserver):
    """Ends the process, as a power cut would, the nth time that the moment passes."""

    def __init__(self, moment: str, nth: int) -> None:
        self._moment = moment
        self._left = nth

    def acknowledged(self, offset: int, commands: int, seconds: float) -> None:
        self._pass("acknowledged")

    def applied(self, offset: int, seconds: float) -> None:
        self._pass("applied")

    def published(self, offset: int, records: int) -> None:
        self._pass("published")

    def _pass(self, moment: str) -> None:
        self._left -= moment == self._moment
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    settings = MatchingSettings()  # type: ignore[call-arg]  # from the environment
    sys.exit(asyncio.run(run_shard(settings, KillAt(sys.argv[1], int(sys.argv[2])))))
