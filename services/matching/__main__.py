"""`python -m services.matching`: run the shard that the environment describes."""

from __future__ import annotations

import asyncio
import sys

from pydantic import ValidationError

from services.matching.process import run_shard
from services.matching.settings import MatchingSettings


def main() -> int:
    """The process's exit status; 2 for an environment that cannot be understood."""
    try:
        settings = MatchingSettings()  # type: ignore[call-arg]  # from the environment
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in fault["loc"]).upper()
            sys.stderr.write(f"{f'VALLETTA_{name}: ' if name else ''}{fault['msg']}\n")
        return 2
    return asyncio.run(run_shard(settings))


if __name__ == "__main__":
    sys.exit(main())
