"""Where moto's RDS does what AWS's does not: identities, managed passwords, resets, and changes in place."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBParameterGroupNotFoundError, DBProxyNotFoundFault, InvalidParameterValue
from moto.rds.responses import RDSResponse

from sandbox.twin.values import Value

_MOST_PARAMETERS: Final = 20
"""Of one request, as AWS takes them."""
_PROXY: Final = {
    "Auth": "auth",
    "DebugLogging": "debug_logging",
    "IdleClientTimeout": "idle_client_timeout",
    "RequireTLS": "require_tls",
    "RoleArn": "role_arn",
    "SecurityGroups": "vpc_security_group_ids",
}
_SUBSCRIPTION: Final = {
    "Enabled": "enabled",
    "EventCategories": "event_categories",
    "SnsTopicArn": "sns_topic_arn",
    "SourceType": "source_type",
}
"""Members of a change, and where moto keeps them."""


def correct(rds: Value) -> None:
    """Put RDS's part of the account right."""
    _tell_instances_apart(rds)
    _forget_managed_passwords(rds)
    _keep_subnet_groups(rds)
    _miss_absent_proxies(rds)
    responses: Value = RDSResponse
    responses.reset_db_parameter_group = _reset_parameters
    responses.modify_db_proxy = _modify_proxy
    responses.modify_event_subscription = _modify_subscription


def _tell_instances_apart(rds: Value) -> None:
    """Moto gives every instance one resource id, and copies those whose password is managed, which AWS refuses."""
    create, replicate = rds.create_db_instance, rds.create_db_instance_read_replica

    def identified(instance: Value) -> Value:
        digest = hashlib.sha256(f"{rds.account_id} {rds.region_name} {instance.db_instance_identifier}".encode())
        instance.dbi_resource_id = f"db-{base64.b32encode(digest.digest())[:26].decode()}"
        return instance

    def create_db_instance(properties: Value) -> Value:
        return identified(create(properties))

    def create_db_instance_read_replica(properties: Value) -> Value:
        source = rds.find_db_from_id(properties["source_db_instance_identifier"])
        if source.manage_master_user_password:
            raise InvalidParameterValue(
                f"Creating read replicas for source instance with engine {source.engine} "
                "where ManageMasterUserPassword is enabled is not supported."
            )
        return identified(replicate(properties))

    rds.create_db_instance = create_db_instance
    rds.create_db_instance_read_replica = create_db_instance_read_replica


def _forget_managed_passwords(rds: Value) -> None:
    """Moto gives a restored instance a secret of its own; AWS gives it the old password, and nobody who manages it."""

    def forgetting(restore: Callable[..., Value]) -> Callable[..., Value]:
        def make(*args: Value, **kwargs: Value) -> Value:
            instance = restore(*args, **kwargs)
            instance.update(manage_master_user_password=False)
            return instance

        return make

    rds.restore_db_instance_from_db_snapshot = forgetting(rds.restore_db_instance_from_db_snapshot)
    rds.restore_db_instance_to_point_in_time = forgetting(rds.restore_db_instance_to_point_in_time)


def _keep_subnet_groups(rds: Value) -> None:
    """Moto forgets a subnet group when it is modified."""
    modify = rds.modify_db_subnet_group

    def modify_db_subnet_group(name: str, *args: Value) -> Value:
        rds.subnet_groups[name] = group = modify(name, *args)
        return group

    rds.modify_db_subnet_group = modify_db_subnet_group


def _miss_absent_proxies(rds: Value) -> None:
    """Moto fails over a proxy that is not there, where AWS says so."""
    delete = rds.delete_db_proxy

    def delete_db_proxy(proxy_name: str) -> Value:
        if proxy_name not in rds.db_proxies:
            raise DBProxyNotFoundFault(proxy_name)
        return delete(proxy_name)

    rds.delete_db_proxy = delete_db_proxy


def _reset_parameters(response: Value) -> ActionResult:
    """Moto cannot set a parameter back to the engine's own value."""
    name, asked = response.params["DBParameterGroupName"], response.params.get("Parameters", [])
    if name not in response.backend.db_parameter_groups:
        raise DBParameterGroupNotFoundError(name)
    if len(asked) > _MOST_PARAMETERS:
        raise InvalidParameterValue(f"{len(asked)} parameters; one request takes {_MOST_PARAMETERS}")
    parameters = response.backend.db_parameter_groups[name].parameters
    for each in asked:
        parameters.pop(each["ParameterName"], None)
    return ActionResult({"DBParameterGroupName": name})


def _modify_proxy(response: Value) -> ActionResult:
    """Moto changes a proxy's target group only."""
    (proxy,) = response.backend.describe_db_proxies(response.params["DBProxyName"])
    _change(proxy, response.params, _PROXY)
    return ActionResult({"DBProxy": proxy})


def _modify_subscription(response: Value) -> ActionResult:
    """Moto makes and deletes a subscription."""
    (subscription,) = response.backend.describe_event_subscriptions(response.params["SubscriptionName"])
    _change(subscription, response.params, _SUBSCRIPTION)
    return ActionResult({"EventSubscription": subscription})


def _change(thing: Value, asked: Mapping[str, Any], kept: Mapping[str, str]) -> None:
    for member, attribute in kept.items():
        if asked.get(member) is not None:
            setattr(thing, attribute, asked[member])
