"""The provider protocol, one call after the other, against a real account."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.__main__ import serve
from sandbox.plugins.endpoint import VARIABLE
from sandbox.plugins.values import UNKNOWN, marshal, unmarshal
from tests.twin.plugin.harness import ALIAS, KEY, Client, Conversation, urn

KINDS = provider_pb2.PropertyDiff
BUDGET, SECRET = "kubernetes:policy/v1:PodDisruptionBudget", "kubernetes:core/v1:Secret"
SOME, NONE = provider_pb2.DiffResponse.DIFF_SOME, provider_pb2.DiffResponse.DIFF_NONE


def made(aws: Conversation, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A key created from checked inputs: its id and those inputs."""
    checked = unmarshal(aws.check(KEY, "records", inputs).inputs).plain
    return aws.create(KEY, "records", checked)[0], checked


def test_a_create_makes_the_resource_and_answers_with_its_id_and_outputs(aws: Conversation, kms: Client) -> None:
    id_, outputs = aws.create(KEY, "records", {"description": "records"})
    assert kms.describe_key(KeyId=id_)["KeyMetadata"]["Description"] == "records"
    assert outputs.plain["arn"].endswith(f":key/{id_}")


def test_equal_inputs_are_no_difference(aws: Conversation) -> None:
    id_, inputs = made(aws, {"description": "records", "tags": {"owner": "compliance"}})
    answer = aws.diff(KEY, "records", id_, inputs, inputs)
    assert (answer.changes, list(answer.diffs), dict(answer.detailedDiff)) == (NONE, [], {})


def test_a_changed_input_is_told_to_the_innermost_value_and_updated_in_place(aws: Conversation, kms: Client) -> None:
    olds = {"description": "records", "tags": {"owner": "compliance", "old": "1"}}
    news = {"description": "records", "tags": {"owner": "audit", "new.key": "2"}}
    id_, outputs = aws.create(KEY, "records", olds)
    answer = aws.diff(KEY, "records", id_, olds, news)
    assert (answer.changes, list(answer.replaces)) == (SOME, [])
    assert {path: entry.kind for path, entry in answer.detailedDiff.items()} == {
        "tags.owner": KINDS.UPDATE,
        "tags.old": KINDS.DELETE,
        'tags["new.key"]': KINDS.ADD,
    }
    aws.update(KEY, "records", id_, outputs, olds=olds, news=news)
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=id_)["Tags"]}
    assert tags == {"owner": "audit", "new.key": "2"}


def test_a_property_that_cannot_change_forces_a_replacement_and_a_clashing_name_deletes_first(
    aws: Conversation,
) -> None:
    olds = {"name": "alias/records", "targetKeyId": "a"}
    renamed = aws.diff(ALIAS, "records", "alias/records", olds, {**olds, "name": "alias/ledger"})
    assert list(renamed.replaces) == ["name"]
    assert renamed.detailedDiff["name"].kind == KINDS.UPDATE_REPLACE
    assert not renamed.deleteBeforeReplace, "another name does not clash with the old one"
    key = aws.diff(KEY, "records", "k", {"keyUsage": "ENCRYPT_DECRYPT"}, {"keyUsage": "GENERATE_VERIFY_MAC"})
    assert list(key.replaces) == ["keyUsage"]


def test_a_deleted_resource_is_gone_and_deleting_it_again_is_no_error(aws: Conversation, kms: Client) -> None:
    id_, outputs = aws.create(KEY, "records", {"description": "records"})
    aws.delete(KEY, "records", id_, outputs)
    assert kms.describe_key(KeyId=id_)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    aws.delete(KEY, "records", id_, outputs)


def test_read_shows_a_change_that_was_made_behind_the_engines_back(aws: Conversation, kms: Client) -> None:
    inputs = {"description": "records"}
    id_, outputs = aws.create(KEY, "records", inputs)
    kms.update_key_description(KeyId=id_, Description="tampered with")
    live, live_inputs, state = aws.read(KEY, "records", id_, inputs, outputs)
    assert live == id_
    assert live_inputs.plain["description"] == "tampered with", "with the old inputs, a refresh would say unchanged"
    assert state.plain["description"] == "tampered with"


def test_read_answers_with_an_empty_id_when_the_resource_is_gone(aws: Conversation, kms: Client) -> None:
    id_, outputs = aws.create(KEY, "records", {"description": "records"})
    kms.schedule_key_deletion(KeyId=id_, PendingWindowInDays=7)
    assert aws.read(KEY, "records", id_, {}, outputs)[0] == ""


