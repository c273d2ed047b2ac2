"""The catalogue: every control under `policies/controls/`, read once and refused whole where it contradicts itself."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

from policies import controls as families
from policies.admission import admission_owners
from policies.checks import Check
from policies.frameworks import Framework, frameworks
from policies.model import CatalogueError, Control
from policies.rules import Rule

_ROOT = Path(__file__).parent
_TELLING = ("reports", "matrix")
"""Rooms that judge nothing, and only tell what was judged."""

_ID = re.compile(r"^[A-Z]{2,3}-[0-9]+$")


@cache
def catalogue() -> tuple[Control, ...]:
    """Every control, sorted by id.

    Raises: CatalogueError: a control that nothing enforces, a rule or a check that no control owns, a clause that
    does not exist, an id that does not name its file.
    """
    modules = tuple(_modules())
    faults = [fault for module in modules for fault in module_faults(module)]
    found = tuple(module.CONTROL for module in modules if isinstance(getattr(module, "CONTROL", None), Control))
    faults += soundness_faults(found, frameworks())
    faults += admission_faults(found, admission_owners())
    if faults:
        raise CatalogueError(faults)
    return tuple(sorted(found, key=_by_number))


def control(control_id: str) -> Control:
    """The control of this id, in any case.

    Raises:
        KeyError: there is none; the message names those that there are.
    """
    found = {known.id: known for known in catalogue()}
    try:
        return found[control_id.upper()]
    except KeyError:
        raise KeyError(f"there is no control {control_id}; there are {', '.join(found)}") from None


def rules() -> tuple[tuple[Control, Rule], ...]:
    """Every preventive rule with the control that owns it."""
    return tuple((owner, rule) for owner in catalogue() for rule in owner.preventive if isinstance(rule, Rule))


def checks(owner: Control) -> tuple[Check, ...]:
    """The detective checks of a control that are built."""
    return tuple(check for check in owner.detective if isinstance(check, Check))


def judging_files() -> list[Path]:
    """The files that decide what is judged and how: the whole folder but for what only tells of it."""
    found = (file for kind in ("*.py", "*.toml", "*.yaml") for file in _ROOT.rglob(kind))
    return sorted(file for file in found if file.relative_to(_ROOT).parts[0] not in _TELLING)


def digest() -> str:
    """SHA-256 over the files of the catalogue: the wording by which an evidence run judged, also without git.

    How a run is told afterwards (`policies/reports`) and the page of the matrix are no part of it.
    """
    content = hashlib.sha256()
    for file in judging_files():
        name = file.relative_to(_ROOT).as_posix().encode()
        content.update(len(name).to_bytes(8, "big") + name)
        data = file.read_bytes()
        content.update(len(data).to_bytes(8, "big") + data)
    return content.hexdigest()


def module_faults(module: ModuleType) -> Iterator[str]:
    """What is wrong with one file of the catalogue: no control, a wrong name, an orphaned rule or check."""
    owned = getattr(module, "CONTROL", None)
    if not isinstance(owned, Control):
        yield f"{module.__name__} defines no CONTROL"
        return
    if module.__name__.rpartition(".")[2] != owned.id.lower().replace("-", "_"):
        yield f"{module.__name__} defines {owned.id}: one control, one file, and the file bears its id"
    parts = {id(part) for part in (*owned.preventive, *owned.detective)}
    for name, value in vars(module).items():
        if isinstance(value, Rule | Check) and id(value) not in parts:
            yield f"{module.__name__}.{name} ({value.name}) is owned by no control"


def soundness_faults(found: Sequence[Control], known: Mapping[tuple[str, str], Framework]) -> Iterator[str]:
    """What is wrong with the controls taken together."""
    for name, count in Counter(control.id for control in found).items():
        if count > 1:
            yield f"{name} is defined {count} times"
    parts = [
        part
        for control in found
        for part in (*control.preventive, *control.detective)
        if isinstance(part, Rule | Check)
    ]
    for kind in (Rule, Check):
        for name, count in Counter(part.name for part in parts if isinstance(part, kind)).items():
            if count > 1:
                yield f"the {kind.__name__.lower()} {name} is defined {count} times"
    for control in found:
        yield from _control_faults(control, known)


def admission_faults(found: Sequence[Control], owners: Mapping[str, str]) -> Iterator[str]:
    """What is wrong between the controls and the admission policies: each policy is named by the control it names."""
    named = {(policy, control.id) for control in found for policy in control.admission if isinstance(policy, str)}
    for policy, control_id in sorted(named - set(owners.items())):
        if policy not in owners:
            yield f"{control_id} names the admission policy {policy}, which is not there"
        else:
            yield f"{control_id} names the admission policy {policy}, which says that it is {owners[policy]}'s"
    for policy, control_id in sorted(set(owners.items()) - named):
        yield f"the admission policy {policy} says that it is {control_id}'s, which does not name it"


def _control_faults(control: Control, known: Mapping[tuple[str, str], Framework]) -> Iterator[str]:
    if not _ID.match(control.id):
        yield f"{control.id} is no id: a family of two or three capitals, a hyphen, a number"
    if not control.enforced:
        yield f"{control.id} is enforced by nothing: neither rule, admission, check, application nor attestation"
    if not control.clauses:
        yield f"{control.id} is demanded by no clause"
    for word in ("title", "statement", "rationale", "owner", "evidence"):
        if not getattr(control, word).strip():
            yield f"{control.id} has no {word}"
    for clause in control.clauses:
        framework = known.get((clause.framework, clause.version))
        if framework is None:
            yield f"{control.id} refers to {clause.framework} {clause.version}, which is not among the frameworks"
        elif framework.find(clause.clause) is None:
            yield f"{control.id} refers to {clause}, which is not among that framework's clauses"
    for part in (*control.preventive, *control.detective):
        if isinstance(part, Rule | Check) and not part.name.startswith(f"{control.id.lower()}-"):
            yield f"{control.id} owns {part.name}, whose name does not begin with {control.id.lower()}-"


def _modules() -> Iterator[ModuleType]:
    for family in pkgutil.iter_modules(families.__path__, f"{families.__name__}."):
        package = importlib.import_module(family.name)
        for file in pkgutil.iter_modules(package.__path__, f"{family.name}."):
            yield importlib.import_module(file.name)


def _by_number(control: Control) -> tuple[str, int]:
    family, _, number = control.id.partition("-")
    return family, int(number)
