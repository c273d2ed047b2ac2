"""Is it the customer's own key? In a plan by what the property refers to, in an account by asking KMS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from policies.account import Account
from policies.cloud import tokens
from policies.resources import Resource, Stack, UnknownValueError


def plans_own_key(resource: Resource, stack: Stack, path: str) -> bool:
    """Does the property at `path` name a key that the customer owns? See `names_own_key`."""
    return names_own_key(resource, stack, path.partition(".")[0], lambda: resource.get(path))


def names_own_key(resource: Resource, stack: Stack, name: str, value: Callable[[], Any]) -> bool:
    """Does `value`, which stands in the property `name`, name a key that the customer owns?

    Before the deployment the key's ARN may not be known; that the property refers to a key of this stack is enough.

    Raises:
        UnknownValueError: the value is not known, and the property refers to no key of this stack.
    """
    try:
        key = value()
    except UnknownValueError:
        if stack.refers_to(resource, name, tokens.KEY, tokens.KEY_ALIAS):
            return True
        raise
    return isinstance(key, str) and bool(key) and "alias/aws/" not in key


def is_own_key(account: Account, key: str | None) -> bool:
    """Is this an enabled key that the customer manages, and not one of AWS's?"""
    if not key or "alias/aws/" in key:
        return False
    region = key.split(":")[3] if key.startswith("arn:") else account.region  # a copy's bucket has a key of its region
    metadata = account.ask("kms", "describe_key", in_region=region, KeyId=key)["KeyMetadata"]
    return bool(metadata.get("KeyManager") == "CUSTOMER" and metadata.get("Enabled"))
