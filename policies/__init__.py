"""The guardrails: what is demanded, what prevents a breach, and what proves it. One control, one file.

The folder knows neither the Pulumi program nor the services: it reads resource properties and AWS API answers.
"""
