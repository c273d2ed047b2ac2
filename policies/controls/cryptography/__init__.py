"""Cryptography: our keys at rest, TLS on the way."""