def test_a_secret_input_comes_back_as_a_secret_from_every_call(aws: Conversation) -> None:
    secret = [("description",)]
    checked = aws.check(KEY, "records", {"description": "hunter2-hunter2"}, secret)
    assert "4dabf18193072939515e22adb298388d" in checked.inputs.fields["description"].struct_value.fields
    id_, outputs = aws.create(KEY, "records", {"description": "hunter2-hunter2"}, secret)
    assert ("description",) in outputs.secrets
    _, inputs, state = aws.read(KEY, "records", id_, {"description": "hunter2-hunter2"}, outputs)
    assert ("description",) in inputs.secrets
    assert ("description",) in state.secrets
    news = {"description": "correct-horse"}
    after = aws.update(KEY, "records", id_, outputs, olds={"description": "hunter2-hunter2"}, news=news, secrets=secret)
    assert ("description",) in after.secrets


def test_an_error_never_repeats_a_secret(aws: Conversation) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        aws.create(ALIAS, "records", {"name": "alias/a", "targetKeyId": "hunter2-hunter2"}, [("targetKeyId",)])
    assert "[secret]" in str(refused.value.details())
    assert "hunter2" not in str(refused.value.details())


@pytest.mark.parametrize(
    ("stack", "project"), [("staging", "valletta"), ("staging", "valletta-local"), ("local", "valletta")]
)
def test_a_resource_of_another_project_or_stack_is_refused_by_every_call(
    aws: Conversation, kms: Client, stack: str, project: str
) -> None:
    foreign = urn(KEY, "records", stack=stack, project=project)
    struct = marshal({"description": "records"})
    calls: list[tuple[Any, Any]] = [
        (aws.stub.CheckConfig, provider_pb2.CheckRequest(urn=foreign)),
        (aws.stub.DiffConfig, provider_pb2.DiffRequest(urn=foreign)),
        (aws.stub.Configure, provider_pb2.ConfigureRequest(urn=foreign)),
        (aws.stub.Check, provider_pb2.CheckRequest(urn=foreign, news=struct)),
        (aws.stub.Diff, provider_pb2.DiffRequest(urn=foreign, news=struct)),
        (aws.stub.Create, provider_pb2.CreateRequest(urn=foreign, properties=struct)),
        (aws.stub.Read, provider_pb2.ReadRequest(urn=foreign, id="x")),
        (aws.stub.Update, provider_pb2.UpdateRequest(urn=foreign, id="x", news=struct)),
        (aws.stub.Delete, provider_pb2.DeleteRequest(urn=foreign, id="x")),
    ]
    for call, request in calls:
        with pytest.raises(grpc.RpcError) as refused:
            call(request)
        assert refused.value.code() == grpc.StatusCode.FAILED_PRECONDITION
        assert f"stack {stack!r} of project {project!r}" in str(refused.value.details())
    assert kms.list_keys()["Keys"] == []


def test_a_type_that_the_twin_does_not_know_is_named(aws: Conversation) -> None:
    with pytest.raises(grpc.RpcError, match="aws:gamelift/fleet:Fleet"):
        aws.check("aws:gamelift/fleet:Fleet", "fleet", {})


def test_a_preview_creates_nothing_and_promises_only_what_is_known(aws: Conversation, kms: Client) -> None:
    id_, outputs = aws.create(KEY, "records", {"description": UNKNOWN, "tags": {"owner": "audit"}}, preview=True)
    assert id_ == ""
    assert outputs.plain == {"description": UNKNOWN, "tags": {"owner": "audit"}}
    assert kms.list_keys()["Keys"] == []


def test_a_preview_of_an_update_changes_nothing(aws: Conversation, kms: Client) -> None:
    id_, outputs = aws.create(KEY, "records", {"description": "records"})
    after = aws.update(
        KEY, "records", id_, outputs, olds={"description": "records"}, news={"description": "ledger"}, preview=True
    )
    assert after.plain == {**outputs.plain, "description": "ledger"}
    assert kms.describe_key(KeyId=id_)["KeyMetadata"]["Description"] == "records"


