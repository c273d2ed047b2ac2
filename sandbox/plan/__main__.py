"""`python -m sandbox.plan STACK [--json] [--config KEY=VALUE]...`: plan one stack and print what it declares."""

from __future__ import annotations

import argparse
import json
import sys

from sandbox.plan.monitor import RegistrationError
from sandbox.plan.program import ProgramRefusedError
from sandbox.plan.record import REFUSED, Plan, plan_here


def main(arguments: list[str] | None = None) -> int:
    """Print the plan; 0, or 2 with the program's words on standard error when it refuses."""
    options = _parser().parse_args(arguments)
    overrides = dict(_setting(text) for text in options.config)
    try:
        plan = plan_here(options.stack, overrides, project=options.project, unwritten=options.unwritten)
    except (ProgramRefusedError, RegistrationError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return REFUSED
    sys.stdout.write(json.dumps(plan.to_json(), indent=2) if options.json else _listing(plan))
    sys.stdout.write("\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.plan", description="Plan a stack without the engine.")
    parser.add_argument("stack", help="the name of a stack, such as staging or production-workloads")
    parser.add_argument("--json", action="store_true", help="print the whole plan as JSON")
    parser.add_argument("--project", help="plan under this project's name")
    parser.add_argument("--unwritten", action="store_true", help="the stack has no file yet: --config is all it has")
    parser.add_argument("--config", action="append", default=[], metavar="KEY=VALUE", help="a setting over the stack's")
    return parser


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise SystemExit(f"--config wants KEY=VALUE, such as valletta:nat=single, not {text!r}")
    return key, value


def _listing(plan: Plan) -> str:
    lines = [f"{each.type:55} {each.name}" for each in plan.resources]
    return "\n".join([*lines, f"{len(lines)} resources, plan {plan.digest()[:12]}"])


if __name__ == "__main__":
    raise SystemExit(main())
