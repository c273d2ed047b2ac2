"""Preventive rules: each looks at one resource of a plan before it is made, and says what is wrong with it.

A rule is written once, in the file of the control that owns it, and is run twice: by the CrossGuard pack under the
CLI, and on a recorded plan where there is no CLI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from policies.resources import Resource, Stack

Judgement = Callable[[Resource, Stack], Iterator[str]]
"""Yields one sentence for each thing that is wrong with a resource; nothing means that it is right."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One preventive rule.

    A property that the program leaves out has the cloud's default, and is judged by it. A property whose value is not
    known before the deployment raises `UnknownValueError`, and the rule is reported as not evaluated for that resource.
    """

    name: str
    """Its id in the pack: the control's id in lower case, then what it asks."""
    types: tuple[str, ...]
    """The types of resource that it judges."""
    judge: Judgement
    summary: str
    """What it asks, in one sentence."""
    remedy: str
    """How to put it right in the program."""
    joins: bool = False
    """Does it read other resources of the stack, and so have to wait until all of them are known?"""
    demanded_by: tuple[str, ...] = ()
    """If the stack has a resource of one of these types, it must have at least one that this rule can judge."""
    one_an_account: bool = False
    """Does an account have only one of it? Then a copy for a while shares that of the stack that it was copied from."""

    def applies(self, resource: Resource) -> bool:
        """Is this a resource that the rule judges?"""
        return resource.type in self.types

    def missing_from(self, stack: Stack) -> bool:
        """Does the stack have what demands this kind of resource, and none of it?"""
        lacking = bool(stack.of_type(*self.demanded_by)) and not stack.of_type(*self.types)
        return lacking and not (self.one_an_account and stack.ephemeral)

    def shared_by(self, stack: Stack) -> bool:
        """Is the rule for another stack to keep, whose account this copy lives in?"""
        return self.one_an_account and stack.ephemeral and not stack.of_type(*self.types)


def rule(
    name: str,
    *types: str,
    remedy: str,
    joins: bool = False,
    demanded_by: tuple[str, ...] = (),
    one_an_account: bool = False,
) -> Callable[[Judgement], Rule]:
    """Make a rule of a judgement; the first line of its docstring is what the rule asks.

    Raises:
        ValueError: it has no docstring, judges no type, or demands a resource without looking at the whole stack.
    """

    def decorate(judge: Judgement) -> Rule:
        summary = (judge.__doc__ or "").strip().partition("\n")[0]
        if not summary:
            raise ValueError(f"the rule {name} has no docstring to say what it asks")
        if not types:
            raise ValueError(f"the rule {name} judges no type of resource")
        if demanded_by and not joins:
            raise ValueError(f"the rule {name} demands a resource, so it must look at the whole stack (joins=True)")
        return Rule(name, types, judge, summary, remedy, joins, demanded_by, one_an_account)

    return decorate
