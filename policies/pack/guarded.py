"""The pack's server, which refuses a configuration that would weaken production.

Pulumi's engine lets whoever runs it set the level of any policy, and gives a policy no way to see its own. The two
calls by which the engine tells the stack and the configuration are therefore taken here, before the SDK has them.
"""

from __future__ import annotations

from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import policy as sdk

from policies.pack.levels import REASON, Level, LevelsError, advisory_rules


class GuardedAnalyzer(sdk._PolicyAnalyzerServicer):
    """The SDK's analyzer, with the configuration judged first."""

    _stack: str | None = None

    def ConfigureStack(self, request: analyzer_pb2.AnalyzerStackConfigureRequest, context: grpc.ServicerContext) -> Any:  # noqa: ANN401, N802
        """Remember which stack is judged."""
        self._stack = request.stack
        return super().ConfigureStack(request, context)

    def Configure(self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: grpc.ServicerContext) -> Any:  # noqa: ANN401, N802
        """Take the levels, if this stack may have them; else the engine ends with the reason."""
        configured = {
            name: Level(
                analyzer_pb2.EnforcementLevel.Name(each.enforcementLevel).lower(),
                str(json_format.MessageToDict(each.properties).get(REASON, "")),
            )
            for name, each in request.policyConfig.items()
        }
        try:
            advisory_rules(configured, self._stack)
        except LevelsError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return super().Configure(request, context)  # type: ignore[no-untyped-call]


def guard() -> None:
    """Let every pack of this process be served so."""
    sdk._PolicyAnalyzerServicer = GuardedAnalyzer  # type: ignore[misc]
