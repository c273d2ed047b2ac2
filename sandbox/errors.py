"""What goes wrong in the local exchange, said so that a person can act on it."""

from __future__ import annotations

from collections.abc import Sequence


class SandboxError(Exception):
    """Something that the person at the keyboard can put right.

    The message is one line: what is wrong, with the value that is wrong. `hint` is the way out, also one line, or
    empty when the message already says it. `details` are further lines where there are several findings. `exit_code`
    is what the command ends with: 1 internal, 2 usage, 3 findings, 4 incomplete, 5 integrity.
    """

    exit_code = 1

    def __init__(
        self, message: str, *, hint: str = "", details: Sequence[str] = (), exit_code: int | None = None
    ) -> None:
        super().__init__(message)
        self.hint = hint
        self.details = tuple(details)
        if exit_code is not None:
            self.exit_code = exit_code
