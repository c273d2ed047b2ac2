"""What the evidence run costs over the bare calls to AWS, and the policy pack a resource: `python -m bench.evidence`.

An account twin holds 10, 100 and 1 000 resources of each of seven services. The collector judges it whole; then the
very same calls are sent again, bare, by as many threads and with the same client: no judging, no hashing, nothing
kept. That is the floor: no collector can need less. Both go by turns to the same server.

Blind to: AWS's own latency, which is longer than the twin's and hides more of the judging; AWS's throttling.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

from botocore import xform_name
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from bench.landscape import populate
from bench.record import Figure, conditions, record
from bench.twin import serve
from policies.evidence import Answer, EvidenceRun, collect
from policies.evidence.reader import HANDS, bare_client, whole_answer
from policies.evidence.target import AccountTarget
from policies.pack.analysis import analyse
from sandbox.evidence import twin_target
from sandbox.plan.record import record_plan

REGION: Final = "eu-west-1"
SIZES: Final = (10, 100, 1000)
ROUNDS: Final = 3
TARGET_RATIO: Final = 1.5
TARGET_GROWTH: Final = 1.25
"""How much longer a call may take among a thousand resources than among a hundred."""


def main() -> int:
    """Measure; 0 when the targets are met."""
    under = conditions(
        rounds=ROUNDS, value="median of the rounds", hands=HANDS, resources_a_service=", ".join(map(str, SIZES))
    )
    figures: list[Figure] = []
    a_call: dict[int, float] = {}
    for size in SIZES:
        with _account(size) as target:
            found, taken, bare = _measure(target)
            calls = len(found.answers)
            twice = _sent_twice(target)
        ratio = taken / bare
        a_call[size] = taken / calls
        figures += [
            Figure(f"{size} a service: the collector", round(taken, 2), "s", against=f"{calls} calls"),
            Figure(f"{size} a service: the same calls, bare", round(bare, 2), "s", against=_by_service(found)),
            Figure(
                f"{size} a service: the collector over bare calls",
                round(ratio, 2),
                "x",
                TARGET_RATIO,
                ratio <= TARGET_RATIO,
                "the same calls, bare and concurrent",
            ),
            Figure(
                f"{size} a service: calls sent twice", float(twice), "", 0.0, twice == 0, "what was sent on the wire"
            ),
        ]
    growth = a_call[1000] / a_call[100]
    against = "the same among 100 resources a service"
    figures.append(
        Figure("a call among 1 000 resources", round(growth, 2), "x", TARGET_GROWTH, growth <= TARGET_GROWTH, against)
    )
    figures += _pack()
    return 0 if record("evidence", under, figures) else 1


@contextmanager
def _account(size: int) -> Iterator[AccountTarget]:
    with tempfile.TemporaryDirectory() as folder:
        _, server, url = serve(Path(folder))
        try:
            populate(url, REGION, size)
            yield twin_target(url, REGION)
        finally:
            server.kill()
            server.wait()


def _measure(target: AccountTarget) -> tuple[EvidenceRun, float, float]:
    """The run, its median seconds, and those of its calls alone. A round before them makes the clients' models."""
    found = collect(target)
    collecting, bare = [], []
    for _ in range(ROUNDS):
        collecting.append(_timed(lambda: collect(target)))
        bare.append(_timed(lambda: _bare(target, found)))
    return found, statistics.median(collecting), statistics.median(bare)


def _bare(target: AccountTarget, found: EvidenceRun) -> None:
    """The run's calls once more, all at once, and nothing else."""
    regions = {(answer.service, answer.region) for answer in found.answers}
    clients = {place: bare_client(target, *place, HANDS) for place in regions}
    with ThreadPoolExecutor(HANDS) as pool:
        list(pool.map(lambda asked: _ask(clients[asked.service, asked.region], asked), found.answers))


def _ask(client: BaseClient, asked: Answer) -> None:
    with suppress(ClientError):  # a refusal is an answer: that there is no such configuration
        whole_answer(client, xform_name(asked.operation), asked.parameters)


def _sent_twice(target: AccountTarget) -> int:
    """How many requests of a run were sent more than once, by what goes over the wire."""
    sent: Counter[tuple[Any, ...]] = Counter()

    def hear(request: Any, **_: object) -> None:  # noqa: ANN401  (botocore's own)
        body = request.body if isinstance(request.body, bytes | str) else b""
        signed = str(request.headers.get("Authorization", ""))
        scope = signed.partition("Credential=")[2].partition(",")[0]  # the twin is one address: here stands the region
        sent.update([(request.method, request.url, body, request.headers.get("X-Amz-Target"), scope)])

    target.session.events.register("before-send", hear)
    collect(target)
    target.session.events.unregister("before-send", hear)
    return sum(count - 1 for count in sent.values())


def _by_service(found: EvidenceRun) -> str:
    counted = Counter(answer.service for answer in found.answers)
    return ", ".join(f"{service} {count}" for service, count in sorted(counted.items()))


def _pack() -> list[Figure]:
    """Every rule on production's plan, against taking a copy of the plan, which is the least that a reader does."""
    plan = record_plan("production").to_json()["resources"]
    judging = statistics.median(_timed(lambda: analyse(plan, stack="production")) for _ in range(ROUNDS))
    copying = statistics.median(_timed(lambda: deepcopy(plan)) for _ in range(ROUNDS))
    a_resource = judging / len(plan) * 1e6
    return [
        Figure("the policy pack, a resource", round(a_resource), "us", against=f"{len(plan)} resources of production"),
        Figure("the policy pack over copying the plan", round(judging / copying, 1), "x", against="copy.deepcopy"),
    ]


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    raise SystemExit(main())
