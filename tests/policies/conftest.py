"""What the tests of the guardrails stand on: the recorded plan of every stack, and an account in which all is right."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from moto.server import ThreadedMotoServer

from policies.evidence import EvidenceRun, collect
from tests.planning import Planner
from tests.policies.account.whole import TestAccount, target_of
from tests.policies.kubernetes_api import FakeApi, good_lists
from tests.policies.plans import Resources

STACKS = ("local", "staging", "staging-workloads", "production", "production-workloads")


@pytest.fixture(scope="session")
def plans(planner: Planner) -> dict[str, Resources]:
    """The recorded resources of each stack. Do not change them: `plans.broken` copies."""
    return {stack: planner(stack).to_json()["resources"] for stack in STACKS}


@pytest.fixture(scope="session")
def production(plans: dict[str, Resources]) -> Resources:
    """The recorded resources of production."""
    return plans["production"]


@pytest.fixture(scope="module")
def account(plans: dict[str, Resources]) -> Iterator[TestAccount]:
    """The good account, on a moto server of its own on the loopback, and its cluster. Whoever breaks it mends it."""
    kubernetes = FakeApi(good_lists(plans["production-workloads"]))
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        built = TestAccount(f"http://{host}:{port}", kubernetes)
        httpx.post(f"{built.endpoint}/moto-api/reset", trust_env=False, timeout=120).raise_for_status()
        built.build()
        yield built
    finally:
        server.stop()
        kubernetes.stop()


@pytest.fixture(scope="module")
def good(account: TestAccount) -> EvidenceRun:
    """The run over the good account."""
    return collect(target_of(account))
