"""The Pulumi program without the engine: run in process, observed, and recorded as a plan.

`monitor` stands where the engine would and sees every registration; `program` runs `infra/` against it; `outputs`
makes up what AWS would answer; `record` keeps what was asked for as data, which policies, tests and the account twin
read.
"""
