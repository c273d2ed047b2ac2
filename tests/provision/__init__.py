"""The ways of provisioning the stack local, and the choice between them."""
