"""The account's RDS changes as AWS's does: parameters are reset, a proxy and a subscription change in place."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.twin.twin import Twin
from tests.twin.account_server import AccountServer
from tests.twin.provisioning import Made, make

INSTANCE = "aws:rds/instance:Instance"
GROUP = "aws:rds/parameterGroup:ParameterGroup"
FORCED = {"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"}
DATABASE: dict[str, Any] = {
    "engine": "postgres",
    "engineVersion": "17.6",
    "instanceClass": "db.t4g.medium",
    "allocatedStorage": 20,
    "username": "owner",
    "storageEncrypted": True,
    "skipFinalSnapshot": True,
}


def parameters(account: AccountServer, group: str) -> dict[str, str]:
    """What a group says otherwise than the engine does."""
    told = account.client("rds").describe_db_parameters(DBParameterGroupName=group, Source="user")
    return {each["ParameterName"]: each["ParameterValue"] for each in told["Parameters"]}


def test_a_parameter_that_is_no_longer_declared_goes_back_to_the_engines_own_value(
    account: AccountServer, twin: Twin
) -> None:
    many = [{"name": f"log.{number}", "value": "1", "applyMethod": "immediate"} for number in range(25)]
    made = make(twin, GROUP, "reset", {"family": "postgres17", "parameters": [FORCED, *many]})
    assert len(parameters(account, made.id)) == 26
    news = {**made.inputs, "parameters": [FORCED]}
    assert twin.diff(GROUP, made.inputs, news).replaces == []
    twin.update(GROUP, made.id, made.inputs, news)
    assert parameters(account, made.id) == {"rds.force_ssl": "1"}


def test_a_request_that_resets_more_parameters_than_aws_takes_is_refused(account: AccountServer, twin: Twin) -> None:
    made = make(twin, GROUP, "refused", {"family": "postgres17", "parameters": [FORCED]})
    many = [{"ParameterName": f"log.{number}", "ApplyMethod": "immediate"} for number in range(21)]
    with pytest.raises(ClientError, match="one request takes 20"):
        account.client("rds").reset_db_parameter_group(DBParameterGroupName=made.id, Parameters=many)


@pytest.mark.parametrize(
    ("type_", "changed", "look", "shown"),
    [
        ("proxy:Proxy", {"idleClientTimeout": 60, "requireTls": False}, "describe_db_proxies", "IdleClientTimeout"),
        (
            "eventSubscription:EventSubscription",
            {"eventCategories": ["failure"], "enabled": False},
            "describe_event_subscriptions",
            "EventCategoriesList",
        ),
    ],
)
def test_what_stands_beside_a_database_changes_in_place(  # noqa: PLR0917
    type_: str,
    changed: dict[str, Any],
    look: str,
    shown: str,
    account: AccountServer,
    twin: Twin,
    provisioned: dict[str, Made],
) -> None:
    made = provisioned[f"aws:rds/{type_}"]
    news = {**made.inputs, **changed}
    assert twin.diff(made.type, made.inputs, news).replaces == []
    state = twin.update(made.type, made.id, made.inputs, news)
    answer: dict[str, Any] = getattr(account.client("rds"), look)()
    (live,) = answer["DBProxies" if "Proxy" in type_ else "EventSubscriptionsList"]
    assert live[shown] in changed.values()
    read = twin.read(made.type, made.id, news, state)
    assert read is not None
    assert read[1] == news
    twin.update(made.type, made.id, news, made.inputs)


def test_a_replica_is_made_of_a_database_whose_password_is_ours_and_of_no_other(
    account: AccountServer, twin: Twin, provisioned: dict[str, Made]
) -> None:
    ledger = provisioned[INSTANCE].inputs
    place = {name: ledger[name] for name in ("dbSubnetGroupName", "vpcSecurityGroupIds")}
    replica = {"instanceClass": "db.t4g.medium", "storageEncrypted": True, "skipFinalSnapshot": True}
    make(twin, INSTANCE, "managed", {**DATABASE, **place, "identifier": "managed", "manageMasterUserPassword": True})
    with pytest.raises(ClientError, match="where ManageMasterUserPassword is enabled is not supported"):
        make(twin, INSTANCE, "refused", {**replica, "identifier": "refused", "replicateSourceDb": "managed"})
    make(twin, INSTANCE, "copied", {**DATABASE, **place, "identifier": "copied", "password": "correct horse battery"})
    made = make(twin, INSTANCE, "replica", {**replica, "identifier": "copied-replica", "replicateSourceDb": "copied"})
    assert made.outputs["replicateSourceDb"] == "copied"
    assert not made.outputs.get("masterUserSecrets")
    for identifier in ("copied-replica", "copied", "managed"):
        account.client("rds").delete_db_instance(DBInstanceIdentifier=identifier, SkipFinalSnapshot=True)
