"""The settings of an ephemeral copy: its source's, but for what each section says that a copy has otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from ipaddress import IPv4Network
from typing import Any

from infra.settings import SECTIONS, StackSettings
from infra.settings.base import NAMESPACE, Environment, Layer


@dataclass(frozen=True)
class CopyIdentity:
    """What makes a copy itself: its name, its addresses, its end, and the stack of its foundation (of a pair)."""

    name: str
    vpc_cidr: IPv4Network
    expires: datetime
    foundation_stack: str


def copy_config(source: Mapping[str, Any], identity: CopyIdentity) -> dict[str, Any]:
    """The configuration of a copy (`valletta:key` -> value, as YAML holds it) of a stack that has `source`.

    Whatever the source says and no section changes is copied: zones, versions, image digests.
    """
    given = {key.partition(":")[2]: value for key, value in source.items() if key.startswith(f"{NAMESPACE}:")}
    layer = Layer(given.get("layer", Layer.ALL))
    changed: dict[str, Any] = {
        "name": identity.name,
        "vpc_cidr": str(identity.vpc_cidr),
        "expires": identity.expires.isoformat(),
        "foundation_stack": identity.foundation_stack if layer is Layer.WORKLOADS else None,
    }
    changed |= _way_in(given, identity.name)
    for section in SECTIONS:
        if Layer.ALL in (layer, section.concerns) or layer is section.concerns:
            changed |= {key: _plain(value) for key, value in section.__dict__.get("in_a_copy", {}).items()}
    merged = {**given, **changed}
    return {f"{NAMESPACE}:{key}": value for key, value in merged.items() if value is not None}


def differences(source: StackSettings, copy: StackSettings) -> dict[str, tuple[Any, Any]]:
    """What a copy has otherwise than its source, defaults included: setting -> (there, here)."""
    there, here = source.model_dump(mode="json"), copy.model_dump(mode="json")
    return {f"{NAMESPACE}:{key}": (there[key], here[key]) for key in there if there[key] != here[key]}


def _way_in(given: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A copy's domain lies in its source's, whose zone delegates it.

    Where nobody delegates there is none: its certificate would never become valid. A laptop's twin asks nobody.
    """
    domain, zone = given.get("domain", _usual(given, "domain")), given.get("copies_zone_id")
    found = domain and (zone or Environment(given["environment"]) is Environment.LOCAL)
    if found or (domain and given.get("layer") == Layer.WORKLOADS):
        return {"domain": f"{name}.{domain}", "parent_zone_id": zone, "copies_zone_id": None}
    return dict.fromkeys(("domain", "parent_zone_id", "copies_zone_id", "edge_countries"))


def _usual(given: Mapping[str, Any], key: str) -> object:
    """What the source's environment has where its file says nothing."""
    environment = Environment(given["environment"])
    defaults = (section.__dict__.get("by_environment", {}).get(environment, {}) for section in SECTIONS)
    return next((each[key] for each in defaults if key in each), None)


def _plain(value: object) -> object:
    """As YAML holds it."""
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value
