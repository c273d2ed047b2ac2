"""Recording of conversations with the real engine, for the replay tests. Off unless asked for.

With VALLETTA_RECORD_CONVERSATION naming a file, every request and what it was answered is appended to it, one JSON
object a line, in the order of the answers. `tests/twin/plugin/record.py` makes the fixtures from such files; nothing
else sets the variable, for requests hold secrets as they came.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

VARIABLE = "VALLETTA_RECORD_CONVERSATION"


def interceptors(package: str) -> list[grpc.ServerInterceptor]:
    """The recorder where VALLETTA_RECORD_CONVERSATION is set, else nothing."""
    file = os.environ.get(VARIABLE)
    return [Recorder(package, Path(file))] if file else []


class Recorder(grpc.ServerInterceptor):
    """Appends each exchange to `file` as `{"package", "method", "request", "response" | "error"}`."""

    def __init__(self, package: str, file: Path) -> None:
        self._package = package
        self._file = file

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Put a recording call around a unary method's own."""
        handler = continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        answer = handler.unary_unary
        method = str(handler_call_details.method).rpartition("/")[2]

        def recording(request: Message, context: grpc.ServicerContext) -> Message:
            try:
                response: Message = answer(request, context)
            except Exception:
                self._append(method, request, {"error": _failure(context)})
                raise
            self._append(method, request, {"response": MessageToDict(response, preserving_proto_field_name=True)})
            return response

        return grpc.unary_unary_rpc_method_handler(
            recording,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    def _append(self, method: str, request: Message, answer: dict[str, Any]) -> None:
        asked = MessageToDict(request, preserving_proto_field_name=True)
        line = json.dumps({"package": self._package, "method": method, "request": asked, **answer}, sort_keys=True)
        # Several plugin processes write one file: a single write in append mode keeps each line whole.
        with self._file.open("ab", buffering=0) as file:
            file.write(line.encode() + b"\n")


def _failure(context: grpc.ServicerContext) -> dict[str, str]:
    """What a call was aborted with. The published types of grpc leave out both readers."""
    details, code = context.details(), context.code()  # type: ignore[attr-defined]
    return {"code": code.name, "details": details.decode() if isinstance(details, bytes) else str(details)}
