"""Variants of production's plan for the rules of cryptography."""

from __future__ import annotations

from policies.cloud import tokens
from tests.policies.plans import UNKNOWN, both, drop, put, unlink, without
from tests.policies.variants.variant import (
    AWS_KEY,
    BUCKET_DEFAULT,
    EVERYTHING,
    KEPT,
    LANDING,
    LOCKED,
    NOT_EVALUATED,
    REFUSED,
    SIDECAR,
    Table,
)

TABLE: Table = {
    "cry-1-database-key": (
        (drop(tokens.DATABASE, "kmsKeyId"), REFUSED),
        (put(tokens.DATABASE, "storageEncrypted", False), REFUSED),
        (both(put(tokens.DATABASE, "kmsKeyId", AWS_KEY), unlink(tokens.DATABASE, "kmsKeyId")), REFUSED),
        (both(put(tokens.DATABASE, "kmsKeyId", UNKNOWN), unlink(tokens.DATABASE, "kmsKeyId")), NOT_EVALUATED),
    ),
    "cry-1-brokers-key": (
        (drop(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn"), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn", ""), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn", AWS_KEY), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionAtRestKmsKeyArn", UNKNOWN), KEPT),  # it refers to a key of ours
    ),
    "cry-1-cluster-secrets-key": (
        (drop(tokens.CLUSTER, "encryptionConfig"), REFUSED),
        (put(tokens.CLUSTER, "encryptionConfig.resources", []), REFUSED),
        (put(tokens.CLUSTER, "encryptionConfig.provider.keyArn", AWS_KEY), REFUSED),
        (put(tokens.CLUSTER, "encryptionConfig.provider.keyArn", UNKNOWN), KEPT),
    ),
    "cry-1-bucket-key": (
        (without(tokens.BUCKET_ENCRYPTION, LANDING), REFUSED),
        (put(tokens.BUCKET_ENCRYPTION, f"{BUCKET_DEFAULT}.sseAlgorithm", "AES256", LANDING), REFUSED),
        (drop(tokens.BUCKET_ENCRYPTION, f"{BUCKET_DEFAULT}.kmsMasterKeyId", LANDING), REFUSED),
        (put(tokens.BUCKET_ENCRYPTION, f"{BUCKET_DEFAULT}.sseAlgorithm", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-1-volumes-encrypted": (
        (without(tokens.EBS_ENCRYPTION), REFUSED),
        (drop(tokens.EBS_ENCRYPTION, "enabled"), KEPT),
        (put(tokens.EBS_ENCRYPTION, "enabled", False), REFUSED),
        (put(tokens.EBS_ENCRYPTION, "enabled", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-2-brokers-tls": (
        (drop(tokens.BROKERS, "encryptionInfo.encryptionInTransit"), KEPT),
        (put(tokens.BROKERS, "encryptionInfo.encryptionInTransit", {"clientBroker": "TLS", "inCluster": True}), KEPT),
        (put(tokens.BROKERS, "encryptionInfo.encryptionInTransit.clientBroker", "TLS_PLAINTEXT"), REFUSED),
        (put(tokens.BROKERS, "encryptionInfo.encryptionInTransit.inCluster", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-2-database-tls": (
        (drop(tokens.DATABASE, "parameterGroupName"), REFUSED),
        (put(tokens.DATABASE_PARAMETERS, "parameters", []), REFUSED),
        (put(tokens.DATABASE_PARAMETERS, "parameters.0.value", "0"), REFUSED),
        (put(tokens.DATABASE_PARAMETERS, "parameters.0.value", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-2-bucket-tls": (
        (without(tokens.BUCKET_POLICY, LOCKED), REFUSED),
        SIDECAR,
        (put(tokens.BUCKET_POLICY, "policy", EVERYTHING, LOCKED), REFUSED),
        (put(tokens.BUCKET_POLICY, "policy", UNKNOWN), NOT_EVALUATED),
    ),
    "cry-3-key-rotates": (
        (drop(tokens.KEY, "enableKeyRotation", "keys-logs"), REFUSED),
        (put(tokens.KEY, "enableKeyRotation", False, "keys-logs"), REFUSED),
        (put(tokens.KEY, "enableKeyRotation", "yes", "keys-logs"), REFUSED),
        (put(tokens.KEY, "enableKeyRotation", UNKNOWN), NOT_EVALUATED),
    ),
}
