"""Identity: who may do what, and never everything."""
