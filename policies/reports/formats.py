"""The formats by name. Each is a module of this package, imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Protocol, cast

from policies.reports.material import Report


class MissingGroupError(Exception):
    """What the format stands on is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to tell a run."""

    name: str
    suffix: str
    """Of its file, or of its folder where it has several."""
    group: str
    """The dependency group that it needs."""
    folder: bool = False


class _Single(Protocol):
    def render(self, report: Report) -> str: ...


class _Several(Protocol):
    def render(self, report: Report) -> Mapping[str, str | None]: ...


FORMATS: Final = {
    each.name: each
    for each in (
        Format("html", ".html", "reports"),
        Format("csv", ".csv", "reports"),
        Format("sarif", ".sarif", "reports"),
        Format("ocsf", ".ocsf.json", "reports"),
        Format("oscal", ".oscal", "oscal", folder=True),
    )
}


def rendered(format_: Format, report: Report) -> Mapping[str, str | None]:
    """The files of a format by their names. A format of a single file gives one without a name.

    None stands for a file that this run has no content for: one of an earlier run must not be left in its place.

    Raises:
        MissingGroupError: the packages that it needs are not installed.
    """
    module = _module(format_)
    if format_.folder:
        return cast(_Several, module).render(report)
    return {"": cast(_Single, module).render(report)}


def _module(format_: Format) -> object:
    try:
        return import_module(f"policies.reports.{format_.name}")
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("policies", ""):
            raise
        raise MissingGroupError(
            f"the format {format_.name} needs the package {missing}, which is not installed: "
            f"uv sync --group {format_.group}"
        ) from error
