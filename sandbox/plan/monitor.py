"""A resource monitor in process: it stands where Pulumi's engine would and sees every raw registration.

The SDK's own `MockMonitor` names resources otherwise than the CLI, accepts two of one name, hides the resource
options and turns a missing output into null. `PlanMonitor` does none of that: it makes the CLI's URNs, refuses
duplicates, keeps the options, and fails on an input that needs an output which nobody returned.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import empty_pb2
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import alias_pb2, resource_pb2

from sandbox.plan.values import UNKNOWN, from_wire, to_wire, unknown_paths

STACK_TYPE = "pulumi:pulumi:Stack"
REFERENCE_TYPE = "pulumi:pulumi:StackReference"
_PROVIDER_PREFIX = "pulumi:providers:"


class RegistrationError(Exception):
    """A registration that cannot stand; the message begins with the URN of the resource."""


@dataclass(frozen=True)
class Registration:
    """What the program asked for in one `RegisterResource`, options included.

    `inputs` hold a `Secret` where the program marked one, and `UNKNOWN` where a handler declared an output so.
    `provider` is the CLI's reference, `URN::id`, or empty for a component and for the default provider.
    """

    urn: str
    type: str
    name: str
    custom: bool
    parent: str
    inputs: Mapping[str, Any]
    protect: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    delete_before_replace: bool
    retain_on_delete: bool
    aliases: tuple[str, ...]
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, tuple[str, ...]]
    provider: str


Handler = Callable[[Registration], tuple[str, Mapping[str, Any]]]
"""Makes a custom resource: registration -> (id, outputs by their schema names). It is called on a worker thread."""

Invoker = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]
"""Answers a function of a provider: (token, arguments) -> result."""


StackOutputs = Callable[[str], Mapping[str, Any]]
"""Answers a stack reference: the full name of another stack -> its outputs."""


def refuse_reference(stack: str) -> Mapping[str, Any]:
    """What answers a stack reference where no other stack can be had."""
    raise RegistrationError(f"the outputs of the stack {stack!r} cannot be had here")


def refuse_invoke(_token: str, _arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The invoker of a plan: the program asks the cloud nothing, so a plan is the same everywhere."""
    raise RegistrationError("a plan asks the cloud nothing; put the answer into the stack's settings")


