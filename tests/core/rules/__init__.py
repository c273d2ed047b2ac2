"""Each rule of the exchange in a sentence, the core beside the model; docs/exchange-rules.md tells them to a bettor."""
