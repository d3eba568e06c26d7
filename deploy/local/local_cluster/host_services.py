"""Services of the cluster that lead to processes of this machine."""

from typing import Any

from local_cluster.network import NODE_ADDRESS


def host_service(
    namespace: str,
    name: str,
    ports: dict[str, tuple[str, int]],
    *,
    cluster_address: str | None = None,
    host: str = NODE_ADDRESS,
) -> list[tuple[str, dict[str, Any]]]:
    """A Service, and its EndpointSlice, that leads to a process of this machine; ports are (protocol, number) by name.

    `host` is the address under which pods reach the machine.
    """
    listed = [{"name": port, "protocol": protocol, "port": number} for port, (protocol, number) in ports.items()]
    service: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"ports": listed, **({"clusterIP": cluster_address} if cluster_address else {})},
    }
    slice_name = f"{name}-host"
    endpoints: dict[str, Any] = {
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {"name": slice_name, "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
        "addressType": "IPv4",
        "ports": listed,
        "endpoints": [{"addresses": [host], "conditions": {"ready": True}}],
    }
    return [
        (f"/api/v1/namespaces/{namespace}/services/{name}", service),
        (f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices/{slice_name}", endpoints),
    ]
