"""How an error reaches the person at the keyboard: one clear line, the findings below it, and the way out."""

from __future__ import annotations

from sandbox.errors import SandboxError

INTERRUPTED = 130  # what a shell reports for a program that ctrl-C ended


def show(error: SandboxError) -> int:
    """Prints an error to standard error; returns the exit code that it ends the command with."""
    from rich.console import Console  # noqa: PLC0415 (most runs end without an error)

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[red]error:[/] {_plain(str(error))}")
    for detail in error.details:
        console.print(f"  {_plain(detail)}")
    if error.hint:
        console.print(f"[dim]{_plain(error.hint)}[/]")
    return error.exit_code


def unexpected(error: Exception) -> SandboxError:
    """An error that nobody foresaw, as one that can be shown."""
    said = " ".join(str(error).split())[:300]
    return SandboxError(
        f"{type(error).__name__}: {said}" if said else type(error).__name__,
        hint="this is a fault of ours; VALLETTA_TRACEBACK=1 before the command shows where",
    )


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
