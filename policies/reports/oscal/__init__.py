"""The run in the models of OSCAL 1.2, for the tools of auditors: what is demanded, how it is kept, what was found.

Each document refers to the one before it by the name of its file, so a folder holds them together. All ids are derived
from what they name. There is no system security plan among them: who runs an exchange writes that.
"""

from __future__ import annotations

from collections.abc import Mapping

from trestle.core.base_model import OscalBaseModel

from policies.reports.material import Report
from policies.reports.oscal import demands, poam, results

__all__ = ["render"]


def render(report: Report) -> Mapping[str, str | None]:
    """The documents by the names of their files. Where nothing is to be done, OSCAL knows no plan of action: None."""
    documents: dict[str, OscalBaseModel | None] = {
        "catalog.json": demands.catalog(report),
        "profile.json": demands.profile(report),
        "component-definition.json": demands.components(report),
        "assessment-plan.json": results.plan(report),
        "assessment-results.json": results.results(report),
        "plan-of-action-and-milestones.json": poam.plan_of_action(report),
    }
    return {
        name: f"{document.oscal_serialize_json(pretty=True)}\n" if document else None
        for name, document in documents.items()
    }
