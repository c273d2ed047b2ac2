"""`valletta evidence`: what the account proves, control by control."""

from __future__ import annotations

import typer

from valletta.commands.evidence.collect import collect_command
from valletta.commands.evidence.diff import diff_command
from valletta.commands.evidence.key import key_command
from valletta.commands.evidence.report import report_command
from valletta.commands.evidence.verify import verify_command
from valletta.commands.evidence.waivers import waivers_command

app = typer.Typer(help="What the account proves, control by control.", no_args_is_help=True)
app.command("collect")(collect_command)
app.command("verify")(verify_command)
app.command("report")(report_command)
app.command("diff")(diff_command)
app.command("waivers")(waivers_command)
app.command("key")(key_command)
