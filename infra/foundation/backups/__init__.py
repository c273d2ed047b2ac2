"""Backups: what is taken, where it is locked, and the restore that is tried."""
