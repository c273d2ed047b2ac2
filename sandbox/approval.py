"""The policy pack on the recorded plan: nothing is made that a mandatory rule refuses."""

from __future__ import annotations

from policies.pack.analysis import Analysis, analyse
from sandbox.errors import SandboxError
from sandbox.plan.record import Plan


class PolicyRefusedError(SandboxError):
    """A mandatory rule refuses the plan."""

    exit_code = 3


def approve(plan: Plan) -> Analysis:
    """Judges a recorded plan by every preventive rule.

    Raises:
        PolicyRefusedError: It breaks at least one mandatory rule; every finding is in the details.
    """
    analysis = analyse([resource.to_json() for resource in plan.resources], stack=plan.stack)
    if analysis.mandatory:
        count = len(analysis.violations)
        raise PolicyRefusedError(
            f"the policy pack refuses the plan of the stack {plan.stack}: {count} finding{'s' if count > 1 else ''}",
            details=[f"{violation}; {violation.remedy}" for violation in analysis.violations],
            hint="nothing was created; put the settings or the program right and run make up again",
        )
    return analysis
