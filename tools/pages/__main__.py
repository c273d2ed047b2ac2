"""The pages that are drawn from production's plan: `python -m tools.pages --write`.

Without `--write` it says which of them are not what the plan gives now, and ends with 1 if any is.
"""

from __future__ import annotations

import argparse
import sys

from sandbox.plan.record import record_plan
from tools.pages.documents import STACK, documents


def main() -> int:
    """Compare the pages, or write them; 0 when they agree or were written, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tools.pages", description="Pages drawn from production's plan.")
    parser.add_argument("--write", action="store_true", help="write them anew")
    write, stale = parser.parse_args().write, 0
    for file, text in documents(record_plan(STACK)).items():
        if write:
            file.write_text(text)
        elif not file.exists() or file.read_text() != text:
            sys.stdout.write(f"{file.name} is stale: python -m tools.pages --write\n")
            stale = 1
    return stale


if __name__ == "__main__":
    raise SystemExit(main())
