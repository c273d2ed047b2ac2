"""The REST interface, version 1: one router a subject."""
