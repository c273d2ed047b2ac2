"""Verifies exchange-core's jars, or remakes their lock."""

from __future__ import annotations

import sys

from bench.exchange_core import EXCHANGE_CORE
from sandbox.runtime.jars import locked_jars, relock

if sys.argv[1:] == ["--relock"]:
    print(f"{EXCHANGE_CORE.lock.name}: {len(relock(EXCHANGE_CORE))} jars")
elif not sys.argv[1:]:
    jars = locked_jars(EXCHANGE_CORE)
    print(f"{len(jars)} jars verified in {jars[0].parent}")
else:
    sys.exit("usage: python -m bench.exchange_core [--relock]")
