"""Whose resources these plugins may touch: those of one project and one stack, and nobody else's.

`pulumi destroy -s staging` against these plugins would find a fresh account and empty staging's state; so they refuse
at the first word of a conversation.
"""

from __future__ import annotations

PROJECT = "valletta-local"
STACK = "local"


class ForeignResourceError(Exception):
    """A request about a resource of another project or stack; nothing was done."""


def refuse_foreign(urn: str) -> None:
    """Raise ForeignResourceError unless `urn` belongs to the stack `local` of the project `valletta-local`.

    A URN is `urn:pulumi:STACK::PROJECT::TYPE::NAME`; the name may hold further `::`.
    """
    head, _, rest = urn.partition("::")
    stack = head.removeprefix("urn:pulumi:")
    project, _, tail = rest.partition("::")
    if not head.startswith("urn:pulumi:") or not tail:
        raise ForeignResourceError(f"not a resource's URN: {urn!r}; expected urn:pulumi:STACK::PROJECT::TYPE::NAME")
    if (project, stack) != (PROJECT, STACK):
        raise ForeignResourceError(
            f"{urn} belongs to stack {stack!r} of project {project!r}; this plugin provisions the account twin of "
            f"stack {STACK!r} of project {PROJECT!r} only (pulumi -C sandbox -s {STACK} ...)"
        )
