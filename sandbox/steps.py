"""How a long piece of work tells of itself: steps with their times, live on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Column

_TITLE_WIDTH = 22


class Step:
    """One step under way; what it notes last stands beside its title."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task
        self.noted = ""

    def note(self, text: str) -> None:
        """Says where the step is; the last note stays when it is done. On one line, so never long."""
        self.noted = text
        self._progress.update(self._task, note=text)


class Steps:
    """The steps of one run, some of them at the same time; to be used as a context manager.

    Attributes:
        seconds: How long each finished step took, by its title.
        remarks: What was said beside the steps.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
        self._lock = threading.Lock()
        one_line = Column(ratio=1, no_wrap=True, overflow="ellipsis")
        self._progress = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn(f"{{task.description:<{_TITLE_WIDTH}}}"),
            TextColumn("[dim]{task.fields[took]:>6}[/]"),
            TextColumn("{task.fields[note]}", style="dim", markup=False, table_column=one_line),
            console=console,
            expand=True,
            disable=not self._live,
        )
        self.seconds: dict[str, float] = {}
        self.remarks: list[str] = []

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """A step that is done when the block ends, and failed when it raises."""
        task = self._progress.add_task(title, total=1, note="", took="")
        step, started = Step(self._progress, task), time.monotonic()
        try:
            yield step
        except BaseException:
            self._progress.update(task, description=f"[red]{title}[/]", took="failed")
            self._line(f"failed  {title}")
            raise
        took = time.monotonic() - started
        with self._lock:
            self.seconds[title] = round(took, 2)
        self._progress.update(task, completed=1, took=f"{took:.1f} s")
        self._line(f"{took:6.1f} s  {title:<{_TITLE_WIDTH}} {step.noted}".rstrip())

    def remark(self, text: str) -> None:
        """Says something that is worth a line of its own."""
        self.remarks.append(text)
        self._console.print(text, style="yellow" if self._live else None, markup=False, highlight=False, soft_wrap=True)

    def _line(self, text: str) -> None:
        if not self._live:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)
