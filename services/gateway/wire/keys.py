"""The key that a request's commands are derived from: fresh, or the one that its customerRef stands for."""

from __future__ import annotations

from datetime import timedelta

from starlette.concurrency import run_in_threadpool

from services.gateway.keyring import new_key
from services.gateway.wire.caller import Caller
from services.gateway.wire.references import Reference, checked, claim


async def base_key(caller: Caller, operation: str, ref: str | None, payload: bytes) -> bytes:
    """The base key. Raises ApiError for a malformed reference, DuplicateReferenceError for one used otherwise."""
    if ref is None:
        return new_key()
    window = timedelta(hours=caller.gateway.settings.customer_ref_hours)
    reference = Reference(caller.account, operation, checked(ref))
    return await run_in_threadpool(claim, caller.gateway.database, reference, payload, window)
