"""`valletta account`: the way into the account twin and its cluster, for tools that are not ours."""

from __future__ import annotations

import json
import shlex
import sys
from typing import Annotated

import typer


def account(
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Print the environment by which AWS's tools, boto3 and kubectl reach the twin: eval "$(valletta account)".

    The twin asks for no credentials; those it prints open nothing anywhere else.
    """
    from sandbox.state import load_state  # noqa: PLC0415 (only now is its import worth its time)
    from valletta.commands.evidence.targets import DEFAULT_REGION  # noqa: PLC0415 (as above)

    state = load_state()
    environment = {
        "AWS_ENDPOINT_URL": state.account_endpoint,
        "AWS_ACCESS_KEY_ID": "valletta",
        "AWS_SECRET_ACCESS_KEY": "valletta",
        "AWS_DEFAULT_REGION": DEFAULT_REGION,
    }
    if state.kubeconfig is not None:
        environment["KUBECONFIG"] = str(state.kubeconfig)
    if as_json:
        sys.stdout.write(json.dumps(environment, indent=2) + "\n")
    else:
        sys.stdout.writelines(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
