"""`make up`: from a clone to a running exchange, and from a running exchange to the same one.

Every part is safe to do again: what is there is kept, what stopped is started, what changed is replaced. So a run
that was interrupted or that failed is mended by the next.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from infra.workloads.deploy import Deployment
from sandbox import paths
from sandbox.approval import approve
from sandbox.errors import SandboxError
from sandbox.evidence import gather
from sandbox.files import make_secret
from sandbox.layout import ACCOUNT, DATABASE_NAME, KAFKA, POSTGRES, Layout, lay_out, moved_ports
from sandbox.lock import alone
from sandbox.plan.program import read_stack
from sandbox.plan.record import Plan, record_plan
from sandbox.provision.choose import provision
from sandbox.provision.installer import NO_INSTALL
from sandbox.provision.outcome import STACK, Provisioned
from sandbox.readiness import answers, wait_until
from sandbox.report import EvidenceSummary, PolicySummary, Report, ServiceLine
from sandbox.runtime import broker, database, services
from sandbox.runtime.controlplane import background
from sandbox.runtime.controlplane.pins import pinned
from sandbox.runtime.controlplane.plane import ControlPlane
from sandbox.runtime.controlplane.toolchain import GoMissingError
from sandbox.runtime.java import JavaMissingError, find_java
from sandbox.runtime.supervise import Supervisor
from sandbox.state import State, save_state, saved_state
from sandbox.steps import Steps
from sandbox.wishes import JournalKind, Wishes


class JournalFixedError(SandboxError):
    """The exchange has its log elsewhere than asked for."""

    exit_code = 2


def bring_up(wishes: Wishes, steps: Steps) -> Report:
    """Stands up the exchange of this clone and returns what stands.

    Raises:
        SandboxError: What is in the way, and the way out. What was started keeps running.
    """
    began = time.monotonic()
    home = paths.home()
    home.mkdir(parents=True, exist_ok=True)
    with alone(home), ThreadPoolExecutor() as pool:
        planned = pool.submit(_plan, steps)
        layout = _lay_out(home, wishes, steps)
        supervisor = Supervisor(home)
        _start_platform(layout, supervisor, steps, pool)
        plan = planned.result()
        with steps.step("policies") as step:
            policy = PolicySummary.of(approve(plan))
            step.note(policy.line())
        migrated = pool.submit(_migrate, layout, supervisor, steps)
        provisioned = _provision(layout, plan, wishes, steps)
        migrated.result()
        _start_services(layout, supervisor, steps, pool)
        evidence = _collect(layout, steps)
        _build_control_plane(layout, steps)
        return Report(
            seconds=round(time.monotonic() - began, 1),
            steps=steps.seconds,
            remarks=steps.remarks,
            way=provisioned.way,
            provisioning=provisioned.line,
            created=provisioned.created,
            unchanged=provisioned.unchanged,
            resources=provisioned.resources,
            policy=policy,
            evidence=evidence,
            services=_service_lines(layout, supervisor),
            state=layout.state,
        )


def _plan(steps: Steps) -> Plan:
    with steps.step("plan") as step:
        plan = record_plan(STACK)
        step.note(f"{len(plan.resources)} resources declared")
    return plan


def _lay_out(home: Path, wishes: Wishes, steps: Steps) -> Layout:
    previous = saved_state(home)
    journal = choose_journal(wishes.journal, previous, steps)
    supervisor = Supervisor(home)
    supervisor.end_leftovers()
    running = {status.name for status in supervisor.status() if status.pid}
    region = read_stack(STACK).config["valletta:region"]
    layout = lay_out(home, region, journal, previous, running, kubernetes=pinned().complete)
    for line in moved_ports(layout):
        steps.remark(line)
    make_secret(layout.state.operator_secret)
    save_state(layout.state, home)
    return layout


def choose_journal(asked: JournalKind | None, previous: State | None, steps: Steps) -> JournalKind:
    """The log's place is chosen once: the ledger's rows name offsets and hashes of that log."""
    before = previous.journal if previous else None
    if asked and before and asked != before:
        raise JournalFixedError(
            f"this exchange keeps its log in {before!r}, {asked!r} was asked for",
            hint="go on without --journal, or begin anew: valletta down --wipe",
        )
    if "file" in (asked, before):
        return "file"
    try:
        find_java()
    except JavaMissingError as missing:
        if asked or before:
            raise
        steps.remark(f"{missing}: the log is a local write-ahead file (--journal file)")
        return "file"
    return "kafka"


def _start_platform(layout: Layout, supervisor: Supervisor, steps: Steps, pool: ThreadPoolExecutor) -> None:
    """The account twin, PostgreSQL, Kafka and Kubernetes, each prepared and awaited beside the others."""
    kafka, plane = layout.broker, layout.control_plane
    with steps.step("prepare") as step:
        preparing: list[Future[None]] = [pool.submit(layout.database.prepare)]
        preparing += [pool.submit(each.prepare) for each in (kafka, plane) if each]
        for future in preparing:
            future.result()
        platform = layout.platform_programs()
        supervisor.apply([*platform, *layout.service_programs()], only={program.name for program in platform})
        step.note("broker jars verified, data folders there" if kafka else "data folders there")
    waiting = [
        pool.submit(_start_account, layout, supervisor, steps),
        pool.submit(_start_postgres, layout, supervisor, steps),
    ]
    waiting += [pool.submit(_start_kafka, layout, supervisor, steps)] if kafka else []
    waiting += [pool.submit(_start_kubernetes, plane, supervisor, steps)] if plane else []
    for future in waiting:
        future.result()


def _start_account(layout: Layout, supervisor: Supervisor, steps: Steps) -> None:
    with steps.step("account twin") as step:
        supervisor.start(ACCOUNT)
        wait_until(lambda: answers(f"{layout.state.account_endpoint}/valletta/health"), supervisor, ACCOUNT)
        step.note(layout.state.account_endpoint)


def _start_postgres(layout: Layout, supervisor: Supervisor, steps: Steps) -> None:
    with steps.step("PostgreSQL") as step:
        supervisor.start(POSTGRES)
        url = layout.database.url(password=True)
        wait_until(lambda: database.answers(url), supervisor, POSTGRES)
        database.create_database(url, DATABASE_NAME)
        step.note(layout.state.database_url)


def _start_kafka(layout: Layout, supervisor: Supervisor, steps: Steps) -> None:
    with steps.step("Kafka") as step:
        supervisor.start(KAFKA)
        wait_until(lambda: broker.answers(layout.state.kafka_bootstrap), supervisor, KAFKA)
        made = broker.create_topics(layout.state.kafka_bootstrap, layout.state.shards)
        step.note(f"{layout.state.kafka_bootstrap}, topics {'created' if made else 'there'}")


def _start_kubernetes(plane: ControlPlane, supervisor: Supervisor, steps: Steps) -> None:
    with steps.step("Kubernetes") as step:
        for program in plane.commands():
            supervisor.start(program)
            wait_until(lambda program=program: plane.answers(program), supervisor, program)  # type: ignore[misc]
        plane.furnish()
        step.note(plane.url)


def _build_control_plane(layout: Layout, steps: Steps) -> None:
    """Last of all, so that nothing waits for it: the next run finds it built."""
    if layout.control_plane is None:
        with suppress(GoMissingError):
            background.start()
        steps.remark(background.standing())


def _provision(layout: Layout, plan: Plan, wishes: Wishes, steps: Steps) -> Provisioned:
    if not wishes.install:
        os.environ[NO_INSTALL] = "1"
    with steps.step("provision") as step:

        def progress(name: str, done: int, total: int | None) -> None:
            step.note(f"{done}/{total} {name}" if total else f"{done or ''} {name}".strip())

        pack = paths.CLONE / "policies" / "pack"
        done = provision(
            layout.state.account_endpoint, progress=progress, policy_pack=pack, state=layout.home, plan=plan
        )
        step.note(f"{done.resources} resources, {done.created} created, {done.unchanged} unchanged")
    return done


def _migrate(layout: Layout, supervisor: Supervisor, steps: Steps) -> None:
    def run(deployment: Deployment) -> str:
        log = supervisor.logs / f"{deployment.service.name}-migration.log"
        return deployment.service.name if services.migrate(deployment, layout.environment(deployment), log) else ""

    with steps.step("migrations") as step, ThreadPoolExecutor() as pool:
        step.note(", ".join(filter(None, pool.map(run, layout.deployments.values()))))


def _start_services(layout: Layout, supervisor: Supervisor, steps: Steps, pool: ThreadPoolExecutor) -> None:
    with steps.step("services") as step:
        supervisor.apply([*layout.platform_programs(), *layout.service_programs()])
        for name in layout.deployments:
            supervisor.start(name)
        waiting = [
            pool.submit(wait_until, lambda url=url: answers(url), supervisor, name)  # type: ignore[misc]
            for name, url in layout.state.probes.items()
        ]
        for future in waiting:
            future.result()
        step.note(", ".join(layout.deployments))


def _collect(layout: Layout, steps: Steps) -> EvidenceSummary:
    with steps.step("evidence") as step:
        evidence = EvidenceSummary.of(gather(layout))
        step.note(evidence.line())
    return evidence


def _service_lines(layout: Layout, supervisor: Supervisor) -> list[ServiceLine]:
    return [ServiceLine.of(status, layout.state.address_of(status.name)) for status in supervisor.status()]