def test_unknown_inputs_pass_the_check_and_count_as_a_difference(aws: Conversation) -> None:
    checked = aws.check(ALIAS, "records", {"name": "alias/records", "targetKeyId": UNKNOWN})
    assert not checked.failures
    olds = {"name": "alias/records", "targetKeyId": "a"}
    answer = aws.diff(ALIAS, "records", "alias/records", olds, {**olds, "targetKeyId": UNKNOWN})
    assert list(answer.diffs) == ["targetKeyId"]


def test_a_manifest_is_judged_by_what_of_it_is_known(kubernetes: Conversation) -> None:
    """An unknown is a string on the wire, where the API wants a number: that is no mistake of the program."""
    metadata = {"name": "budget", "namespace": "default"}
    unknown = kubernetes.check(BUDGET, "budget", {"metadata": metadata, "spec": {"minAvailable": UNKNOWN}})
    assert not unknown.failures
    wrong = kubernetes.check(BUDGET, "budget", {"metadata": metadata, "spec": {"minAvailable": [1]}})
    assert [failure.property for failure in wrong.failures] == ["spec.minAvailable"]


def test_an_object_that_keeps_its_name_is_deleted_before_it_is_replaced(kubernetes: Conversation) -> None:
    olds = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "password", "namespace": "default"},
        "type": "Opaque",
    }
    same_name = kubernetes.diff(SECRET, "password", "default/password", olds, {**olds, "type": "kubernetes.io/tls"})
    assert list(same_name.replaces) == ["type"]
    assert same_name.deleteBeforeReplace
    metadata = {"name": "passphrase", "namespace": "default"}
    other_name = kubernetes.diff(SECRET, "password", "default/password", olds, {**olds, "metadata": metadata})
    assert list(other_name.replaces) == ["metadata"]
    assert not other_name.deleteBeforeReplace


def test_the_handshake_asks_for_secrets_as_such_and_for_everything_else_as_plain_values(aws: Conversation) -> None:
    answer = aws.stub.Handshake(provider_pb2.ProviderHandshakeRequest(engine_address="127.0.0.1:1"))
    assert (answer.accept_secrets, answer.accept_resources, answer.accept_outputs) == (True, False, False)
    assert aws.configure().supportsPreview
    assert aws.stub.GetPluginInfo(empty_pb2.Empty()).version.startswith("7.")


def test_another_region_replaces_the_provider_and_other_settings_do_not(aws: Conversation) -> None:
    provider = urn("pulumi:providers:aws", "main")

    def between(olds: dict[str, Any], news: dict[str, Any]) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=provider, old_inputs=marshal(olds), olds=marshal(olds), news=marshal(news)
        )
        response: provider_pb2.DiffResponse = aws.stub.DiffConfig(request)
        return response

    assert list(between({"region": "eu-west-1"}, {"region": "eu-west-2"}).replaces) == ["region"]
    assert list(between({"region": "eu-west-1"}, {"region": "eu-west-1", "profile": "x"}).replaces) == []


def test_the_providers_default_tags_reach_every_resource(aws: Conversation, kms: Client) -> None:
    aws.configure(defaultTags='{"tags": {"owner": "compliance"}}')
    id_, _ = made(aws, {"description": "records"})
    assert kms.list_resource_tags(KeyId=id_)["Tags"] == [{"TagKey": "owner", "TagValue": "compliance"}]


def test_without_a_running_account_configuring_says_how_to_start_one(
    account: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("VALLETTA_HOME", str(tmp_path))
    server, port = serve("aws")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel, pytest.raises(grpc.RpcError) as refused:
        Conversation(channel).configure()
    server.stop(0).wait()
    assert refused.value.details() == "the account twin is not running: make up"


def test_an_interrupt_ends_a_plugin_quietly(launcher: Path, account: str) -> None:
    plugin = subprocess.Popen(
        [launcher, "127.0.0.1:1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert plugin.stdout is not None
    int(plugin.stdout.readline())
    plugin.send_signal(signal.SIGINT)
    assert plugin.communicate() == ("", "")
    assert plugin.returncode == 0, "the engine takes anything else for a failure of the whole run"


def test_the_executable_prints_its_port_alone_and_ends_with_whoever_started_it(launcher: Path, account: str) -> None:
    engine = subprocess.Popen(
        ["sh", "-c", f'"{launcher}" 127.0.0.1:1 & cat'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert engine.stdin is not None
    assert engine.stdout is not None
    port = int(engine.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        Conversation(channel).configure()
        engine.stdin.close()
        assert engine.stdout.read() == "", "the output stays open until the plugin has ended too, and says nothing more"
    assert engine.wait() == 0
