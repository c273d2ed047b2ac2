"""One variant of production's plans for each way in which a rule can meet a property: absent, default, wrong, unknown.

*Absent* leaves the property (or the sidecar that holds it) out; *default* states what the cloud would take for it;
*wrong* states something worse; *unknown* has a value that is not known before the deployment. Where a property has no
default, or an unknown can still be judged, that is said here and proven like the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from policies.catalogue import rules
from tests.policies.plans import Edit

Kind = Literal["absent", "default", "wrong", "unknown"]
KINDS: tuple[Kind, ...] = ("absent", "default", "wrong", "unknown")
Expected = Literal["refused", "kept", "not evaluated"]


@dataclass(frozen=True)
class Variant:
    """One edit of a plan, and what the rule says of it."""

    rule: str
    kind: Kind
    edit: Edit
    expected: Expected

    @property
    def stack(self) -> str:
        """The stack of production that declares what the rule judges: what runs in its cluster, or all else."""
        (types,) = (rule.types for _, rule in rules() if rule.name == self.rule)
        return "production-workloads" if all(type_.startswith("kubernetes:") for type_ in types) else "production"


@dataclass(frozen=True)
class Untried:
    """Why a rule has no variant of a kind."""

    reason: str


REFUSED: Expected = "refused"
KEPT: Expected = "kept"
NOT_EVALUATED: Expected = "not evaluated"

REQUIRED = Untried("the provider demands the property, so there is no default to state")
SIDECAR = Untried("the default is that there is no such resource, which is the variant `absent`")

TWO_CONTROLS = Untried("two controls read the property, so two rules are not evaluated: a test of its own says so")

EVERYTHING = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
AWS_KEY = "arn:aws:kms:eu-west-1:444455556666:alias/aws/rds"
BUCKET_DEFAULT = "rules.0.applyServerSideEncryptionByDefault"
LANDING, LOCKED = "archive-landing", "archive-locked"
DATA = "data-eu-west-1a"

Cell: TypeAlias = tuple[Edit, Expected] | Untried
Table: TypeAlias = Mapping[str, tuple[Cell, Cell, Cell, Cell]]
"""Rule -> its variants, in the order of `KINDS`."""
