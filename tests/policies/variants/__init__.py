"""Every variant of production's plan, from one file a family of controls."""

from __future__ import annotations

from tests.policies.variants import change, continuity, cryptography, identity, logging, network
from tests.policies.variants.variant import KINDS, Table, Untried, Variant

TABLE: Table = {
    **change.TABLE,
    **continuity.TABLE,
    **cryptography.TABLE,
    **identity.TABLE,
    **logging.TABLE,
    **network.TABLE,
}


def variants() -> list[Variant]:
    """Every variant of the table."""
    return [
        Variant(rule, kind, *cell)
        for rule, cells in TABLE.items()
        for kind, cell in zip(KINDS, cells, strict=True)
        if not isinstance(cell, Untried)
    ]


__all__ = ["TABLE", "Untried", "Variant", "variants"]