def child_urn(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """The URN that the CLI gives: the types of all ancestors below the stack, joined by `$`, then the type."""
    parent_type = parent.split("::")[2] if parent else STACK_TYPE
    qualified = type_ if parent_type == STACK_TYPE else f"{parent_type}${type_}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


class PlanMonitor(MockMonitor):
    """Records every registration of one run and hands each custom resource to `handler`.

    `registrations` is filled in the order in which resources were made; `stack_outputs` when the program has ended;
    `failures` in the order in which they happened.
    """

    def __init__(
        self,
        stack: str,
        project: str,
        handler: Handler,
        invoker: Invoker = refuse_invoke,
        outputs_of: StackOutputs = refuse_reference,
    ) -> None:
        super().__init__(_NoMocks())
        self.registrations: list[Registration] = []
        self.stack_outputs: Mapping[str, Any] = {}
        self.failures: list[RegistrationError] = []
        self._stack = stack
        self._project = project
        self._handler = handler
        self._invoker = invoker
        self._outputs_of = outputs_of
        self._lock = threading.Lock()
        self._urns: set[str] = set()
        self._declared_unknown: set[str] = set()

    def make_urn(self, parent: str, type_: str, name: str) -> str:
        """The CLI's URN for a resource of this run."""
        return child_urn(self._stack, self._project, parent, type_, name)

    def RegisterResource(  # noqa: N802 (the name of the RPC)
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        """Record the request, make the resource, and answer with its id and outputs."""
        urn = self.make_urn(request.parent, request.type, request.name)
        try:
            return self._register(urn, request)
        except RegistrationError as refusal:
            raise self._failed(refusal) from refusal.__cause__
        except Exception as error:
            raise self._failed(RegistrationError(f"{urn}: {str(error) or type(error).__name__}")) from error

    def RegisterResourceOutputs(  # noqa: N802
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> empty_pb2.Empty:
        """Keep the outputs of the stack; those of components are not needed by anybody."""
        if request.urn.split("::")[2] == STACK_TYPE:
            self.stack_outputs = from_wire(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: resource_pb2.ResourceInvokeRequest) -> resource_pb2.ResourceInvokeResponse:  # noqa: N802
        """Answer a provider's function through the invoker."""
        try:
            answer = self._invoker(request.tok, from_wire(request.args))
        except Exception as error:
            raise self._failed(RegistrationError(f"{request.tok}: {error}")) from error
        response = resource_pb2.ResourceInvokeResponse()
        getattr(response, "return").CopyFrom(to_wire(answer))
        return response

    def ReadResource(self, request: resource_pb2.ReadResourceRequest) -> resource_pb2.ReadResourceResponse:  # noqa: N802
        """Answer a stack reference; refuse all else: the program declares what must exist and adopts nothing."""
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == REFERENCE_TYPE:
            return self._reference(urn, request.id)
        raise self._failed(
            RegistrationError(f"{urn}: reads the existing resource {request.id!r}; the program may only declare")
        )

    def _reference(self, urn: str, stack: str) -> resource_pb2.ReadResourceResponse:
        try:
            outputs = self._outputs_of(stack)
        except Exception as error:
            raise self._failed(RegistrationError(f"{urn}: {error}")) from error
        answer = to_wire({"name": stack, "outputs": outputs, "secretOutputNames": []})
        return resource_pb2.ReadResourceResponse(urn=urn, properties=answer)

    def _failed(self, failure: RegistrationError) -> RegistrationError:
        """Keep a failure: of all that surface in the SDK, the first kept here is the one to tell."""
        with self._lock:
            self.failures.append(failure)
        return failure

    def _register(
        self, urn: str, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        self._claim(urn)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        if request.remote:
            raise RegistrationError(f"{urn}: is a remote component, which nobody can look into; declare its resources")
        registration = _registration(urn, request)
        self._check_inputs(registration)
        id_, outputs = self._make(registration)
        if any(value is UNKNOWN for value in outputs.values()):
            self._declared_unknown.add(urn)
        with self._lock:
            self.registrations.append(registration)
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=to_wire(outputs), unknown=request.custom)

    def _claim(self, urn: str) -> None:
        with self._lock:
            taken = urn in self._urns
            self._urns.add(urn)
        if taken:
            raise RegistrationError(f"{urn}: is declared twice; give one of the two another name or parent")

    def _check_inputs(self, registration: Registration) -> None:
        """An unknown input is right only where one of its producers declared an output unknown."""
        for path in unknown_paths(registration.inputs):
            producers = registration.property_dependencies.get(path.partition(".")[0].partition("[")[0], ())
            if not self._declared_unknown.intersection(producers):
                named = " or ".join(producers) or "a resource that cannot be told"
                raise RegistrationError(
                    f"{registration.urn}: the input {path!r} needs an output that was not returned by {named}"
                )

    def _make(self, registration: Registration) -> tuple[str, Mapping[str, Any]]:
        if not registration.custom:
            return "", {}
        if registration.type.startswith(_PROVIDER_PREFIX):
            return str(uuid.uuid5(uuid.NAMESPACE_URL, registration.urn)), dict(registration.inputs)
        id_, outputs = self._handler(registration)
        if not id_:
            raise RegistrationError(f"{registration.urn}: was made without an id")
        return id_, outputs


class _NoMocks(Mocks):
    """What `MockMonitor` asks for and `PlanMonitor` never calls."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        raise AssertionError(f"{args.token} went past the monitor")

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        raise AssertionError(f"{args.typ} {args.name} went past the monitor")


def _registration(urn: str, request: resource_pb2.RegisterResourceRequest) -> Registration:
    return Registration(
        urn=urn,
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=from_wire(request.object),
        protect=request.protect,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace,
        retain_on_delete=request.retainOnDelete,
        aliases=tuple(sorted({*request.aliasURNs, *(_alias(alias) for alias in request.aliases)})),
        dependencies=tuple(sorted(request.dependencies)),
        property_dependencies={
            key: tuple(sorted(value.urns)) for key, value in sorted(request.propertyDependencies.items()) if value.urns
        },
        provider=request.provider,
    )


def _alias(alias: alias_pb2.Alias) -> str:
    if alias.urn:
        return alias.urn
    return ",".join(f"{field.name}={value}" for field, value in alias.spec.ListFields() if value)
