"""Where the exchange keeps its data: the log on MSK and the ledger on RDS."""
