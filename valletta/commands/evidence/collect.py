"""`valletta evidence collect`: ask the account, and say one outcome for each control and resource."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from policies.environment import Environment
from policies.model import Control, Outcome
from sandbox.errors import SandboxError
from valletta.commands.evidence.bundle import Bundle
from valletta.commands.evidence.exits import Exit
from valletta.commands.evidence.targets import DEFAULT_REGION, account_targets, with_cluster
from valletta.commands.evidence.waivers import read_waivers

if TYPE_CHECKING:
    from policies.evidence import EvidenceRun, Scope

_COLOURS = {
    Outcome.PASS: "green",
    Outcome.FAIL: "bold red",
    Outcome.ERROR: "bold magenta",
    Outcome.NOT_OBSERVABLE: "yellow",
    Outcome.NOT_IMPLEMENTED: "yellow",
    Outcome.WAIVED: "cyan",
}


def collect_command(
    *,
    profile: Annotated[str | None, typer.Option(help="AWS profile of a real account.")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="ARN of a role to assume in another account; may be given several times.")
    ] = None,
    endpoint: Annotated[
        str | None, typer.Option(help="URL of an account twin; without it and without a profile, the running one.")
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(help=f"AWS region; may be given several times. {DEFAULT_REGION} where nothing else says one."),
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
    out: Annotated[Path | None, typer.Option(help="Write a bundle into this folder.")] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a collection that broke off in that folder.")
    ] = False,
    sign: Annotated[
        str | None, typer.Option(help="Sign the bundle: a private key in PEM, or awskms: and a key of KMS.")
    ] = None,
    waivers: Annotated[Path | None, typer.Option(help="Where the waivers are; policies/waivers by itself.")] = None,
    hands: Annotated[int, typer.Option(min=1, max=64, help="How many questions are put at once.")] = 16,
) -> None:
    """Ask the account, read only, and say one outcome for each control and resource.

    Exit status: 0 clean, 2 usage, 3 findings, 4 the account left a question unanswered.
    """
    from policies.account import Unanswered  # noqa: PLC0415 (these: only now is their import worth its time)
    from policies.evidence import ClockError, collect  # noqa: PLC0415

    if out is None and (resume or sign):
        raise SandboxError("--resume and --sign are about a bundle: say where with --out", exit_code=Exit.USAGE)
    screen = Console(stderr=str(json_file) == "-", markup=False)
    chosen = [_known(each) for each in control or []]
    passed = read_waivers(waivers)
    targets = [
        with_cluster(target, kubeconfig, left_out=without_cluster)
        for target in account_targets(profile, role or [], endpoint, region or [], environment)
    ]
    with ExitStack() as stack:
        bundle = stack.enter_context(Bundle.opened(out, resume=resume, sign=sign))
        status = stack.enter_context(screen.status("asking the account"))

        def progress(done_with: Control, done: int, total: int) -> None:
            status.update(f"asking the account: {done} of {total} controls; {done_with.id} {done_with.title} is done")

        try:
            run = collect(
                targets, chosen or None, progress, hands=hands, kept=bundle.kept, keep=bundle.keep, waivers=passed
            )
        except Unanswered as refusal:
            raise SandboxError(f"the account does not answer: {refusal}", exit_code=Exit.INCOMPLETE) from refusal
        except ClockError as error:
            raise SandboxError(str(error), exit_code=Exit.USAGE) from error
        bundle.finish(run)
    _write(run, json_file)
    _show(run, screen)
    if out is not None:
        screen.print(f"bundle: {out}{', signed' if sign else ', not signed'}", soft_wrap=True)
    raise typer.Exit(exit_status(run))


def exit_status(run: EvidenceRun) -> Exit:
    """How a run ends."""
    if not run.complete:
        return Exit.INCOMPLETE
    return Exit.CLEAN if run.clean else Exit.FINDINGS


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
    from policies.evidence.waivers import NOTHING  # noqa: PLC0415 (as above)
    from policies.reports.wording import counted  # noqa: PLC0415

    asked = "; ".join(_told(each) for each in run.scopes)
    table = Table(title=asked[:1].upper() + asked[1:], title_justify="left")
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
            short(finding.resource),
            Text(finding.outcome.value, _COLOURS.get(finding.outcome, "")),
            finding.reason,
        )
    screen.print(table)
    for waiver in run.waivers:
        meant = waiver["control"] in run.controls and waiver["state"] == "in force"
        if meant and waiver["outcome"] == NOTHING:
            screen.print(f"the waiver {waiver['file']} lets nothing pass: no finding is on {waiver['resource']}")
    outcomes = ", ".join(f"{count} {outcome.value}" for outcome, count in run.count().items())
    screen.print(
        f"{counted(len(run.controls), 'control')}: {outcomes}; {counted(len(run.answers), 'raw answer')};"
        f" catalogue {run.commit[:12]}"
    )


def _told(scope: Scope) -> str:
    judged = f", judged as {scope.environment}" if scope.environment else ""
    return f"account {scope.account}, {', '.join(scope.regions)}, as {scope.caller}{judged}"


def short(resource: str) -> str:
    """A resource without the parts of its ARN that are the same for all."""
    return resource.split(":", 5)[-1] if resource.startswith("arn:") else resource
