"""Everything that can be set about a gateway, from VALLETTA_* environment variables, checked before it starts."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _host_and_port(address: str) -> str:
    host, separator, port = address.rpartition(":")
    if not (separator and host and port.isdecimal() and 0 <= int(port) <= 65_535):
        raise ValueError(f"{address!r} is not host:port; write it like 127.0.0.1:8080")
    return address


Address = Annotated[str, AfterValidator(_host_and_port)]


class MigrationSettings(BaseSettings):
    """What a migration needs. Unknown variables are other services' business and are let be."""

    model_config = SettingsConfigDict(env_prefix="VALLETTA_", extra="ignore", frozen=True)

    database_url: str
    database_secret: str = ""


class GatewaySettings(MigrationSettings):
    """How this gateway is wired."""

    http_address: Address = "127.0.0.1:8080"
    metrics_address: Address = "127.0.0.1:8081"
    matching_address: Address
    operator_secret: str
    """Path of a file, or ARN of a secret, that holds the first operator's password."""
    operator_name: str = "operator"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"

    matching_deadline_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    """How long a command is tried, with the same key, before its outcome is declared unknown."""
    request_timeout_s: Annotated[float, Field(gt=0, le=120)] = 15.0
    """The most that one request may take, whatever it waits for; longer than the deadline above."""
    drain_s: Annotated[float, Field(ge=0, le=300)] = 0.0
    """How long new requests are still taken once the gateway has been asked to stop and says that it is not ready."""
    shutdown_timeout_s: Annotated[int, Field(ge=0, le=120)] = 20
    """How long requests in flight may take after that."""
    body_limit_bytes: Annotated[int, Field(ge=1_024)] = 256 * 1_024
    concurrency_limit: Annotated[int, Field(ge=1)] = 1_000
    """Connections and requests in progress beyond this are answered 503 at once."""
    session_hours: Annotated[float, Field(gt=0, le=24)] = 12.0
    customer_ref_hours: Annotated[float, Field(gt=0)] = 24.0
    """How long a customerRef of the wire format names the same request."""


def split(address: str) -> tuple[str, int]:
    """Host and port of an address that the settings accepted."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)
