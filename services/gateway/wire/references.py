"""customerRefs: a client's own name for a request, kept with the key that it led to; a retry gets the same answer."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Engine, and_, delete, select
from sqlalchemy.dialects.postgresql import insert

from services.gateway.keyring import new_key
from services.gateway.tables import customer_refs
from services.gateway.wire.faults import invalid_input

_REF: Final = re.compile(r"[A-Za-z0-9\-._+*:;~]{1,32}", re.ASCII)


class DuplicateReferenceError(Exception):
    """The reference was used for another request a while ago."""


def checked(ref: str) -> str:
    """The reference itself. Raises ApiError for one that the format does not allow."""
    if not _REF.fullmatch(ref):
        raise invalid_input(f"customerRef {ref[:40]!r} is not 1 to 32 of A-Z a-z 0-9 - . _ + * : ; ~")
    return ref


@dataclass(frozen=True, slots=True)
class Reference:
    """A client's name for one request: unique to the account and the operation."""

    account: int
    operation: str
    ref: str


def claim(database: Engine, reference: Reference, payload: bytes, window: timedelta) -> bytes:
    """The key for this reference: a new one at its first use, the same one again for the same payload.

    It is committed before anything is submitted, so a retry after any failure finds it. Blocking.

    Raises:
        DuplicateReferenceError: the reference was used for another payload within the window.
    """
    now, digest = datetime.now(UTC), hashlib.sha256(payload).digest()
    table = customer_refs.c
    row = {**asdict(reference), "key": new_key(), "payload_hash": digest, "created_at": now}
    mine = and_(*(table[name] == value for name, value in asdict(reference).items()))
    with database.begin() as connection:
        connection.execute(
            delete(customer_refs).where(table.account == reference.account, table.created_at < now - window)
        )
        connection.execute(insert(customer_refs).values(**row).on_conflict_do_nothing())
        kept = connection.execute(select(table.key, table.payload_hash).where(mine)).one()
    if bytes(kept.payload_hash) != digest:
        raise DuplicateReferenceError
    return bytes(kept.key)
