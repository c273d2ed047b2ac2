"""A real Kubernetes control plane on the loopback: etcd, kube-apiserver and kube-controller-manager, built from source.

No kubelet runs, so a pod stays Pending; the services run as local processes. What the API decides (validation,
admission, RBAC, quotas, ownership of fields, the end of a namespace) it decides here as it does in the cloud.
"""
