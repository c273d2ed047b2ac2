"""Whose resources these plugins may touch: those of one project, its stack `local` and that stack's copies.

`pulumi destroy -s staging` against these plugins would find a fresh account and empty staging's state; so they refuse
at the first word of a conversation.
"""

from __future__ import annotations

PROJECT = "valletta-local"
STACK = "local"


class ForeignResourceError(Exception):
    """A request about a resource of another project or stack; nothing was done."""


def refuse_foreign(urn: str) -> None:
    """Raise ForeignResourceError unless `urn` belongs to the project `valletta-local`: to `local` or a copy of it.

    A copy is called `local-` and its own name. It lives in the same account, as staging's copies do in staging's.

    A URN is `urn:pulumi:STACK::PROJECT::TYPE::NAME`; the name may hold further `::`.
    """
    head, _, rest = urn.partition("::")
    stack = head.removeprefix("urn:pulumi:")
    project, _, tail = rest.partition("::")
    if not head.startswith("urn:pulumi:") or not tail:
        raise ForeignResourceError(f"not a resource's URN: {urn!r}; expected urn:pulumi:STACK::PROJECT::TYPE::NAME")
    if project != PROJECT or not (stack == STACK or stack.startswith(f"{STACK}-")):
        raise ForeignResourceError(
            f"{urn} belongs to stack {stack!r} of project {project!r}; this plugin provisions the account twin of "
            f"stack {STACK!r} (and its copies) of project {PROJECT!r} only (pulumi -C sandbox -s {STACK} ...)"
        )
