"""A few resources of each kind, for conversations worth recording: names that clash, secrets, an explicit provider."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as kubernetes

config = pulumi.Config("valletta")
description = config.get("description") or "records"
alias_name = config.get("alias") or "alias/records"

in_aws = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
key = aws.kms.Key("records", description=description, enable_key_rotation=True, tags={"owner": "audit"}, opts=in_aws)
aws.kms.Alias("records", name=alias_name, target_key_id=key.key_id, opts=in_aws)
role = aws.iam.Role(
    "reader",
    assume_role_policy=json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "pods.eks.amazonaws.com"}}
            ],
        }
    ),
    opts=in_aws,
)
aws.iam.RolePolicy(
    "read",
    role=role.name,
    policy=key.arn.apply(
        lambda arn: json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn}],
            }
        )
    ),
    opts=in_aws,
)
secret = aws.secretsmanager.Secret("password", name="password", kms_key_id=key.arn, opts=in_aws)
aws.secretsmanager.SecretVersion(
    "password", secret_id=secret.id, secret_string=pulumi.Output.secret("a made-up password"), opts=in_aws
)
if config.get_bool("clash"):
    aws.kms.Alias("second", name=config.get("second") or alias_name, target_key_id=key.key_id, opts=in_aws)

in_cluster = pulumi.ResourceOptions(provider=kubernetes.Provider("kubernetes", kubeconfig=key.arn))
namespace = kubernetes.core.v1.Namespace("exchange", metadata={"name": "exchange"}, opts=in_cluster)
kubernetes.core.v1.Secret(
    "password",
    metadata={"name": "password", "namespace": namespace.metadata["name"]},
    string_data={"password": pulumi.Output.secret("a made-up password")},
    opts=in_cluster,
)
pulumi.export("key", key.arn)
