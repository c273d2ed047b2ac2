"""How releases come in: the registry, the pipeline's roles and its machine."""
