"""The lease that a node's settings name."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.matching.lease.api_server import api_server_store
from services.matching.lease.elector import Elector, Timing
from services.matching.lease.lease import Lease, NoLease
from services.matching.settings import MatchingSettings


@asynccontextmanager
async def open_lease(settings: MatchingSettings) -> AsyncIterator[Lease]:
    """The lease of the settings' shard, ready to be sought.

    Raises:
        CredentialsError: the credentials for the API server are not where the settings say.
    """
    if settings.lease == "none":
        yield NoLease()
        return
    timing = Timing(settings.lease_duration_s, settings.lease_renew_s, settings.lease_retry_s)
    # A restarted process must not take itself for the one before it, which may still be dying.
    identity = f"{settings.node}_{secrets.token_hex(4)}"
    server, credentials = settings.api_server, settings.lease_credentials
    async with api_server_store(server, credentials, settings.lease_namespace, f"matching-{settings.shard}") as store:
        yield Elector(store, identity, timing)
