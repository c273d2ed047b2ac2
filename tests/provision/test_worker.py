"""A program run in process, its resources made in a real account."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes
import pytest
from pulumi.runtime.settings import SETTINGS

from sandbox.plan.monitor import RegistrationError
from sandbox.plan.program import StackFiles, run_program
from sandbox.plan.values import Secret
from sandbox.plugins.values import UNKNOWN, Properties
from sandbox.provision.worker import Maker, properties, sealed
from tests.twin.account_server import REGION, AccountServer

FILES = StackFiles("valletta-local", "local", {})


@pytest.fixture(autouse=True)
def nothing_of_the_sdk_is_left() -> None:
    """After a program that failed, the SDK still waits for that program's outputs."""
    SETTINGS.rpc_manager.clear()
    SETTINGS.outputs.clear()


def run(server: AccountServer, program: Callable[[], None]) -> tuple[list[str], Mapping[str, Any]]:
    """What was made, in order, and the stack's outputs."""
    told: list[str] = []
    maker = Maker(server.url, REGION, lambda name, _: told.append(name))
    return told, run_program(FILES, maker.make, maker.answer, program=program).outputs


def test_resources_are_made_after_what_they_depend_on_through_components_too(server: AccountServer) -> None:
    class Keys(pulumi.ComponentResource):
        def __init__(self) -> None:
            super().__init__("test:Keys", "keys")
            self.key = aws.kms.Key("records", description="records", opts=pulumi.ResourceOptions(parent=self))
            self.register_outputs({})

    def program() -> None:
        keys = Keys()
        after = pulumi.ResourceOptions(depends_on=[keys])
        aws.kms.Alias("records", name="alias/records", target_key_id=keys.key.key_id)
        aws.iam.Role("reader", assume_role_policy=json.dumps({"Statement": []}), opts=after)
        pulumi.export("key", keys.key.arn)

    made, outputs = run(server, program)
    assert made[0] == "aws:kms/key:Key records"
    assert sorted(made[1:]) == ["aws:iam/role:Role reader", "aws:kms/alias:Alias records"]
    key = server.client("kms").describe_key(KeyId="alias/records")["KeyMetadata"]
    assert outputs["key"] == key["Arn"]


def test_a_secret_reaches_the_account_and_stays_a_secret_in_the_outputs(server: AccountServer) -> None:
    def program() -> None:
        secret = aws.secretsmanager.Secret("password", name="password")
        version = aws.secretsmanager.SecretVersion(
            "password", secret_id=secret.id, secret_string=pulumi.Output.secret("hunter2-hunter2")
        )
        pulumi.export("password", version.secret_string)
        pulumi.export("arn", secret.arn)

    _, outputs = run(server, program)
    assert server.client("secretsmanager").get_secret_value(SecretId="password")["SecretString"] == "hunter2-hunter2"
    assert isinstance(outputs["password"], Secret)
    assert "hunter2" not in repr(outputs)
    assert outputs["arn"].startswith("arn:aws:secretsmanager:")


def test_kubernetes_objects_are_made_beside_the_resources_of_aws(server: AccountServer) -> None:
    def program() -> None:
        namespace = kubernetes.core.v1.Namespace("exchange", metadata={"name": "exchange"})
        kubernetes.core.v1.ServiceAccount(
            "gateway", metadata={"name": "gateway", "namespace": namespace.metadata["name"]}
        )

    made, _ = run(server, program)
    assert made == ["kubernetes:core/v1:Namespace exchange", "kubernetes:core/v1:ServiceAccount gateway"]
    assert server.health()["declared"] == 2


def test_a_function_of_a_provider_is_answered_from_the_account(server: AccountServer) -> None:
    def program() -> None:
        pulumi.export("account", aws.get_caller_identity_output().account_id)

    assert run(server, program)[1]["account"] == server.health()["account"]


def test_a_resource_that_cannot_be_made_is_named_by_its_urn_and_without_its_secrets(server: AccountServer) -> None:
    def program() -> None:
        aws.kms.Alias("records", name="alias/records", target_key_id=pulumi.Output.secret("hunter2-hunter2"))

    with pytest.raises(RegistrationError) as failed:
        run(server, program)
    assert str(failed.value).startswith("urn:pulumi:local::valletta-local::aws:kms/alias:Alias::records: ")
    assert "[secret]" in str(failed.value)
    assert "hunter2" not in str(failed.value)


def test_inputs_that_cannot_be_are_refused_before_anything_is_made(server: AccountServer) -> None:
    def program() -> None:
        kubernetes.core.v1.Namespace("exchange", metadata={"name": "The Exchange"})

    with pytest.raises(RegistrationError, match=r"::exchange: metadata\.name: 'The Exchange'"):
        run(server, program)
    assert server.health()["sequence"] == 0


def test_a_provider_that_the_twin_does_not_stand_for_is_named(server: AccountServer) -> None:
    def program() -> None:
        pulumi.CustomResource("random:index/randomId:RandomId", "id", {})

    with pytest.raises(
        RegistrationError, match=r"random:index/randomId:RandomId: the twin stands for .*aws, kubernetes"
    ):
        run(server, program)


def test_secrets_are_remembered_by_their_places_and_put_back_there() -> None:
    inputs = {"a": Secret("s"), "b": [{"c": Secret({"d": 1})}, "plain"]}
    read = properties(inputs)
    assert read == Properties({"a": "s", "b": [{"c": {"d": 1}}, "plain"]}, frozenset({("a",), ("b", 0, "c")}))
    assert sealed(read.plain, read.secrets) == inputs
    assert UNKNOWN not in str(read)
