"""What the real engine once said to the plugins, said again: they must answer as they did then."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import grpc
import httpx
import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message_factory import GetMessageClass
from pulumi.runtime.proto import provider_pb2

from sandbox.paths import CLONE
from sandbox.plugins.__main__ import serve
from sandbox.plugins.endpoint import VARIABLE
from tests.twin.plugin.conversation import SCENES, Bindings, Json, read
from tests.twin.plugin.harness import client

_METHODS = provider_pb2.DESCRIPTOR.services_by_name["ResourceProvider"].methods_by_name


class Player:
    """Plays scenes to the plugins and compares their answers with those recorded."""

    def __init__(self, account: str, channels: dict[str, grpc.Channel]) -> None:
        self._account = account
        self._channels = channels
        self._bindings = Bindings()

    def play(self, scene: str) -> list[str]:
        """Every difference of a scene, each naming its line."""
        found = []
        for number, line in enumerate(read(scene), start=1):
            if "outside" in line:
                self._do_outside(self._bindings.fill(line["outside"]))
                continue
            answer = self._call(line["package"], line["method"], self._bindings.fill(line["request"]))
            recorded = {key: line[key] for key in ("response", "error") if key in line}
            where = f"{scene}:{number} {line['method']} {line['request'].get('urn', '').rpartition('::')[2]}"
            found += [f"{where} {difference}" for difference in self._bindings.differences(recorded, answer)]
        return found

    def _call(self, package: str, method: str, request: Json) -> Json:
        described = _METHODS[method]
        asked, answers = GetMessageClass(described.input_type), GetMessageClass(described.output_type)
        call = self._channels[package].unary_unary(
            f"/pulumirpc.ResourceProvider/{method}",
            request_serializer=asked.SerializeToString,
            response_deserializer=answers.FromString,
        )
        try:
            response = call(ParseDict(request, asked()))
        except grpc.RpcError as error:
            return {"error": {"code": error.code().name, "details": error.details()}}
        return {"response": MessageToDict(response, preserving_proto_field_name=True)}

    def _do_outside(self, change: Json) -> None:
        getattr(client(change["service"], self._account), change["operation"])(**change["parameters"])


@pytest.fixture(scope="module")
def differences(account_server: str) -> Iterator[dict[str, list[str]]]:
    """What the plugins answered otherwise than recorded, scene by scene: one account goes through all of them."""
    httpx.post(f"{account_server}/valletta/reset", trust_env=False).raise_for_status()
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(VARIABLE, account_server)
        served = {package: serve(package) for package in ("aws", "kubernetes")}
        channels = {package: grpc.insecure_channel(f"127.0.0.1:{port}") for package, (_, port) in served.items()}
        player = Player(account_server, channels)
        yield {scene: player.play(scene) for scene in SCENES}
        for channel in channels.values():
            channel.close()
        for server, _ in served.values():
            server.stop(0).wait()


@pytest.mark.parametrize("scene", SCENES)
def test_the_plugins_answer_a_recorded_conversation_as_they_did_to_the_real_engine(
    differences: dict[str, list[str]], scene: str
) -> None:
    assert differences[scene] == []


def test_the_recorded_conversations_hold_every_kind_of_call_and_nothing_of_the_machine() -> None:
    lines = [line for scene in SCENES for line in read(scene)]
    assert {"Check", "Diff", "Create", "Read", "Update", "Delete"} <= {line.get("method") for line in lines}
    text = json.dumps(lines)
    assert str(CLONE) not in text
    assert not re.search(r"127\.0\.0\.1:\d", text)
