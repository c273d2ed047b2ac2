"""Pulumi's provider protocol, answered from the account twin.

One process serves one provider resource of one deployment: the engine starts it, configures it, and ends it. It keeps
nothing: what exists is what the account holds. Every request that carries a URN is refused unless it is of the stack
`local`, and no answer or error shows a value that came as a secret unless it is marked as one.
"""

# ruff: noqa: N802  the methods bear the names of the protocol's calls
from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.errors import SandboxError
from sandbox.plugins import differences
from sandbox.plugins.guard import ForeignResourceError, refuse_foreign
from sandbox.plugins.preview import created, updated
from sandbox.plugins.twins import ProviderSettings, ResourceTwin
from sandbox.plugins.values import UNKNOWN, Properties, has_unknown, marshal, redact, seal, unmarshal
from sandbox.twin.outcomes import CheckFailure

DEFAULT_TIMEOUT_SECONDS = 300.0

OpenTwin = Callable[[ProviderSettings], ResourceTwin]
"""Opens the account as the provider's own settings say."""

_Request = TypeVar("_Request", bound=Message)
_Response = TypeVar("_Response", bound=Message)


def _answers(
    method: Callable[[TwinProvider, _Request], _Response],
) -> Callable[[TwinProvider, _Request, grpc.ServicerContext], _Response]:
    """A handler that refuses foreign URNs first, and turns whatever is raised into a status without secrets."""

    @functools.wraps(method)
    def handler(self: TwinProvider, request: _Request, context: grpc.ServicerContext) -> _Response:
        try:
            if urn := getattr(request, "urn", ""):
                refuse_foreign(urn)
            return method(self, request)
        except ForeignResourceError as refusal:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refusal))
        except SandboxError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, redact(str(error), request))
        except Exception as error:  # the engine must get every failure as this resource's own
            context.abort(grpc.StatusCode.UNKNOWN, redact(f"{error}" or type(error).__name__, request))
        raise AssertionError("abort always raises")

    return handler


