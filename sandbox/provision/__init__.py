"""Provisioning the stack `local`: by the Pulumi CLI where there is one, else in process on the SDK's mock monitor.

`choose.provision` is the way in. Both ways run the same program (`infra/`) against the same code (`sandbox.twin`), and
end with the same resources in the account.
"""

from sandbox.provision.choose import provision
from sandbox.provision.outcome import Progress, Provisioned, ProvisionError, Way

__all__ = ["Progress", "ProvisionError", "Provisioned", "Way", "provision"]
