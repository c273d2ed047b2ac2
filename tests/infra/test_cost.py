"""The month's estimate: everything is priced or declared free, and the parts add up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.cost.estimate import Estimate, estimate
from infra.cost.prices import HOURS, Prices, UnpricedError, larges, processors
from infra.cost.rates import FREE, RATES
from infra.cost.usage import BY_ENVIRONMENT, Usage, UsageError
from sandbox.plan.record import Plan
from tests.infra.golden import FOUNDATIONS


def of(plan: Plan, usage: Usage | None = None) -> Estimate:
    return estimate(plan.resources, "eu-west-1", usage or BY_ENVIRONMENT["production"])


@pytest.mark.parametrize("stack", FOUNDATIONS)
def test_every_type_of_a_stack_is_priced_or_declared_free(plans: dict[str, Plan], stack: str) -> None:
    assert of(plans[stack]).unpriced == {}


def test_nothing_is_both_priced_and_free() -> None:
    assert RATES.keys() & FREE == set()


def test_a_type_without_a_rate_is_named_and_not_taken_for_nothing(production: Plan) -> None:
    stranger = replace(production.resources[-1], type="aws:ec2/spotFleet:SpotFleet", inputs={})
    found = estimate([stranger], "eu-west-1", Usage())
    assert list(found.unpriced) == ["aws:ec2/spotFleet:SpotFleet"]


def test_a_machine_without_a_price_is_named(production: Plan) -> None:
    (database,) = (each for each in production.of_type("aws:rds/instance:Instance") if "multiAz" in each.inputs)
    exotic = replace(database, inputs={**database.inputs, "instanceClass": "db.x2iedn.large"})
    assert "db.x2iedn" in estimate([exotic], "eu-west-1", Usage()).unpriced[database.name]


def test_the_components_add_up_to_the_month(production: Plan) -> None:
    found = of(production)
    assert sum(found.by_component().values()) == pytest.approx(found.month)
    assert set(found.by_component()) >= {"cluster", "database", "network", "streaming"}


def test_a_second_zone_of_the_database_costs_as_much_as_the_first(production: Plan) -> None:
    (database,) = (each for each in production.of_type("aws:rds/instance:Instance") if "multiAz" in each.inputs)
    single = replace(database, inputs={**database.inputs, "multiAz": False})
    one, two = (estimate([each], "eu-west-1", Usage()).month for each in (single, database))
    assert two == pytest.approx(2 * one)


def test_staging_costs_less_than_production(plans: dict[str, Plan]) -> None:
    staging = of(plans["staging"], BY_ENVIRONMENT["staging"])
    assert 0 < staging.month < of(plans["production"]).month


def test_usage_is_priced_by_quantity(production: Plan) -> None:
    less, more = (of(production, Usage().with_({"nat_gb": quantity})).month for quantity in (0, 1000))
    assert more - less == pytest.approx(1000 * Prices.of("eu-west-1").unit("nat_gb"))


@pytest.mark.parametrize(("given", "told"), [({"nat": 1}, "no assumption; they are"), ({"nat_gb": -1}, "nothing or")])
def test_an_assumption_that_cannot_be_is_refused(given: dict[str, float], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Usage().with_(given)


def test_sizes_double() -> None:
    assert [larges(size) for size in ("small", "medium", "large", "xlarge", "4xlarge")] == [0.25, 0.5, 1, 2, 8]
    assert [processors(f"db.m7g.{size}") for size in ("large", "xlarge", "2xlarge")] == [2, 4, 8]
    with pytest.raises(UnpricedError, match="'huge' is no size"):
        larges("huge")


def test_a_region_without_a_factor_is_refused() -> None:
    with pytest.raises(UnpricedError, match="has no region 'ap-south-1'"):
        Prices.of("ap-south-1")


def test_a_month_has_the_hours_that_aws_counts() -> None:
    assert HOURS == 730
