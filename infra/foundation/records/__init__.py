"""Audit records: where they land, are locked and replicated, and what the regulator gets of them."""
