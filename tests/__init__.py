"""Every tier of tests; `make test` runs them all."""
