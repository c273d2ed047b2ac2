"""The account that evidence is collected from: a real one by its session, or a twin at an endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3

from policies.account import Unobservable
from policies.environment import Environment
from policies.evidence.reaching import Cluster


@dataclass(frozen=True)
class AccountTarget:
    """Where to ask, and what cannot be seen there.

    `region` is where what an account has only one of is asked for; `more_regions` are looked at as well.

    `endpoint_url` is a twin's; None is AWS. `unobservable` is what the twin does not hold, and is empty for AWS.
    `environment` says what the account is for; without it each resource's own tag does, and what has no tag is judged
    as production. `cluster` is how to reach the Kubernetes API; without it an account of AWS is asked for its one EKS
    cluster, and a twin has none.
    """

    session: boto3.Session
    region: str
    endpoint_url: str | None = None
    unobservable: Unobservable = field(default_factory=Unobservable)
    environment: Environment | None = None
    more_regions: tuple[str, ...] = ()
    cluster: Cluster | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        """Every region that is looked at, each once."""
        return tuple(dict.fromkeys((self.region, *self.more_regions)))


def unobservable_from(document: Mapping[str, Any]) -> Unobservable:
    """Read what a twin says it does not hold: `types`, `properties` (by type), `operations`.

    Raises:
        ValueError: the document has another shape, so nothing may be taken for observable.
    """
    types, properties, operations = (document.get(key) for key in ("types", "properties", "operations"))
    if not (_names(types) and _names(operations) and isinstance(properties, Mapping)):
        raise ValueError("the twin's report of what cannot be observed wants types, properties and operations")
    if not all(_names(names) for names in properties.values()):
        raise ValueError("the twin's report of properties that cannot be observed wants a list of names for each type")
    return Unobservable(
        frozenset(types or ()),
        {type_: frozenset(names) for type_, names in properties.items()},
        frozenset(operations or ()),
    )


def _names(value: object) -> bool:
    return (
        isinstance(value, Iterable) and not isinstance(value, str | Mapping) and all(isinstance(v, str) for v in value)
    )
