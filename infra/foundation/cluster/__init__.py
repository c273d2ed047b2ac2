"""The Kubernetes cluster, its machines and add-ons, and who enters it."""
