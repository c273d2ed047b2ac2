"""The engine's events, as progress for a person and as the reason when a run fails."""

from __future__ import annotations

import re

from pulumi.automation import EngineEvent
from pulumi.automation.events import DiagnosticEvent, PolicyEvent, StepEventMetadata

from sandbox.provision.outcome import PROVIDER, Progress

_CREATING = frozenset({"create", "create-replacement", "import"})
_GONE = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "replace"})
_ANY_FAILURE = frozenset({"preview failed", "update failed"})
"""What the engine adds to every failure."""
_COLOUR = re.compile(r"<\{%.*?%\}>")


class Watch:
    """Counts the cloud resources of one update as the engine tells of them, and keeps what went wrong."""

    def __init__(self, progress: Progress, total: int | None) -> None:
        self._progress = progress
        self._total = total
        self.operations: dict[str, str] = {}
        self.errors: list[str] = []

    def __call__(self, event: EngineEvent) -> None:
        """Take one event."""
        if event.diagnostic_event and event.diagnostic_event.severity == "error":
            self._failed(event.diagnostic_event)
        if event.policy_event and event.policy_event.enforcement_level == "mandatory":
            self._refused(event.policy_event)
        if event.res_outputs_event:
            self._step(event.res_outputs_event.metadata)

    @property
    def created(self) -> int:
        """How many cloud resources were created; a replacement counts."""
        return sum(operation in _CREATING for operation in self.operations.values())

    @property
    def unchanged(self) -> int:
        """How many were left as they are."""
        return sum(operation == "same" for operation in self.operations.values())

    @property
    def resources(self) -> int:
        """How many there are afterwards."""
        return len(self.operations)

    def reason(self) -> str:
        """What went wrong, in the engine's own words, each once."""
        return "\n".join(dict.fromkeys(self.errors))

    def _step(self, step: StepEventMetadata) -> None:
        operation = str(getattr(step.op, "value", step.op))
        if step.type.startswith(PROVIDER) or not _is_custom(step) or operation in _GONE:
            return
        self.operations[step.urn] = operation
        self._progress(f"{step.type} {step.urn.rpartition('::')[2]}", len(self.operations), self._total)

    def _failed(self, diagnostic: DiagnosticEvent) -> None:
        message = _COLOUR.sub("", diagnostic.message).removeprefix("error: ").strip()
        if message and message not in _ANY_FAILURE:
            self.errors.append(f"{diagnostic.urn}: {message}" if diagnostic.urn else message)

    def _refused(self, violation: PolicyEvent) -> None:
        message = _COLOUR.sub("", violation.message).strip()
        self.errors.append(f"{violation.resource_urn or 'the stack'}: {violation.policy_name}: {message}")


def _is_custom(step: StepEventMetadata) -> bool:
    state = step.new or step.old
    return bool(state and state.custom)
