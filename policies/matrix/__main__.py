"""Writes the control matrix for auditors: `python -m policies.matrix --write`.

Without `--write` it says whether the page in docs/compliance is the one that the controls give now, and ends with 1
if not.
"""

from __future__ import annotations

import argparse
import sys

from policies.matrix.page import PAGE, page


def main(arguments: list[str] | None = None) -> int:
    """Write the page, or say whether it is the present one."""
    parser = argparse.ArgumentParser(prog="python -m policies.matrix", description="The control matrix for auditors.")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    if parser.parse_args(arguments).write:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
        sys.stderr.write(f"{PAGE.name} is stale: run python -m policies.matrix --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
