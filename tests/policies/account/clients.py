"""The clients of an account under test, and the ids of what was built in it: what every part of it stands on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

import boto3

from policies.values import Value
from tests.policies.kubernetes_api import FakeApi

REGION: Final = "eu-west-1"
ACCOUNT: Final = "123456789012"
"""What moto calls the account of whoever asks."""


def session() -> boto3.Session:
    """A session with credentials that moto does not look at."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


@dataclass
class Clients:
    """An account of moto: clients by service, and the ids of what was built."""

    endpoint: str
    kubernetes: FakeApi
    key: str = ""
    vpc: str = ""
    subnets: list[str] = field(default_factory=list)
    flow_log: str = ""
    brokers: str = ""
    group: str = ""
    template: str = ""
    machine: str = ""
    backup_plan: str = ""
    session: boto3.Session = field(default_factory=session)
    _clients: dict[str, Any] = field(default_factory=dict)
    _roles: dict[str, str] = field(default_factory=dict)

    def client(self, service: str) -> Value:
        """A boto3 client of the account."""
        if service not in self._clients:
            make: Any = self.session.client  # its overloads name every service
            self._clients[service] = make(service, endpoint_url=self.endpoint)
        return self._clients[service]

    def client_in(self, service: str, region: str) -> Value:
        """A boto3 client of the account in another region."""
        make: Any = self.session.client
        return make(service, region, endpoint_url=self.endpoint)

    def role(self, name: str) -> str:
        if name not in self._roles:
            trust = json.dumps({"Version": "2012-10-17", "Statement": []})
            role = self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)
            self._roles[name] = role["Role"]["Arn"]
        return self._roles[name]
