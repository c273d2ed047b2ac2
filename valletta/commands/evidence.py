"""`valletta evidence`: what the account proves, control by control."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from policies.environment import Environment
from policies.model import Control, Outcome
from sandbox.errors import SandboxError
from sandbox.state import load_state

if TYPE_CHECKING:
    from policies.evidence import AccountTarget, EvidenceRun

DEFAULT_REGION = "eu-west-1"

app = typer.Typer(help="What the account proves, control by control.", no_args_is_help=True)


class Exit(IntEnum):
    """How the commands end. An incomplete collection outranks findings: what was not seen may be worse."""

    CLEAN = 0
    INTERNAL = 1
    USAGE = 2
    FINDINGS = 3
    INCOMPLETE = 4
    INTEGRITY = 5


_COLOURS = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.ERROR: "bold magenta",
    Outcome.NOT_OBSERVABLE: "yellow",
    Outcome.NOT_IMPLEMENTED: "yellow",
}


@app.command("collect")
def collect_command(
    *,
    profile: Annotated[str | None, typer.Option(help="AWS profile of a real account.")] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="URL of an account twin; without it and without a profile, the running one.")
    ] = None,
    region: Annotated[
        str | None, typer.Option(help=f"AWS region; {DEFAULT_REGION} where nothing else says one.")
    ] = None,
    environment: Annotated[
        Environment | None, typer.Option(help="What the account is for; without it each resource's tag says so.")
    ] = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option(help="How to reach the cluster; without it, the account's one cluster of EKS, or the twin's."),
    ] = None,
    without_cluster: Annotated[
        bool, typer.Option("--without-cluster", help="Leave the cluster out: what only it shows is NOT_OBSERVABLE.")
    ] = False,
    control: Annotated[list[str] | None, typer.Option(help="Only this control; may be given several times.")] = None,
    json_file: Annotated[
        Path | None,
        typer.Option("--json", help="Write the run, raw answers included, into this file; - is the output."),
    ] = None,
) -> None:
    """Ask the account, read only, and say one outcome for each control and resource.

    Exit status: 0 clean, 2 usage, 3 findings, 4 the account left a question unanswered.
    """
    from policies.account import Unanswered  # noqa: PLC0415 (these: only now is their import worth its time)
    from policies.evidence import collect  # noqa: PLC0415

    screen = Console(stderr=str(json_file) == "-")
    chosen = [_known(each) for each in control or []]
    target = _with_cluster(_target(profile, endpoint, region, environment), kubeconfig, left_out=without_cluster)
    with screen.status("asking the account") as status:

        def progress(current: Control, done: int, total: int) -> None:
            status.update(f"asking the account: {current.id} {current.title} ({done + 1} of {total})")

        try:
            run = collect(target, chosen or None, progress)
        except Unanswered as refusal:
            raise SandboxError(f"the account does not answer: {refusal}", exit_code=Exit.INCOMPLETE) from refusal
    _write(run, json_file)
    _show(run, screen)
    raise typer.Exit(exit_status(run))


@app.command("verify")
def verify_command(file: Annotated[Path, typer.Argument(help="An evidence file that `collect --json` wrote.")]) -> None:
    """Check that an evidence file is as it was written: every raw answer by its SHA-256.

    Exit status: 0 sound, 2 no evidence file, 5 changed.
    """
    from policies.evidence.store import integrity_faults, read_document  # noqa: PLC0415 (as above)

    try:
        document = read_document(file)
        faults = list(integrity_faults(document))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SandboxError(f"{file} is no evidence file: {error}", exit_code=Exit.USAGE) from error
    if faults:
        raise SandboxError(f"{file} is not as it was collected", details=faults, exit_code=Exit.INTEGRITY)
    count = f"{len(document['findings'])} findings rest on {len(document['answers'])} raw answers"
    Console().print(f"{count}, all of them as they were collected")


def exit_status(run: EvidenceRun) -> Exit:
    """How a run ends."""
    if not run.complete:
        return Exit.INCOMPLETE
    return Exit.CLEAN if run.clean else Exit.FINDINGS


def _target(
    profile: str | None, endpoint: str | None, region: str | None, environment: Environment | None
) -> AccountTarget:
    if profile and endpoint:
        raise SandboxError(
            "--profile names a real account and --endpoint a twin: give one of the two", exit_code=Exit.USAGE
        )
    return _real(profile, region, environment) if profile else _twin(endpoint, region, environment)


def _real(profile: str, region: str | None, environment: Environment | None) -> AccountTarget:
    import boto3  # noqa: PLC0415 (as above)
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    from policies.evidence import AccountTarget  # noqa: PLC0415

    try:
        session = boto3.Session(profile_name=profile, region_name=region)
    except BotoCoreError as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error
    return AccountTarget(session, session.region_name or DEFAULT_REGION, environment=environment)


def _twin(endpoint: str | None, region: str | None, environment: Environment | None) -> AccountTarget:
    from httpx import HTTPError, InvalidURL  # noqa: PLC0415 (as above)

    from sandbox.evidence import twin_target  # noqa: PLC0415

    url = endpoint or load_state().account_endpoint
    try:
        target = twin_target(url, region or DEFAULT_REGION)
    except (HTTPError, InvalidURL, ValueError) as error:
        raise SandboxError(f"no account twin answers at {url}: {error}", exit_code=Exit.USAGE) from error
    return replace(target, environment=environment) if environment else target


def _with_cluster(target: AccountTarget, kubeconfig: Path | None, *, left_out: bool) -> AccountTarget:
    from policies.evidence.cluster import LISTING  # noqa: PLC0415 (as above)
    from policies.evidence.reaching import of_kubeconfig  # noqa: PLC0415

    if left_out and kubeconfig:
        raise SandboxError("--kubeconfig names a cluster and --without-cluster leaves it out", exit_code=Exit.USAGE)
    if left_out:
        unseen = target.unobservable
        return replace(target, unobservable=replace(unseen, operations=unseen.operations | {LISTING}))
    if kubeconfig is None:
        return target
    try:
        return replace(target, cluster=of_kubeconfig(kubeconfig))
    except ValueError as error:
        raise SandboxError(str(error), exit_code=Exit.USAGE) from error


def _known(control_id: str) -> str:
    from policies.catalogue import control  # noqa: PLC0415 (as above)

    try:
        return control(control_id).id
    except KeyError as error:
        raise SandboxError(str(error.args[0]), exit_code=Exit.USAGE) from error


def _write(run: EvidenceRun, file: Path | None) -> None:
    from policies.evidence.store import text_of  # noqa: PLC0415 (as above)

    if file is None:
        return
    if str(file) == "-":
        sys.stdout.write(text_of(run))
        return
    try:
        file.write_text(text_of(run), encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"the run cannot be written: {error}", exit_code=Exit.USAGE) from error


def _show(run: EvidenceRun, screen: Console) -> None:
    table = Table(title=f"Account {run.account}, {run.region}, as {run.caller}", title_justify="left")
    table.add_column("control", no_wrap=True)
    table.add_column("resource", overflow="fold", max_width=48)
    table.add_column("outcome", no_wrap=True)
    table.add_column("reason", overflow="fold")
    previous = ""
    for finding in run.findings:
        shown = finding.control if finding.control != previous else ""
        previous = finding.control
        table.add_row(
            shown,
            _short(finding.resource),
            Text(finding.outcome.value, _COLOURS.get(finding.outcome, "")),
            finding.reason,
        )
    screen.print(table)
    counted = ", ".join(f"{count} {outcome.value}" for outcome, count in run.count().items())
    screen.print(
        f"{len(run.controls)} controls: {counted}; {len(run.answers)} raw answers; catalogue {run.commit[:12]}"
    )


def _short(resource: str) -> str:
    """A resource without the parts of its ARN that are the same for all."""
    return resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
