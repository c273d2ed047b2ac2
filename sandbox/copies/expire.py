"""The end of copies: everything that a copy made is destroyed, and its claims are given back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pulumi.automation import CommandError

from sandbox.copies.backend import Backend, BackendError, Claim, reason
from sandbox.copies.naming import CopyRefusedError

Tell = Callable[[str], None]


def due(claims: Sequence[Claim], now: datetime, named: str | None) -> list[Claim]:
    """The claims to end: those whose time is over, or those of the copy that is named, whatever its time.

    The workloads come before the foundation that they stand on. Raises CopyRefusedError for a name that no copy has:
    a stack that stays is not ended here.
    """
    chosen = [each for each in claims if (named in (each.name, each.stack) if named else each.expired(now))]
    if named and not chosen:
        known = ", ".join(sorted({each.stack for each in claims})) or "none"
        raise CopyRefusedError(
            f"{named!r} is no copy, and only copies are destroyed here", hint=f"the copies are: {known}"
        )
    if named:
        whole = {each.stack.removesuffix("-workloads") for each in chosen}
        chosen = [each for each in claims if each.stack.removesuffix("-workloads") in whole]
    return sorted(chosen, key=lambda each: (each.stack.removesuffix("-workloads"), -len(each.stack)))


def end(backend: Backend, claim: Claim, tell: Tell) -> None:
    """Destroy what the copy made, then give its name and addresses back. Interrupted, it is done again from the start.

    Raises BackendError with the engine's words; the claim then stands, and the next `expire` goes on.
    """
    stack = backend.open(claim.stack)
    if claim.resources:
        tell(f"destroying {claim.stack}: {claim.resources} resources")
        try:
            stack.destroy(color="never", show_secrets=False)
        except CommandError as error:
            raise BackendError(
                f"{claim.stack} could not be destroyed: {reason(str(error))}",
                hint="put right what it says, then run valletta stack expire again",
            ) from error
    backend.remove(claim.stack)
    tell(f"{claim.stack} is gone")
