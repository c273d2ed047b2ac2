"""A fake API of Kubernetes for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.policies.kubernetes_api import PODS, FakeApi


@pytest.fixture
def api() -> Iterator[FakeApi]:
    """An API that holds seven pods."""
    fake = FakeApi({PODS: [{"metadata": {"name": f"pod-{n}", "namespace": "exchange"}} for n in range(7)]})
    yield fake
    fake.stop()
