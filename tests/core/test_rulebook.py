"""Every worked example of the published rules comes out as it is written."""

from __future__ import annotations

import pytest

from tests.core.rulebook import PAGE, Rulebook, examples


@pytest.mark.parametrize(("line", "example"), examples(), ids=lambda part: part if isinstance(part, int) else "")
def test_the_example_of_the_rules_page_comes_out_as_it_is_written(line: int, example: list[str]) -> None:
    try:
        Rulebook().play(example)
    except AssertionError as error:
        raise AssertionError(f"{PAGE.name}, the example in line {line}: {error}") from error


def test_an_example_that_is_wrong_is_noticed() -> None:
    wrong = ["Anna backs 1 at 3.00 for 5 => 4.00 rests"], ["Anna backs 1 at 3.00 for 500"], ["Anna holds 1.00"]
    for example in wrong:
        with pytest.raises(AssertionError):
            Rulebook().play(example)
