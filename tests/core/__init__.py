"""The exchange state machine, through its Python module: against a plain model, worked examples, bad input, replay."""
