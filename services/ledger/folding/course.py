"""The course of things: what was refused, and the rules that come in force."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from services.contract.exchange.v1.exchange_pb2 import Code, Refused, RulesActivated
from services.ledger.changes import EventName
from services.ledger.folding.lots import NEWEST_RULES, Lots, Take, UnknownEventError


def _refused(event: Refused, name: EventName, lots: Lots) -> None:
    lots.now.refusals.append(
        {
            **name.row(),
            "account": event.account,
            "code": Code.Name(event.code),
            "given": event.given,
            "bound": event.bound,
        }
    )


def _rules_activated(event: RulesActivated, name: EventName, lots: Lots) -> None:
    """Newer rules would bring fields of known events that this build would pass over."""
    if event.version > NEWEST_RULES:
        raise UnknownEventError(
            f"offset {name.offset} activates rules {event.version}; this build of the ledger knows up to {NEWEST_RULES}"
        )
    lots.rules = event.version
    lots.now.rule_changes.append({**name.row(), "version": event.version})


TAKES: Final[Mapping[str, Take]] = {"refused": _refused, "rules_activated": _rules_activated}
