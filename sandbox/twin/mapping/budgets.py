"""Budgets: what a month may cost, and who is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sandbox.twin.resource import Adjust, Call, Read, Resource
from sandbox.twin.work import Work

_BUDGET = {"AccountId": "{account}", "BudgetName": "{name}"}


def _put(work: Work) -> None:
    """Make the budget, in the place of the one of that name: moto cannot change one."""
    client, inputs, account = work.client(), work.inputs, work.values["account"]
    budget = {
        "BudgetName": inputs["name"],
        "BudgetType": inputs["budgetType"],
        "TimeUnit": inputs["timeUnit"],
        "BudgetLimit": {"Amount": inputs["limitAmount"], "Unit": inputs["limitUnit"]},
    }
    known = client.describe_budgets(AccountId=account)["Budgets"]
    if any(one["BudgetName"] == inputs["name"] for one in known):
        client.delete_budget(AccountId=account, BudgetName=inputs["name"])
    notifications = [_notification(one) for one in inputs.get("notifications", [])]
    client.create_budget(AccountId=account, Budget=budget, NotificationsWithSubscribers=notifications)


def _notification(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Notification": {
            "NotificationType": given["notificationType"],
            "ComparisonOperator": given["comparisonOperator"],
            "Threshold": given["threshold"],
            "ThresholdType": given["thresholdType"],
        },
        "Subscribers": list(_subscribers(given)),
    }


def _subscribers(given: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    for address in given.get("subscriberSnsTopicArns", []):
        yield {"SubscriptionType": "SNS", "Address": address}
    for address in given.get("subscriberEmailAddresses", []):
        yield {"SubscriptionType": "EMAIL", "Address": address}


BUDGET = Resource(
    type="aws:budgets/budget:Budget",
    service="budgets",
    id="{account}:{name}",
    settings=(Adjust(_put, carries=("name", "budgetType", "timeUnit", "limitAmount", "limitUnit", "notifications")),),
    read=(
        Read(
            "DescribeBudget",
            _BUDGET,
            at="Budget",
            takes=("budgetType", "timeUnit"),
            names={
                "name": "BudgetName",
                "limitAmount": "BudgetLimit.Amount",
                "limitUnit": "BudgetLimit.Unit",
            },
        ),
    ),
    computed={"accountId": "{account}", "arn": "arn:{partition}:budgets::{account}:budget/{name}"},
    delete=(Call("DeleteBudget", _BUDGET),),
    autoname="name",
    longest_name=100,
    identity=("name",),
    replace_on=("name",),
    # Moto does not tell who is notified, and has no tags of budgets.
    dropped=("notifications", "tags"),
)

RESOURCES = (BUDGET,)
