"""The bundle that a collection writes: opened before the first question, grown with each answer, signed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from valletta.commands.evidence.exits import Exit

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

    from policies.evidence import Answer, EvidenceRun
    from policies.evidence.store import Journal


class Bundle:
    """Where a run goes; nowhere, where no folder was named."""

    def __init__(
        self, folder: Path | None, kept: tuple[Answer, ...], journal: Journal | None, signer: Signer | None
    ) -> None:
        self.kept = kept
        self._folder = folder
        self._journal = journal
        self._signer = signer

    @classmethod
    @contextmanager
    def opened(cls, folder: Path | None, *, resume: bool, sign: str | None) -> Iterator[Bundle]:
        """Make the folder and the key ready, before anything is asked.

        Raises:
            SandboxError: the folder holds another run, or the key does not sign.
        """
        if folder is None:
            yield cls(None, (), None, None)
            return
        from policies.evidence.signing import SigningError, load_signer  # noqa: PLC0415 (their import takes its time)
        from policies.evidence.store import BundleError, Journal, begin  # noqa: PLC0415

        try:
            signer = load_signer(sign) if sign else None
            kept = begin(folder, resume=resume)
            journal = Journal(folder)
        except (SigningError, BundleError, OSError) as error:
            raise SandboxError(str(error), exit_code=Exit.USAGE) from error
        try:
            yield cls(folder, kept, journal, signer)
        finally:
            journal.close()

    def keep(self, answer: Answer) -> None:
        """Write an answer down as it comes."""
        if self._journal is not None:
            self._journal.keep(answer)

    def finish(self, run: EvidenceRun) -> None:
        """Write the bundle whole, and sign it."""
        if self._folder is None:
            return
        from policies.evidence.signing import sign  # noqa: PLC0415 (as above)
        from policies.evidence.store import finish  # noqa: PLC0415

        finish(run, self._folder)
        if self._signer is not None:
            sign(run, self._folder, self._signer)
