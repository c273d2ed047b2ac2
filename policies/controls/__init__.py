"""The controls: one file each, in the folder of its family. `policies.catalogue` reads them all."""
