"""The provider functions that the twin answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.twin.errors import UnknownTypeError


def invoke(token: str, args: Mapping[str, Any], *, region: str, account: str) -> dict[str, Any]:
    """The answer to the function `token`.

    :raises UnknownTypeError: it is not one of those below.
    """
    answer = _FUNCTIONS.get(token)
    if answer is None:
        known = ", ".join(sorted(_FUNCTIONS))
        raise UnknownTypeError(
            f"the twin does not know the function {token!r}; it knows {known} (sandbox/twin/functions.py)"
        )
    return answer(args, region, account)


def _caller(_args: Mapping[str, Any], _region: str, account: str) -> dict[str, Any]:
    return {"accountId": account, "arn": f"arn:aws:iam::{account}:root", "userId": account, "id": account}


def _region(args: Mapping[str, Any], region: str, _account: str) -> dict[str, Any]:
    name = args.get("region") or region
    return {"name": name, "region": name, "id": name, "endpoint": f"ec2.{name}.amazonaws.com", "description": name}


def _partition(_args: Mapping[str, Any], _region: str, _account: str) -> dict[str, Any]:
    return {"partition": "aws", "dnsSuffix": "amazonaws.com", "reverseDnsPrefix": "com.amazonaws", "id": "aws"}


_FUNCTIONS: dict[str, Callable[[Mapping[str, Any], str, str], dict[str, Any]]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
}
