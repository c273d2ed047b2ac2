"""Every page that is drawn from production's plan, and its text."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sandbox.paths import CLONE
from sandbox.plan.record import Plan
from tools.pages import network_page, network_picture, stores_page, stores_picture
from tools.pages.declared import Declared
from tools.pages.network import read_network
from tools.pages.stores import read_stores

FOLDER: Final = CLONE / "docs" / "compliance"
STACK: Final = "production"


def documents(plan: Plan) -> dict[Path, str]:
    """What the pages and their pictures should hold."""
    declared = Declared(plan)
    network, stores = read_network(declared), read_stores(declared)
    return {
        FOLDER / "network.md": network_page.page(network),
        FOLDER / "network.svg": network_picture.picture(network),
        FOLDER / "data-flow.md": stores_page.page(stores),
        FOLDER / "data-flow.svg": stores_picture.picture(stores),
    }
