"""The draft of what is sent to the regulator: what a machine knows is filled in, what a person answers for is blank."""

from __future__ import annotations

from collections.abc import Iterator

from policies.baseline.register import Register
from policies.change.classify import Classification, Classified, Need, Touch
from policies.change.difference import ValueChange

BLANK = "________"

_ASKED = {
    Need.APPROVAL: "Request for prior approval of a change of essential components",
    Need.NOTIFICATION: "Notification of a change of the key technical set-up",
    Need.NOTHING: "Record of a change that touches neither",
}


def notice(change: Classification, register: Register, *, before: str, after: str) -> str:
    """The draft, as Markdown; `before` and `after` name the two plans by their SHA-256."""
    return "\n".join(
        [*_head(change, before, after), *_essential(change, register), *_changes(change), *_blanks(change)]
    )


def _head(change: Classification, before: str, after: str) -> Iterator[str]:
    yield f"# {_ASKED[change.need]}\n"
    yield "Draft, drawn from two recorded plans. A person completes, checks and signs it; until then it is not sent.\n"
    yield f"- Licensee and licence number: {BLANK}"
    yield f"- Stack: `{change.stack}`"
    yield f"- Plan before: `{before}`"
    yield f"- Plan after: `{after}`"
    yield f"- Ticket and request: {BLANK}"
    first = {Need.NOTIFICATION: ", not before 30 days after this notification", Need.APPROVAL: ", after the approval"}
    yield f"- Day of the change{first.get(change.need, '')}: {BLANK}\n"


def _essential(change: Classification, register: Register) -> Iterator[str]:
    yield "## Essential components\n"
    if change.need is not Need.APPROVAL:
        yield f"No resource of an essential component changes. To be declared by {BLANK}:\n"
    yield "| component | owner | changed by this | adjoined by | declared unchanged |"
    yield "| --- | --- | --- | --- | --- |"
    for component in register.essential:
        own = [each for each in change.entries if each.touch is Touch.ESSENTIAL and each.component == component]
        near = [each for each in change.entries if component.name in each.adjoins]
        declared = "no" if own else BLANK
        yield f"| {component.name} | {component.owner} | {_names(own)} | {_names(near)} | {declared} |"
    yield ""


def _changes(change: Classification) -> Iterator[str]:
    yield "## What changes\n"
    yield "| resource | change | touches | why |"
    yield "| --- | --- | --- | --- |"
    for entry in change.entries:
        yield f"| `{_name(entry)}` | {entry.change.kind} | {entry.touch.value} | {entry.reason} |"
    yield ""
    for entry in change.entries:
        if entry.change.values and entry.touch is not Touch.NEITHER:
            yield f"`{_name(entry)}`:\n"
            yield from (f"- `{_inline(value)}`" for value in entry.change.values)
            yield ""
    if change.hidden:
        unseen = f"{change.hidden} values (secrets, and what is not known yet)"
        yield f"{unseen} are written down in neither plan; {BLANK} declares whether they change.\n"


def _blanks(change: Classification) -> Iterator[str]:
    yield f"## Explanation\n\nWhy the change is made, and what players and the regulator will notice: {BLANK}\n"
    yield f"## Updated documents\n\n- Network plan: {BLANK}\n- Register of components: {BLANK}\n- Others: {BLANK}\n"
    yield "## Risk assessment\n"
    yield "| what can go wrong | how likely, how bad | what holds it | way back |"
    yield "| --- | --- | --- | --- |"
    for entry in change.entries:
        if entry.touch is not Touch.NEITHER:
            yield f"| `{_name(entry)}`: {BLANK} | {BLANK} | {BLANK} | {BLANK} |"
    yield f"\n## Signatures\n\n- Prepared by: {BLANK}\n- Approved by somebody else: {BLANK}\n- Date: {BLANK}\n"


def _inline(value: ValueChange) -> str:
    return str(value).replace("`", "'")


def _names(entries: list[Classified]) -> str:
    return ", ".join(f"`{_name(entry)}`" for entry in entries) or "-"


def _name(entry: Classified) -> str:
    resource = entry.change.resource
    return f"{resource['type'].rpartition(':')[2]} {resource['name']}"
