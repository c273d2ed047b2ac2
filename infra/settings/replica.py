"""The settings of the regulatory replica: in another region, at a place outside AWS, or, signed off, nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints

from infra.settings.base import Defaults, Environment, Layer, Region
from infra.settings.locks import Lock
from infra.settings.records import RecordSettings
from infra.settings.rules import TagText


class ReplicaSettings(RecordSettings):
    """A second copy of the archive, where the licence or its counsel asks for one (LOC-2).

    One source asks for a replica of regulatory data in Malta and another denies it, and AWS has no region there: so
    what is chosen is configuration, and carries the reference of the legal sign-off.
    """

    in_a_copy: ClassVar[Mapping[str, Any]] = {
        "replica_region": None,
        "replica_lock_from": None,
        "replica_lock_acknowledged_until": None,
        "replica_place": None,
        "replica_principal": None,
        "replica_external_id": None,
        "replica_signed_off": None,
    }
    concerns: ClassVar[Layer] = Layer.FOUNDATION
    by_environment: ClassVar[Defaults] = {
        Environment.LOCAL: {
            "replica_region": "eu-south-1",
            "replica_signed_off": "a rehearsal: a laptop holds no data of players",
        }
    }

    # Another region of the EU, into a locked bucket of which the records are replicated within minutes.
    replica_region: Region | None = None
    replica_lock_from: date | None = None
    replica_lock_acknowledged_until: date | None = None
    # A place outside AWS that fetches the archive, such as `Data centre of the licensee in Birkirkara`.
    replica_place: TagText | None = None
    # Who fetches: the ARN of a role or user of an AWS account of that place, which is a machine's.
    replica_principal: (
        Annotated[str, StringConstraints(pattern=r"^arn:aws:iam::\d{12}:(role|user)/[A-Za-z0-9+=,.@_/-]+$")] | None
    ) = None
    # What the machine must say beside its credentials, so that nobody else can have it fetch for them.
    replica_external_id: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+=,.@:/_-]+$", min_length=16, max_length=1224)] | None
    ) = None
    # The reference of the legal sign-off of this choice.
    replica_signed_off: TagText | None = None

    def findings(self) -> Iterator[str]:
        """A replica lies elsewhere, is fetched by somebody in particular, and counsel has signed it off."""
        if self.replica_region == self.region:
            yield f"valletta:replica_region is {self.replica_region}, this stack's own; name another, or leave it out"
        if (self.replica_region or self.replica_place) and not self.replica_signed_off:
            chosen = self.replica_region or self.replica_place
            yield (
                f"valletta:replica_signed_off is not set; a replica in {chosen} moves regulated data: "
                "name the reference of the legal sign-off (LOC-2)"
            )
        for key in ("replica_principal", "replica_external_id"):
            if self.replica_place and not getattr(self, key):
                yield f"valletta:{key} is not set; valletta:replica_place is {self.replica_place!r}: say who fetches"
            if not self.replica_place and getattr(self, key):
                yield f"valletta:{key} is set, but valletta:replica_place is not: say where the replica lies"

    def locks(self) -> Iterator[Lock]:
        """The replica's, in the mode and for the time of the archive's."""
        if self.replica_region:
            yield Lock(
                key="replica_lock",
                place="the replica",
                mode=self.archive_lock_mode,
                retention=self.archive_lock_retention,
                start=self.replica_lock_from,
                acknowledged=self.replica_lock_acknowledged_until,
            )