class TwinProvider(provider_pb2_grpc.ResourceProviderServicer):
    """The resource provider `package`, in the version of its SDK, on the account that `open_twin` opens."""

    def __init__(self, package: str, version: str, open_twin: OpenTwin) -> None:
        self._package = package
        self._version = version
        self._open_twin = open_twin
        self._opened: ResourceTwin | None = None

    @property
    def _twin(self) -> ResourceTwin:
        if self._opened is None:
            raise SandboxError(f"the provider {self._package} was used before it was configured")
        return self._opened

    @_answers
    def Handshake(self, request: provider_pb2.ProviderHandshakeRequest) -> provider_pb2.ProviderHandshakeResponse:
        """Secrets are understood as such; resource references and output values are asked for as plain values."""
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True)

    @_answers
    def Attach(self, request: plugin_pb2.PluginAttach) -> empty_pb2.Empty:
        """The engine's address is of no use here: nothing is ever sent back but answers."""
        return empty_pb2.Empty()

    @_answers
    def Cancel(self, request: empty_pb2.Empty) -> empty_pb2.Empty:
        """No operation takes longer than the engine's own patience, so there is nothing to break off."""
        return empty_pb2.Empty()

    @_answers
    def GetPluginInfo(self, request: empty_pb2.Empty) -> plugin_pb2.PluginInfo:
        """The version of the SDK whose resources this plugin provisions."""
        return plugin_pb2.PluginInfo(version=self._version)

    @_answers
    def GetSchema(self, request: provider_pb2.GetSchemaRequest) -> provider_pb2.GetSchemaResponse:
        """The program uses the generated SDKs, so the schema says no more than whose it is."""
        schema = json.dumps({"name": self._package, "version": self._version})
        return provider_pb2.GetSchemaResponse(schema=schema)

    @_answers
    def GetMapping(self, request: provider_pb2.GetMappingRequest) -> provider_pb2.GetMappingResponse:
        """No mapping from another tool's configuration is offered."""
        return provider_pb2.GetMappingResponse()

    @_answers
    def CheckConfig(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """The provider's own settings, taken as they are: the twin needs no credentials."""
        return provider_pb2.CheckResponse(inputs=request.news)

    @_answers
    def DiffConfig(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """Another region is another provider; any other setting changes nothing that exists."""
        olds, news = unmarshal(request.old_inputs or request.olds).plain, unmarshal(request.news).plain
        changes = sorted(key for key in {*olds, *news} if olds.get(key) != news.get(key))
        return _difference(olds, news, changes, [name for name in changes if name == "region"])

    @_answers
    def Configure(self, request: provider_pb2.ConfigureRequest) -> provider_pb2.ConfigureResponse:
        """Open the account; raises when no account runs."""
        settings = unmarshal(request.args).plain
        region, cluster = (
            None if settings.get(name) == UNKNOWN else settings.get(name) for name in ("region", "clusterIdentifier")
        )
        self._opened = self._open_twin(ProviderSettings(region, _default_tags(settings), cluster))
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @_answers
    def Check(self, request: provider_pb2.CheckRequest) -> provider_pb2.CheckResponse:
        """Validate a resource's inputs and add defaults; what is not known yet is judged when it is."""
        olds, news = unmarshal(request.olds), unmarshal(request.news)
        inputs, failures = self._twin.check(_type(request), request.urn, olds.plain or None, news.plain)
        return provider_pb2.CheckResponse(
            inputs=marshal(inputs, seal(inputs, news)),
            failures=[
                provider_pb2.CheckFailure(property=failure.property, reason=redact(failure.reason, request))
                for failure in failures
                if _is_certain(failure, inputs)
            ],
        )

    @_answers
    def Diff(self, request: provider_pb2.DiffRequest) -> provider_pb2.DiffResponse:
        """What differs between the inputs that made the resource and those wanted now, and what forces a new one."""
        olds, news = unmarshal(request.old_inputs).plain, unmarshal(request.news).plain
        found = self._twin.diff(_type(request), olds, news)
        return _difference(olds, news, found.changes, found.replaces, delete_first=found.delete_before_replace)

    @_answers
    def Create(self, request: provider_pb2.CreateRequest) -> provider_pb2.CreateResponse:
        """Create the resource in the account; in a preview, only say what would be known of it."""
        inputs = unmarshal(request.properties)
        if request.preview:
            self._rehearse(request, inputs)
            outputs = created(inputs.plain)
            return provider_pb2.CreateResponse(properties=marshal(outputs, seal(outputs, inputs)))
        timeout = request.timeout or DEFAULT_TIMEOUT_SECONDS
        identity, outputs = self._twin.create(_type(request), request.urn, inputs.plain, timeout=timeout)
        return provider_pb2.CreateResponse(id=identity, properties=marshal(outputs, seal(outputs, inputs)))

    def _rehearse(self, request: _AboutAResource, inputs: Properties) -> None:
        """Let a preview fail where the creation or the update would; with anything unknown, nobody can say yet."""
        if not has_unknown(inputs.plain):
            self._twin.rehearse(_type(request), inputs.plain)

    @_answers
    def Read(self, request: provider_pb2.ReadRequest) -> provider_pb2.ReadResponse:
        """State and inputs as the account has them now; an empty id says that the resource is gone."""
        inputs, state = unmarshal(request.inputs), unmarshal(request.properties)
        found = self._twin.read(_type(request), request.id, inputs.plain, state.plain)
        if found is None:
            return provider_pb2.ReadResponse()
        identity, live, outputs = found
        return provider_pb2.ReadResponse(
            id=identity,
            inputs=marshal(live, seal(live, inputs, state)),
            properties=marshal(outputs, seal(outputs, inputs, state)),
        )

    @_answers
    def Update(self, request: provider_pb2.UpdateRequest) -> provider_pb2.UpdateResponse:
        """Change the resource in place; in a preview, only say what would be known of it afterwards."""
        state, olds, news = unmarshal(request.olds), unmarshal(request.old_inputs), unmarshal(request.news)
        if request.preview:
            self._rehearse(request, news)
            outputs = updated(state.plain, olds.plain, news.plain)
        else:
            outputs = self._twin.update(_type(request), request.id, olds.plain, news.plain)
        return provider_pb2.UpdateResponse(properties=marshal(outputs, seal(outputs, state, news)))

    @_answers
    def Delete(self, request: provider_pb2.DeleteRequest) -> empty_pb2.Empty:
        """Delete the resource; one that is gone already is deleted."""
        self._twin.delete(_type(request), request.id, unmarshal(request.properties).plain)
        return empty_pb2.Empty()

    @_answers
    def Invoke(self, request: provider_pb2.InvokeRequest) -> provider_pb2.InvokeResponse:
        """Answer one of the provider's functions from the account."""
        args = unmarshal(request.args)
        result = self._twin.invoke(request.tok, args.plain)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(marshal(result, seal(result, args)))  # a keyword in Python
        return response


def _is_certain(failure: CheckFailure, inputs: dict[str, Any]) -> bool:
    """Whether the property that failed is known; one that is not is checked again, with its value, before its use."""
    return not has_unknown(inputs.get(failure.property.partition(".")[0].partition("[")[0]))


def _default_tags(settings: dict[str, Any]) -> dict[str, str]:
    """The provider's `defaultTags`, which arrives as JSON text as every nested provider setting does."""
    given = settings.get("defaultTags")
    tags = (json.loads(given) if isinstance(given, str) and given != UNKNOWN else given) or {}
    return dict(tags.get("tags") or {}) if isinstance(tags, dict) else {}


class _AboutAResource(Protocol):
    @property
    def urn(self) -> str: ...


def _type(request: _AboutAResource) -> str:
    """The resource's type token, from its URN: the last of the qualified types."""
    return request.urn.split("::")[2].rpartition("$")[2]


def _difference(
    olds: dict[str, Any],
    news: dict[str, Any],
    changes: Iterable[str],
    replaces: Iterable[str],
    *,
    delete_first: bool = False,
) -> provider_pb2.DiffResponse:
    names, forcing = list(changes), list(replaces)
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if names else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=names,
        replaces=forcing,
        deleteBeforeReplace=delete_first and bool(forcing),
        detailedDiff=differences.detailed(olds, news, names, forcing),
        hasDetailedDiff=True,
    )
