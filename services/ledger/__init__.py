"""The ledger: the exchange's events as double entry and current rows in PostgreSQL."""
