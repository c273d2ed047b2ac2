"""`python -m sandbox.twin`: serve the AWS account twin, or empty it."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.twin.account.serve import serve

DEFAULT_ACCOUNT = "123456789012"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.twin", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port, which is printed")
    parser.add_argument("--state", type=Path, required=True, help="the folder that keeps the account's journal")
    parser.add_argument("--account", default=DEFAULT_ACCOUNT, help="the account's twelve digits")
    parser.add_argument("--kubernetes", type=Path, metavar="KUBECONFIG", help="the Kubernetes API of its cluster")
    asked = parser.parse_args(arguments)
    if not (len(asked.account) == 12 and asked.account.isdigit()):
        parser.error(f"--account {asked.account}: an AWS account is named by twelve digits")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        serve(asked.host, asked.port, asked.state, asked.account, asked.kubernetes)
    except SandboxError as error:
        sys.stderr.write(f"error: {error}{f' ({error.hint})' if error.hint else ''}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
