"""The monitor sees what the CLI would see, and refuses what would go wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest

from sandbox.plan.monitor import Registration, RegistrationError
from sandbox.plan.program import Execution, StackFiles, run_program
from sandbox.plan.record import Plan
from sandbox.plan.values import SECRET_MARKER, UNKNOWN, UNKNOWN_MARKER, Secret, reveal

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated in favor of:DeprecationWarning")

FILES = StackFiles("house", "test", {})


class Group(pulumi.ComponentResource):
    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("house:index:Group", name, None, opts)
        self.inside = pulumi.ResourceOptions(parent=self)


def with_arn(registration: Registration) -> tuple[str, Mapping[str, Any]]:
    return f"id-of-{registration.name}", {"arn": f"arn:{registration.name}"}


def nothing(registration: Registration) -> tuple[str, Mapping[str, Any]]:
    return f"id-of-{registration.name}", {}


def run(program: Callable[[], None], handler: Callable[..., Any] = with_arn) -> Execution:
    return run_program(FILES, handler, program=program)


def named(execution: Execution, name: str) -> Registration:
    return next(each for each in execution.registrations if each.name == name)


def test_urns_carry_the_types_of_all_ancestors_as_the_cli_makes_them() -> None:
    def program() -> None:
        inner = Group("inner", Group("outer").inside)
        aws.s3.Bucket("records", opts=inner.inside)

    assert named(run(program), "records").urn == (
        "urn:pulumi:test::house::house:index:Group$house:index:Group$aws:s3/bucket:Bucket::records"
    )


def test_two_resources_of_one_urn_are_refused_by_name() -> None:
    def program() -> None:
        aws.s3.Bucket("twice")
        aws.s3.Bucket("twice")

    with pytest.raises(
        RegistrationError, match=r"^urn:pulumi:test::house::aws:s3/bucket:Bucket::twice: is declared twice"
    ):
        run(program)


def test_the_same_name_under_two_types_is_no_duplicate() -> None:
    def program() -> None:
        aws.s3.Bucket("one")
        aws.ec2.Vpc("one")

    assert len(run(program).registrations) == 2


def policy_of_bucket() -> None:
    bucket = aws.s3.Bucket("records")
    aws.s3.BucketPolicy("access", bucket="x", policy=pulumi.Output.json_dumps({"Resource": bucket.arn}))


def test_an_output_that_was_not_returned_stops_whoever_needs_it() -> None:
    with pytest.raises(RegistrationError) as refusal:
        run(policy_of_bucket, nothing)
    assert "BucketPolicy::access: the input 'policy' needs an output that was not returned by" in str(refusal.value)
    assert "aws:s3/bucket:Bucket::records" in str(refusal.value)


def test_an_output_that_was_declared_unknown_is_recorded_as_unknown() -> None:
    execution = run(policy_of_bucket, lambda registration: (registration.name, {"arn": UNKNOWN}))
    assert named(execution, "access").inputs["policy"] is UNKNOWN
    record = next(each for each in Plan.of(execution).resources if each.name == "access")
    assert record.inputs["policy"] == UNKNOWN_MARKER


def test_a_secret_reaches_the_handler_and_never_the_record() -> None:
    def program() -> None:
        aws.ssm.Parameter("password", type="SecureString", value=pulumi.Output.secret("hunter2"))

    execution = run(program)
    value = named(execution, "password").inputs["value"]
    assert isinstance(value, Secret)
    assert reveal(value) == "hunter2"
    assert "hunter2" not in repr(execution)
    plan = Plan.of(execution)
    assert plan.resources[0].inputs["value"] == SECRET_MARKER
    assert "hunter2" not in str(plan.to_json())


def test_a_failing_handler_is_told_with_the_urn_and_nothing_after_it_is_made() -> None:
    made: list[str] = []

    def handler(registration: Registration) -> tuple[str, Mapping[str, Any]]:
        if registration.name == "records":
            raise ValueError("the disk is full")
        made.append(registration.name)
        return registration.name, {}

    with pytest.raises(
        RegistrationError, match=r"^urn:pulumi:test::house::aws:s3/bucket:Bucket::records: the disk is full"
    ):
        run(policy_of_bucket, handler)
    assert made == []


def test_a_resource_made_without_an_id_is_refused() -> None:
    with pytest.raises(RegistrationError, match="was made without an id"):
        run(policy_of_bucket, lambda _: ("", {}))


def test_options_and_dependencies_are_kept() -> None:
    def program() -> None:
        first = aws.s3.Bucket("first")
        aws.s3.Bucket(
            "second",
            bucket=first.arn,
            opts=pulumi.ResourceOptions(
                protect=True,
                retain_on_delete=True,
                delete_before_replace=True,
                ignore_changes=["tags"],
                replace_on_changes=["bucket"],
                aliases=[pulumi.Alias(name="old")],
            ),
        )

    second = named(run(program), "second")
    first_urn = "urn:pulumi:test::house::aws:s3/bucket:Bucket::first"
    assert (second.protect, second.retain_on_delete, second.delete_before_replace) == (True, True, True)
    assert (second.ignore_changes, second.replace_on_changes) == (("tags",), ("bucket",))
    assert any("name=old" in alias for alias in second.aliases)
    assert second.dependencies == (first_urn,)
    assert second.property_dependencies == {"bucket": (first_urn,)}


def test_a_question_to_the_cloud_is_refused() -> None:
    def program() -> None:
        zones = aws.get_availability_zones_output()
        aws.s3.Bucket("records", bucket=zones.id)

    with pytest.raises(RegistrationError, match=r"aws:index/getAvailabilityZones:.*: a plan asks the cloud nothing"):
        run(program)


def test_reading_an_existing_resource_is_refused() -> None:
    def program() -> None:
        aws.s3.Bucket.get("found", "bucket-1")

    with pytest.raises(RegistrationError, match="reads the existing resource 'bucket-1'; the program may only declare"):
        run(program)


def test_exports_are_the_outputs_of_the_stack() -> None:
    def program() -> None:
        pulumi.export("arn", aws.s3.Bucket("records").arn)

    assert run(program).outputs == {"arn": "arn:records"}


def test_two_runs_in_one_process_do_not_see_each_other() -> None:
    for _ in range(2):
        assert len(run(policy_of_bucket).registrations) == 2
