"""The exchange's front door: REST, OpenAPI and the betting wire format, in front of the shard and the ledger."""
