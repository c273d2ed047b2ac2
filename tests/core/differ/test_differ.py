"""The comparison itself: the model agrees with itself, and a core that is wrong is found with a short log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from services.contract.exchange.v1 import exchange_pb2 as x
from tests.core.differ.cores import ModelCore
from tests.core.differ.run import compare, from_fixture, replay


class Forgetful(ModelCore):
    """A core whose withdrawals never wait."""

    def apply(self, time_ms: int, commands: Sequence[bytes]) -> list[tuple[bytes, list[bytes]]]:
        ((outcome, events),) = super().apply(time_ms, commands)
        said = x.Outcome.FromString(outcome)
        if any(x.Event.FromString(event).HasField("withdrawal_ended") for event in events):
            said.available += 100
        return [(said.SerializeToString(), events)] if said.available % 1_000 else [(outcome, events)]


@pytest.mark.parametrize("seed", range(3))
def test_the_model_agrees_with_itself_and_keeps_every_invariant(seed: int) -> None:
    assert compare(seed, 1_000, ModelCore) is None


def test_a_wrong_core_is_found_and_the_log_of_it_is_short(tmp_path: Path) -> None:
    difference = compare(2, 3_000, Forgetful)
    assert difference
    assert difference.what == "outcome"
    assert len(difference.log) < 15, str(difference)
    difference.to_fixture(tmp_path / "difference.jsonl")
    limits, log = from_fixture(tmp_path / "difference.jsonl")
    assert (limits, log) == (difference.limits, difference.log)
    shown = replay(limits, log, Forgetful, images=False)
    assert shown
    assert shown[1].core == difference.core
