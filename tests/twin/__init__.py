"""The account twin, and the ways in which Pulumi reaches it."""
