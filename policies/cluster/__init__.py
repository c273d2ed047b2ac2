"""What Kubernetes calls things: objects, read alike from a plan and from a live cluster, and the lists of live ones."""
