"""Detective checks: each looks at one thing in a live account, and says in sentences what is wrong with it.

A check has the shape of a preventive rule, on purpose: subjects, and a judgement that yields one sentence for each
fault. What the account does not answer is raised by the facade (`policies.account`) and is never taken for a good
answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from policies.account import Account, Subject

Subjects = Callable[[Account], Iterable[Subject]]
"""Lists what a check judges."""

Judgement = Callable[[Subject, Account], Iterator[str]]
"""Yields one sentence for each thing that is wrong with a subject; nothing means that it is right."""


@dataclass(frozen=True, slots=True)
class Check:
    """One detective check."""

    name: str
    subjects: Subjects
    judge: Judgement
    summary: str
    """What it asks, in one sentence."""
    proves: str
    """What is true of a subject in which no fault was found: the reason of its PASS."""


def check(name: str, subjects: Subjects, *, proves: str) -> Callable[[Judgement], Check]:
    """Make a check of a judgement; the first line of its docstring is what the check asks.

    Raises:
        ValueError: it has no docstring.
    """

    def decorate(judge: Judgement) -> Check:
        summary = (judge.__doc__ or "").strip().partition("\n")[0]
        if not summary:
            raise ValueError(f"the check {name} has no docstring to say what it asks")
        return Check(name, subjects, judge, summary, proves)

    return decorate


def account_wide(account: Account) -> Iterable[Subject]:
    """The account itself, for what is asked of it as a whole."""
    return (account.itself,)
