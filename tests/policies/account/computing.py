"""What computes in the account under test: the cluster, a machine, and the role by which a pipeline deploys."""

from __future__ import annotations

import json
from typing import Final

from policies.values import Value
from tests.policies.account.clients import Clients

CLUSTER: Final = "exchange"
LOG_GROUP: Final = f"/aws/eks/{CLUSTER}/cluster"
PIPELINE: Final = "exchange-deploy"


class Computing(Clients):
    """The cluster, machines and the pipeline's role."""

    def build_cluster(self, **changes: Value) -> None:
        """The Kubernetes cluster with its log group."""
        logs = self.client("logs")
        logs.create_log_group(logGroupName=LOG_GROUP)
        logs.put_retention_policy(logGroupName=LOG_GROUP, retentionInDays=365)
        types = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
        network = {"subnetIds": self.subnets, "endpointPublicAccess": False, "endpointPrivateAccess": True}
        self.client("eks").create_cluster(
            **{
                "name": CLUSTER,
                "roleArn": self.role("cluster"),
                "resourcesVpcConfig": network,
                "logging": {"clusterLogging": [{"types": types, "enabled": True}]},
                "encryptionConfig": [{"resources": ["secrets"], "provider": {"keyArn": self.key}}],
                **changes,
            }
        )

    def rebuild_cluster(self, **changes: Value) -> None:
        """The cluster again, otherwise."""
        self.client("eks").delete_cluster(name=CLUSTER)
        self.client("logs").delete_log_group(logGroupName=LOG_GROUP)
        self.build_cluster(**changes)

    def build_machine(self, tokens: str = "required", hops: int = 1) -> None:
        """A launch template, and a machine that runs."""
        ec2 = self.client("ec2")
        options = {"HttpTokens": tokens, "HttpPutResponseHopLimit": hops, "HttpEndpoint": "enabled"}
        data = {"InstanceType": "m7i.large", "MetadataOptions": options}
        self.template = ec2.create_launch_template(LaunchTemplateName="nodes", LaunchTemplateData=data)[
            "LaunchTemplate"
        ]["LaunchTemplateId"]
        self.machine = ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=1,
            MaxCount=1,
            InstanceType="m7i.large",
            SubnetId=self.subnets[0],
            MetadataOptions=options,
            BlockDeviceMappings=[
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": True, "KmsKeyId": self.key}}
            ],
        )["Instances"][0]["InstanceId"]

    def rebuild_machine(self, tokens: str = "required", hops: int = 1) -> None:
        """Both again, otherwise."""
        ec2 = self.client("ec2")
        ec2.terminate_instances(InstanceIds=[self.machine])
        ec2.delete_launch_template(LaunchTemplateId=self.template)
        self.build_machine(tokens, hops)

    def build_pipeline(self) -> None:
        """The role that a job of GitHub takes to deploy."""
        self.client("iam").create_role(RoleName=PIPELINE, AssumeRolePolicyDocument="{}")
        self.trust_pipeline()

    def trust_pipeline(self) -> None:
        """Let that role be taken only from the environment that reviewers guard."""
        issuer = "token.actions.githubusercontent.com"
        statement = {
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{issuer}"},
            "Condition": {
                "StringEquals": {
                    f"{issuer}:aud": "sts.amazonaws.com",
                    f"{issuer}:sub": "repo:acme/valletta:environment:production",
                }
            },
        }
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.client("iam").update_assume_role_policy(RoleName=PIPELINE, PolicyDocument=document)
