"""`valletta evidence report`: reads an evidence file, and writes it down in the formats asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from policies.reports.document import DocumentError, document_of
from policies.reports.formats import FORMATS, Format, MissingGroupError, rendered
from policies.reports.material import Report, report_of
from sandbox.errors import SandboxError
from valletta.soundness import USAGE, sound


def write_reports(file: Path, names: Iterable[str], out: Path | None) -> Iterator[Path]:
    """Write the run of `file` in each format; says where each lies. All are made before the first is written.

    Raises:
        SandboxError: no such format, no evidence file, one that was changed, a package that is missing, or a place
            that cannot be written.
    """
    formats = [_format(name) for name in dict.fromkeys(names)]
    report = _report(file)
    made = [(_place(each, file, out, alone=len(formats) == 1), _rendered(each, report)) for each in formats]
    for place, files in made:
        _write(place, files)
        yield place


def _format(name: str) -> Format:
    try:
        return FORMATS[name.lower()]
    except KeyError:
        raise SandboxError(f"there is no format {name}; there are {', '.join(FORMATS)}", exit_code=USAGE) from None


def _report(file: Path) -> Report:
    try:
        return report_of(document_of(sound(file).content))
    except DocumentError as error:
        raise SandboxError(f"{file} is no evidence file: {error}", exit_code=USAGE) from error


def _rendered(format_: Format, report: Report) -> Mapping[str, str | None]:
    try:
        return rendered(format_, report)
    except MissingGroupError as error:
        raise SandboxError(str(error), exit_code=USAGE) from error


def _place(format_: Format, file: Path, out: Path | None, *, alone: bool) -> Path:
    """Alone, `out` is the report itself; with others it is the folder that they lie in."""
    name = f"{file.stem}{format_.suffix}"
    if out is None:
        place = file.with_name(name)
    else:
        itself = alone and (format_.folder or not out.is_dir())
        place = out if itself else out / name
    if place.resolve() == file.resolve():
        raise SandboxError(f"{place} is the evidence itself: give another --out", exit_code=USAGE)
    return place


def _write(place: Path, files: Mapping[str, str | None]) -> None:
    try:
        for name, text in files.items():
            target = place / name if name else place
            if text is None:
                target.unlink(missing_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="")  # a table's line ends are its own
    except OSError as error:
        raise SandboxError(f"the report cannot be written: {error}", exit_code=USAGE) from error
