"""A Lease of the real API server: with just the rights that a shard's account has, and by optimistic concurrency."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from sandbox.runtime.ports import LOOPBACK
from sandbox.twin.kubernetes_api import Reference
from services.matching.lease.api_server import ApiServerStore, CredentialsError, api_server_store
from services.matching.lease.elector import Elector, Timing
from services.matching.lease.store import LeaseConflictError, LeaseRecord, LeaseUnavailableError
from tests.cluster.conftest import Cluster
from tests.cluster.leasing import LEASE, Wire, mount

Scenario = Callable[[ApiServerStore], Awaitable[None]]


class Shard:
    """What a pod has."""

    def __init__(self, cluster: Cluster, namespace: str, folder: Path) -> None:
        self.cluster = cluster
        self.namespace = namespace
        self.credentials = mount(cluster, namespace, folder, make=False)
        self.wire = Wire(cluster.plane.api_port)

    def with_store(self, scenario: Scenario, name: str = LEASE) -> None:
        async def run() -> None:
            server = f"https://{LOOPBACK}:{self.wire.port}"
            async with asyncio.timeout(60), api_server_store(server, self.credentials, self.namespace, name) as store:
                await scenario(store)

        asyncio.run(run())

    def stored(self) -> dict[str, object]:
        found = self.cluster.api.find(Reference("coordination.k8s.io/v1", "Lease", self.namespace, LEASE))
        assert found is not None
        return dict(found)


@pytest.fixture
def shard(cluster: Cluster, namespace: str, tmp_path: Path) -> Iterator[Shard]:
    made = Shard(cluster, namespace, tmp_path / "credentials")
    yield made
    made.wire.close()


def a_record(holder: str, version: str = "", transitions: int = 1) -> LeaseRecord:
    return LeaseRecord(holder, 15, transitions, version)


def test_a_lease_is_made_renewed_and_released_and_only_over_its_newest_version(shard: Shard) -> None:
    async def scenario(store: ApiServerStore) -> None:
        assert await store.read() is None
        made = await store.write(a_record("a"), taken=True)
        assert await store.read() == made == a_record("a", made.version)
        with pytest.raises(LeaseConflictError):
            await store.write(a_record("b"), taken=True)
        renewed = await store.write(made, taken=False)
        assert renewed.version != made.version
        with pytest.raises(LeaseConflictError):
            await store.write(a_record("b", made.version, 2), taken=True)
        freed = await store.write(a_record("", renewed.version), taken=True)
        assert freed.holder == ""
        assert (await store.write(a_record("b", freed.version, 2), taken=True)).holder == "b"

    shard.with_store(scenario)
    spec = shard.stored()["spec"]
    assert isinstance(spec, dict)
    assert (spec["holderIdentity"], spec["leaseDurationSeconds"], spec["leaseTransitions"]) == ("b", 15, 2)
    assert spec["acquireTime"] == spec["renewTime"]


def test_what_others_keep_on_the_object_stays_when_it_is_renewed(shard: Shard) -> None:
    labelled = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
    shard.cluster.apply(
        labelled | {"metadata": {"name": LEASE, "namespace": shard.namespace, "labels": {"app": "matching"}}}
    )

    async def scenario(store: ApiServerStore) -> None:
        found = await store.read()
        assert found is not None and found.holder == "", "an object without a spec is nobody's"
        await store.write(a_record("a", found.version), taken=True)

    shard.with_store(scenario)
    metadata = shard.stored()["metadata"]
    assert isinstance(metadata, dict) and metadata["labels"] == {"app": "matching"}


def test_a_change_is_told_as_it_happens(shard: Shard) -> None:
    """The wait ends by the change: it would go on for longer than the test may take."""

    async def scenario(store: ApiServerStore) -> None:
        made = await store.write(a_record("a"), taken=True)
        waiting = asyncio.create_task(store.changed(made, 600))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await store.write(made, taken=False)
        await waiting

    shard.with_store(scenario)


def test_two_nodes_hand_the_lease_over_and_a_deleted_lease_is_nobody_s(shard: Shard) -> None:
    async def scenario(store: ApiServerStore) -> None:
        timing = Timing(duration_s=300, renew_s=0.1, retry_s=0.1)
        first, second = Elector(store, "first", timing), Elector(store, "second", timing)
        await first.acquire()
        waiting = asyncio.create_task(second.acquire())
        await first.release()
        await waiting
        assert second.held
        keeping = asyncio.create_task(second.keep())
        reference = Reference("coordination.k8s.io/v1", "Lease", shard.namespace, LEASE)
        await asyncio.to_thread(shard.cluster.api.delete, reference)
        await keeping
        assert not second.held

    shard.with_store(scenario)


def test_a_token_that_was_replaced_is_used_from_the_next_request_on(shard: Shard) -> None:
    token = shard.credentials / "token"
    good = token.read_text()
    token.write_text("not-a-token")

    async def scenario(store: ApiServerStore) -> None:
        with pytest.raises(LeaseUnavailableError, match="401") as refused:
            await store.read()
        assert "not-a-token" not in str(refused.value)
        token.write_text(good)
        assert await store.read() is None

    shard.with_store(scenario)


def test_another_shard_s_lease_is_refused_in_the_api_s_own_words(shard: Shard) -> None:
    async def scenario(store: ApiServerStore) -> None:
        with pytest.raises(LeaseUnavailableError, match=r'403 leases.* "matching-1" is forbidden: .* cannot get'):
            await store.read()

    shard.with_store(scenario, "matching-1")


def test_a_server_out_of_reach_is_unavailable_and_found_again(shard: Shard) -> None:
    async def scenario(store: ApiServerStore) -> None:
        made = await store.write(a_record("a"), taken=True)
        shard.wire.cut()
        for attempt in (store.read(), store.write(made, taken=False)):
            with pytest.raises(LeaseUnavailableError):
                await attempt
        await store.changed(made, 0.1)
        shard.wire.mend()
        assert await store.read() == made

    shard.with_store(scenario)


def test_credentials_that_are_not_there_are_named(tmp_path: Path) -> None:
    async def run() -> None:
        async with api_server_store("https://127.0.0.1:1", tmp_path, "exchange", LEASE):
            raise AssertionError("opened without credentials")

    with pytest.raises(CredentialsError, match=r"must hold `token` and `ca\.crt`"):
        asyncio.run(run())
