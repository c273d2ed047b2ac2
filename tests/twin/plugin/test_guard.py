"""Only the stack local of the project valletta-local is served, and its copies."""

from __future__ import annotations

import pytest

from sandbox.plugins.guard import ForeignResourceError, refuse_foreign


@pytest.mark.parametrize(
    "urn",
    [
        "urn:pulumi:local::valletta-local::aws:kms/key:Key::records",
        "urn:pulumi:local::valletta-local::valletta:foundation:Keys$aws:kms/key:Key::a::b",
        "urn:pulumi:local::valletta-local::pulumi:providers:aws::default_7_51_1",
        "urn:pulumi:local-pr-123::valletta-local::aws:kms/key:Key::records",
    ],
)
def test_a_resource_of_the_stack_is_served(urn: str) -> None:
    refuse_foreign(urn)


@pytest.mark.parametrize(
    ("urn", "said"),
    [
        ("urn:pulumi:staging::valletta::aws:kms/key:Key::k", "stack 'staging' of project 'valletta'"),
        ("urn:pulumi:local::valletta::aws:kms/key:Key::k", "stack 'local' of project 'valletta'"),
        ("urn:pulumi:staging::valletta-local::aws:kms/key:Key::k", "stack 'staging'"),
        ("urn:pulumi:locality::valletta-local::aws:kms/key:Key::k", "stack 'locality'"),
        ("urn:pulumi:local-pr-123::valletta::aws:kms/key:Key::k", "project 'valletta'"),
        ("urn:pulumi:local::valletta-local-2::aws:kms/key:Key::k", "project 'valletta-local-2'"),
        ("urn:pulumi:local", "not a resource's URN: 'urn:pulumi:local'"),
        ("valletta-local::local", "not a resource's URN"),
    ],
)
def test_any_other_is_refused_by_its_name(urn: str, said: str) -> None:
    with pytest.raises(ForeignResourceError, match=said):
        refuse_foreign(urn)
