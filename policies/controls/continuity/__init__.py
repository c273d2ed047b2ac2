"""Continuity: the exchange survives the loss of a zone."""
