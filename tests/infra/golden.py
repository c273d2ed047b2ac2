"""The golden plans: what each stack declares, kept beside the tests and compared value by value.

`python -m tests.infra.golden --write` records them anew; read the difference before committing it: it is the change.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from sandbox.plan.record import Plan, PlannedResource, record_plan
from tests.infra.plan_difference import difference as plan_difference

FOUNDATIONS: Final = ("local", "production", "staging")
CLUSTERS: Final = ("local", "production-workloads", "staging-workloads")
"""The stacks that hold AWS, and those that hold what runs in the cluster."""
STACKS: Final = tuple(sorted({*FOUNDATIONS, *CLUSTERS}))
FOLDER: Final = Path(__file__).parent / "golden"
_OPTIONS: Final = (
    "protect",
    "retain_on_delete",
    "delete_before_replace",
    "ignore_changes",
    "replace_on_changes",
    "dependencies",
)
_SHOWN_LINES: Final = 200


def golden_file(stack: str) -> Path:
    """Where the golden plan of a stack lies."""
    return FOLDER / f"{stack}.json"


def rendered(plan: Plan) -> str:
    """A plan as the golden file has it: sorted by URN; type, name, inputs, and the options that were set.

    Of an URN only its types and name are kept, for stack and project stand at the top.
    """
    return json.dumps(_document(plan), indent=1, sort_keys=True) + "\n"


def _document(plan: Plan) -> dict[str, Any]:
    resources = [_entry(each) for each in plan.resources]
    return {"project": plan.project, "stack": plan.stack, "resources": resources, "outputs": plan.outputs}


def difference(plan: Plan) -> str:
    """What the plan declares otherwise than its golden file, for people; empty when they agree."""
    file = golden_file(plan.stack)
    lines = plan_difference(json.loads(file.read_text()) if file.exists() else {}, _document(plan)).splitlines()
    more = [f"... and {len(lines) - _SHOWN_LINES} lines more"] if len(lines) > _SHOWN_LINES else []
    return "\n".join([*lines[:_SHOWN_LINES], *more])


def _entry(resource: PlannedResource) -> dict[str, Any]:
    record = resource.to_json()
    options = {key: record[key] for key in _OPTIONS if record[key]}
    if "dependencies" in options:
        options["dependencies"] = [_short(urn) for urn in options["dependencies"]]
    return {"resource": _short(resource.urn), "inputs": record["inputs"], **({"options": options} if options else {})}


def _short(urn: str) -> str:
    return "::".join(urn.split("::")[2:])


def main() -> int:
    """Compare every golden plan, or write them; 0 when they agree or were written, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.infra.golden", description="Compare the golden plans.")
    parser.add_argument("--write", action="store_true", help="record them anew")
    write = parser.parse_args().write
    differing = 0
    for stack in STACKS:
        plan = record_plan(stack)
        found = difference(plan)
        if found and write:
            FOLDER.mkdir(exist_ok=True)
            golden_file(stack).write_text(rendered(plan))
        elif found:
            differing += 1
            sys.stdout.write(f"{found}\n")
        sys.stdout.write(f"{stack}: {'written' if found and write else 'differs' if found else 'agrees'}\n")
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
