"""The real API server behind the fault proxies: a user's reads and writes, and a picture that two runs are compared by."""

import hashlib
import json
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import aiohttp
from timeless import without

from connector_operator.cluster.connection import Connection

CONNECTORS = "/apis/connectors.camunda.io/v1alpha1"
COLLECTIONS: Mapping[str, str] = {
    "Connector": f"{CONNECTORS}/namespaces/%s/connectors",
    "ConnectorRuntime": f"{CONNECTORS}/namespaces/%s/connectorruntimes",
    "Deployment": "/apis/apps/v1/namespaces/%s/deployments",
    "PodDisruptionBudget": "/apis/policy/v1/namespaces/%s/poddisruptionbudgets",
    "NetworkPolicy": "/apis/networking.k8s.io/v1/namespaces/%s/networkpolicies",
    "ConfigMap": "/api/v1/namespaces/%s/configmaps",
    "Service": "/api/v1/namespaces/%s/services",
    "ServiceAccount": "/api/v1/namespaces/%s/serviceaccounts",
    "Secret": "/api/v1/namespaces/%s/secrets",
    "Event": "/api/v1/namespaces/%s/events",
}
_OF_THE_MOMENT = frozenset(
    {
        *("uid", "resourceVersion", "creationTimestamp", "lastTransitionTime", "managedFields"),
        *("generation", "observedGeneration", "clusterIP", "clusterIPs", "connectors.camunda.io/desired-hash"),
    }
)


class Refused(Exception):  # noqa: N818 - what a user is told
    """The API server said no; `status` is its answer's."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class ApiServer:
    """One connection pool of an administrator; an async context manager."""

    def __init__(self, kubeconfig: Path) -> None:
        self._kubeconfig = kubeconfig
        self.url = ""
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        access = await Connection(self._kubeconfig).access()
        context = ssl.create_default_context(cafile=access.ca_file)
        if access.certificate_file:
            context.load_cert_chain(access.certificate_file, access.key_file)
        self.url = access.server
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, limit=0), auto_decompress=False)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The pool, which proxies use as well."""
        assert self._session is not None
        return self._session

    async def call(self, method: str, path: str, body: Any = None, *, content_type: str = "application/json") -> Any:
        """One request; raises `Refused`."""
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": content_type}
        async with self.session.request(method, self.url + path, data=data, headers=headers) as answer:
            text = await answer.text()
            if answer.status >= 300:
                raise Refused(answer.status, text[:500])
            return json.loads(text)

    async def put(self, namespace: str, manifest: Mapping[str, Any]) -> Any:
        """`kubectl apply`."""
        path = f"{COLLECTIONS[manifest['kind']] % namespace}/{manifest['metadata']['name']}"
        query = "?fieldManager=kubectl&force=true"
        return await self.call("PATCH", path + query, manifest, content_type="application/apply-patch+yaml")

    async def delete(self, namespace: str, kind: str, name: str) -> None:
        """`kubectl delete`."""
        await self.call("DELETE", f"{COLLECTIONS[kind] % namespace}/{name}")

    async def every(self, namespace: str, kind: str) -> list[dict[str, Any]]:
        """All objects of a kind in a namespace."""
        return (await self.call("GET", COLLECTIONS[kind] % namespace))["items"]

    async def picture(self, namespace: str) -> dict[str, Any]:
        """Everything in the namespace by kind and name, without what differs from moment to moment."""
        found: dict[str, Any] = {}
        for kind in (kind for kind in COLLECTIONS if kind not in ("Event", "Secret")):
            for obj in await self.every(namespace, kind):
                found[f"{kind} {obj['metadata']['name']}"] = without(obj, _OF_THE_MOMENT)
        text = json.dumps(found).replace(namespace, "NAMESPACE")
        # a worker's configuration names its namespace, so its digest has to be taken again without
        for name, config in json.loads(text).items():
            if given := re.fullmatch(r"ConfigMap .+-config-([0-9a-f]{10})", name):
                anew = hashlib.sha256(json.dumps(config["data"]).encode()).hexdigest()[:10]
                text = text.replace(given[1], anew)
        return json.loads(text)

    async def behind(self, namespace: str) -> list[str]:
        """Custom resources whose status does not tell of their newest generation."""
        objects = [*await self.every(namespace, "Connector"), *await self.every(namespace, "ConnectorRuntime")]
        return [
            one["metadata"]["name"]
            for one in objects
            if one.get("status", {}).get("observedGeneration") != one["metadata"]["generation"]
        ]
