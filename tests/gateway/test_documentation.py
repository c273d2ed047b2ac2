"""The documentation's page, as a browser on a machine with no way out gets it."""

from __future__ import annotations

import re

import httpx

from tests.stack import Stack


def test_the_documentation_needs_nothing_from_elsewhere(exchange: Stack) -> None:
    with httpx.Client(base_url=exchange.gateway_url, follow_redirects=True) as browser:
        page = browser.get("/")
        assert page.url.path == "/docs"
        fetched = re.findall(r"""(?:src|href)=["']([^"']+)""", page.text)
        assert fetched, "the page shows nothing"
        for reference in fetched:
            assert reference.startswith("/"), f"{reference} is somewhere else"
            assert browser.get(reference).status_code == 200, f"{reference} is not served"
        assert browser.get("/openapi.json").json()["info"]["title"] == "Valletta exchange"
