"""The settings of the edge: the name under which the exchange is found, and who may call it how often."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field, StringConstraints

from infra.settings.base import Defaults, Environment, Layer
from infra.settings.detection import DetectionSettings

DNS_REGION: Final = "us-east-1"
"""Route 53's only home: it takes a signing key and a log group for its queries there, and nowhere else."""

_LABEL: Final = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_DOMAIN: Final = re.compile(rf"^(?=.{{4,253}}$)({_LABEL}\.)+[a-z]{{2,63}}$")


def _domain(value: object) -> object:
    """A name of DNS in small letters, without a wildcard and without a dot at its end."""
    if not _DOMAIN.match(str(value)):
        raise ValueError("a domain in small letters is wanted, such as staging.exchange.example")
    return value


def _country(value: object) -> object:
    if not re.match(r"^[A-Z]{2}$", str(value)):
        raise ValueError("a country is named by its two letters, such as MT (ISO 3166-1)")
    return value


ZoneId = Annotated[str, StringConstraints(pattern=r"^Z[A-Z0-9]{1,31}$")]


class EdgeSettings(DetectionSettings):
    """The way in from the Internet. Without a domain there is none: the exchange is reached from its network only."""

    concerns: ClassVar[Layer] = Layer.FOUNDATION
    in_a_copy: ClassVar[Mapping[str, Any]] = {"dns_query_logs": False, "dns_signing": False}
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "domain": "exchange.example",
            "dns_query_logs": True,
            "edge_countries": ("IE", "MT"),
        }
    }

    domain: Annotated[str, BeforeValidator(_domain)] | None = None
    # The zone of the account that delegates the domain. Where the parent is elsewhere, put the output
    # `edge_name_servers` into it by hand during the first `up`, which waits for the certificate.
    parent_zone_id: ZoneId | None = None
    # The zone that delegates the domains of this stack's copies: its own, from its output `edge_zone`.
    # Without it a copy has no edge, for nobody would find it.
    copies_zone_id: ZoneId | None = None
    # Both lie in us-east-1, the only region where Route 53 takes them: a public key's private half, and the names that
    # were asked for with the addresses of resolvers. The organisation's guardrails forbid that region.
    dns_signing: bool = False
    dns_query_logs: bool = False
    # Who may call: everybody where no country is named. Control JUR-1.
    edge_countries: tuple[Annotated[str, BeforeValidator(_country)], ...] = ()
    # Requests a minute from one address, beyond which it is refused until it slows down.
    edge_requests_per_minute: Annotated[int, Field(ge=10, le=2_000_000)] = 3000

    def findings(self) -> Iterator[str]:
        """What belongs to a domain has one, and nothing leaves the regions that the organisation allows."""
        for key in ("parent_zone_id", "copies_zone_id", "dns_signing", "dns_query_logs", "edge_countries"):
            if self.domain is None and getattr(self, key):
                yield f"valletta:{key} is set, but valletta:domain is not, to which it belongs: set both, or neither"
        for key in ("dns_signing", "dns_query_logs"):
            if self.domain and getattr(self, key) and self.guardrail_targets:
                yield (
                    f"valletta:{key} needs {DNS_REGION}, which the policy on valletta:guardrail_targets forbids: "
                    "leave one of them out"
                )
