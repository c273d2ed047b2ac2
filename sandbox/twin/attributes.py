"""Settings that AWS keeps as a list of keys and values, as Elastic Load Balancing does: one table, both directions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.twin.naming import dig
from sandbox.twin.work import Work


def setter(operation: str, arn_member: str, table: Mapping[str, str]) -> Callable[[Work], None]:
    """What sends the given inputs (dotted paths of `table`) under their keys."""

    def send(work: Work) -> None:
        given = {key: dig(work.inputs, path) for path, key in table.items()}
        pairs = [{"Key": key, "Value": _text(value)} for key, value in given.items() if value is not None]
        if pairs:
            getattr(work.client(), operation)(**{arn_member: work.id, "Attributes": pairs})

    return send


def heads(table: Mapping[str, str]) -> tuple[str, ...]:
    """The inputs that a table speaks of."""
    return tuple({path.partition(".")[0]: None for path in table})


def readings(table: Mapping[str, str]) -> dict[str, str]:
    """JMESPath for each input over the list of keys and values."""
    found: dict[str, str] = {}
    for head in heads(table):
        within = {path.partition(".")[2]: key for path, key in table.items() if path.partition(".")[0] == head}
        if "" in within:
            found[head] = _value(within[""])
        else:
            # Nothing of it was ever set where its first key is absent.
            fields = ", ".join(f"{name}: {_value(key)}" for name, key in within.items())
            found[head] = f"{_value(next(iter(within.values())))} && {{{fields}}}"
    return found


def _value(key: str) -> str:
    return f"(Attributes[?Key=='{key}'].Value | [0])"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(int(value) if isinstance(value, float) else value)
