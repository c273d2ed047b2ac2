"""Property values on the wire and as plain data: nothing is lost, and what was secret stays secret."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from sandbox.plugins.values import (
    UNKNOWN,
    Path,
    Properties,
    PropertyValue,
    has_unknown,
    marshal,
    redact,
    seal,
    unmarshal,
)

KEYS = st.text("abcXYZ", min_size=1, max_size=4)
TEXTS = st.text('ab "{}é🙂', max_size=12) | st.just(UNKNOWN)
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, width=32) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
MAPS = st.dictionaries(KEYS, VALUES, max_size=5)


def every_path(value: PropertyValue, path: Path = ()) -> list[Path]:
    inside: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    own = [path] if path else []
    return own + [found for step, item in inside for found in every_path(item, (*path, step))]


def secret(value: PropertyValue) -> dict[str, Any]:
    return {rpc._special_sig_key: rpc._special_secret_sig, "value": value}


def wire(value: dict[str, Any]) -> Struct:
    return ParseDict(value, Struct())


@given(MAPS, st.data())
def test_plain_data_and_its_secrets_survive_the_wire(plain: dict[str, Any], data: st.DataObject) -> None:
    paths = every_path(plain)
    chosen = data.draw(st.sets(st.sampled_from(paths))) if paths else set()
    outermost = {path for path in chosen if not any(path[:end] in chosen for end in range(1, len(path)))}
    read = unmarshal(marshal(plain, chosen))
    assert read == Properties(plain, frozenset(outermost)), "a secret within a secret is one secret"


@given(MAPS, st.data())
def test_outputs_that_repeat_the_inputs_are_sealed_where_the_inputs_were_secret(
    plain: dict[str, Any], data: st.DataObject
) -> None:
    paths = every_path(plain)
    chosen = frozenset(data.draw(st.sets(st.sampled_from(paths)))) if paths else frozenset[Path]()
    assert chosen <= seal({**plain, "arn": "arn:aws:kms:::key"}, Properties(plain, chosen))


def test_a_secret_that_moved_within_its_property_seals_the_whole_property() -> None:
    inputs = Properties({"env": [{"value": 1234}, {"value": 5}]}, frozenset({("env", 0, "value")}))
    assert ("env",) in seal({"env": [{"value": 5}, {"value": 1234}]}, inputs)


def test_a_string_that_repeats_a_secret_is_secret_wherever_it_stands() -> None:
    inputs = Properties({"password": "correct-horse", "user": "bob"}, frozenset({("password",)}))
    outputs = {"url": "postgres://bob:correct-horse@db", "endpoint": "db", "notes": ["correct-horse"]}
    assert seal(outputs, inputs) == {("url",), ("notes", 0)}


def test_a_short_secret_is_found_whole_and_does_not_make_everything_secret() -> None:
    inputs = Properties({"pin": "1"}, frozenset({("pin",)}))
    assert seal({"echo": "1", "version": "17.1"}, inputs) == {("echo",)}


def test_passwords_are_secret_even_where_the_program_forgot_to_say_so() -> None:
    assert seal({"password": "x", "arn": "y"}) == {("password",)}


def test_output_values_and_resource_references_are_read_as_what_they_stand_for() -> None:
    known = {rpc._special_sig_key: rpc._special_output_value_sig, "value": "v", "secret": True}
    unknown = {rpc._special_sig_key: rpc._special_output_value_sig}
    reference = {rpc._special_sig_key: rpc._special_resource_sig, "urn": "urn:x", "id": "vpc-1"}
    read = unmarshal(wire({"a": known, "b": unknown, "c": reference}))
    assert read == Properties({"a": "v", "b": UNKNOWN, "c": "vpc-1"}, frozenset({("a",)}))


def test_an_asset_passes_as_it_is() -> None:
    asset = {rpc._special_sig_key: rpc._special_asset_sig, "text": "hello", "hash": "h"}
    assert MessageToDict(marshal(unmarshal(wire({"code": asset})).plain)) == {"code": asset}


def test_an_unknown_is_seen_at_any_depth() -> None:
    assert has_unknown({"a": [{"b": UNKNOWN}]})
    assert not has_unknown({"a": [{"b": "known"}]})


def test_an_error_about_a_request_is_told_without_any_of_its_secrets() -> None:
    request = provider_pb2.UpdateRequest(
        olds=wire({"password": secret("old-secret")}), news=wire({"env": secret({"a": ["new-secret", ""]})})
    )
    told = redact("old-secret was to become new-secret", request)
    assert told == "[secret] was to become [secret]"
