"""Time: what is written down bears a time that can be believed."""
