"""How fast the core is, beside its peers: `make bench-core`."""
