"""The policy pack: the preventive rules of all controls, under the CLI's analyzer and on a recorded plan without it."""
