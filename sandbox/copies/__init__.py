"""Copies for a while of a stack: claimed in the backend, provisioned, listed, and destroyed when their time is over."""
