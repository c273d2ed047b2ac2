"""A plugin as the engine sees it: a process's port, and Pulumi's provider protocol over it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

import boto3
import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.plugins.values import Path, Properties, marshal, unmarshal

REGION = "eu-west-1"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"

Client: TypeAlias = Any
"""A boto3 client of a service whose types are not among the installed ones."""


def client(service: str, endpoint: str) -> Client:
    """AWS's own client of the account at `endpoint`: what is there, whoever says otherwise."""
    session: Any = boto3.session.Session(aws_access_key_id="test", aws_secret_access_key="test")
    return session.client(service, region_name=REGION, endpoint_url=endpoint)


def urn(type_: str, name: str, *, stack: str = "local", project: str = "valletta-local") -> str:
    """The URN of a resource, by default of the stack that the plugins serve."""
    return f"urn:pulumi:{stack}::{project}::{type_}::{name}"


class Conversation:
    """Speaks for the engine about resources of one stack. Raises grpc.RpcError as the engine would see it."""

    def __init__(self, channel: grpc.Channel, package: str = "aws") -> None:
        self.package = package
        self.stub = provider_pb2_grpc.ResourceProviderStub(channel)

    def configure(self, **settings: str) -> provider_pb2.ConfigureResponse:
        provider = urn(f"pulumi:providers:{self.package}", "default")
        args = marshal({"region": REGION, **settings})
        request = provider_pb2.ConfigureRequest(urn=provider, args=args, acceptSecrets=True)
        response: provider_pb2.ConfigureResponse = self.stub.Configure(request)
        return response

    def check(
        self,
        type_: str,
        name: str,
        news: dict[str, Any],
        secrets: Iterable[Path] = (),
        olds: dict[str, Any] | None = None,
    ) -> provider_pb2.CheckResponse:
        request = provider_pb2.CheckRequest(urn=urn(type_, name), news=marshal(news, secrets), olds=marshal(olds or {}))
        response: provider_pb2.CheckResponse = self.stub.Check(request)
        return response

    def create(
        self, type_: str, name: str, inputs: dict[str, Any], secrets: Iterable[Path] = (), *, preview: bool = False
    ) -> tuple[str, Properties]:
        request = provider_pb2.CreateRequest(
            urn=urn(type_, name), properties=marshal(inputs, secrets), preview=preview, timeout=30
        )
        response = self.stub.Create(request)
        return response.id, unmarshal(response.properties)

    def diff(
        self, type_: str, name: str, id_: str, olds: dict[str, Any], news: dict[str, Any]
    ) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            id=id_, urn=urn(type_, name), olds=marshal(olds), old_inputs=marshal(olds), news=marshal(news)
        )
        response: provider_pb2.DiffResponse = self.stub.Diff(request)
        return response

    def read(
        self, type_: str, name: str, id_: str, inputs: dict[str, Any], state: Properties
    ) -> tuple[str, Properties, Properties]:
        request = provider_pb2.ReadRequest(
            id=id_, urn=urn(type_, name), inputs=marshal(inputs), properties=marshal(state.plain, state.secrets)
        )
        response = self.stub.Read(request)
        return response.id, unmarshal(response.inputs), unmarshal(response.properties)

    def update(
        self,
        type_: str,
        name: str,
        id_: str,
        state: Properties,
        *,
        olds: dict[str, Any],
        news: dict[str, Any],
        secrets: Iterable[Path] = (),
        preview: bool = False,
    ) -> Properties:
        request = provider_pb2.UpdateRequest(
            id=id_,
            urn=urn(type_, name),
            olds=marshal(state.plain, state.secrets),
            old_inputs=marshal(olds),
            news=marshal(news, secrets),
            preview=preview,
        )
        return unmarshal(self.stub.Update(request).properties)

    def delete(self, type_: str, name: str, id_: str, state: Properties) -> None:
        request = provider_pb2.DeleteRequest(
            id=id_, urn=urn(type_, name), properties=marshal(state.plain, state.secrets)
        )
        self.stub.Delete(request)
