"""`KubeApi` over the network: paths, content types and preconditions, nothing that decides.

Follows https://kubernetes.io/docs/reference/using-api/api-concepts/ and .../server-side-apply/.
"""

from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import quote

from connector_operator.api.kinds import Kind
from connector_operator.cluster.connection import Connection
from connector_operator.cluster.port import (
    EVENT,
    FIELD_MANAGER,
    STATUS_FIELD_MANAGER,
    ApiConflict,
    ApiGone,
    ApiUnavailable,
    ObjectIdentity,
)
from connector_operator.cluster.transport import JSON, Observer, Request, Transport
from connector_operator.domain.objects import PART_LABEL, Manifest, Object, ObjectRef, ref_of, uid_of

PAGE = 500
_METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_APPLY = "application/apply-patch+yaml"
_APPLY_STATUS = "apply the status of"
_ACCESS_REVIEW = Kind("authorization.k8s.io", "v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews", namespaced=False)


class ClusterApi:
    """One API server. An async context manager: `async with ClusterApi(...) as api`."""

    def __init__(self, connection: Connection, observer: Observer) -> None:
        self._transport = Transport(connection, observer)
        self._may_write: Callable[[], bool] = lambda: True
        self._on_applied: Callable[[Object], None] = lambda _applied: None

    def write_only_while(self, may_write: Callable[[], bool]) -> None:
        """From now on refuse, as unavailable, what changes objects while `may_write` says no: who lost a lease writes no more."""
        self._may_write = may_write

    def tell_applied(self, on_applied: Callable[[Object], None]) -> None:
        """From now on tell `on_applied` of each object that was applied, before anybody can hear of it from a watch."""
        self._on_applied = on_applied

    async def _write(self, request: Request) -> Any:
        if not self._may_write():
            raise ApiUnavailable(request.doing or request.verb, request.ref, message="another operator may have the lease by now")
        return await self._transport.send(request)

    async def __aenter__(self) -> Self:
        await self._transport.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.close()

    async def get(self, ref: ObjectRef) -> Object | None:
        """See `KubeApi.get`."""
        try:
            return await self._transport.send(Request("get", ref, "GET", _path(ref)))
        except ApiGone:
            return None

    async def list_metadata(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[ObjectIdentity]:
        """See `KubeApi.list_metadata`."""
        items = await self._list(ObjectRef(kind, namespace, ""), _METADATA_LIST, labelled=labelled)
        return [_identity(kind, item["metadata"]) for item in items]

    async def list_objects(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[Object]:
        """See `KubeApi.list_objects`."""
        items = await self._list(ObjectRef(kind, namespace, ""), JSON, labelled=labelled)
        return [{**_typed(kind), **item} for item in items]  # in a list, items do not say what they are

    async def _list(self, ref: ObjectRef, accept: str, *, labelled: bool) -> list[Object]:
        """Read in pages, begun anew once when the pages expired under way."""
        query: dict[str, str | int] = {"limit": PAGE}
        if labelled:
            query["labelSelector"] = PART_LABEL
        try:
            return await self._pages(ref, query, accept)
        except ApiUnavailable as error:
            if error.status != 410:
                raise
            return await self._pages(ref, query, accept)

    async def _pages(self, ref: ObjectRef, query: Mapping[str, str | int], accept: str) -> list[Object]:
        found: list[Object] = []
        token = ""
        while True:
            page = await self._transport.send(
                Request(
                    "list",
                    ref,
                    "GET",
                    _path(ref),
                    query={**query, "continue": token} if token else query,
                    accept=accept,
                )
            )
            found += page.get("items") or ()  # an empty list is null there
            token = page["metadata"].get("continue", "")
            if not token:
                return found

    async def apply(self, manifest: Manifest) -> Object:
        """See `KubeApi.apply`; a field that the server does not know is refused, not dropped in silence."""
        applied = await self._write(
            Request(
                "patch",
                ref := ref_of(manifest),
                "PATCH",
                _path(ref),
                doing="apply",
                query={"fieldManager": FIELD_MANAGER, "force": "true", "fieldValidation": "Strict"},
                body=manifest,
                content_type=_APPLY,
            )
        )
        self._on_applied(applied)
        return applied

    async def apply_status(self, ref: ObjectRef, *, uid: str, status: Mapping[str, Any]) -> Object:
        """See `KubeApi.apply_status`."""
        metadata = {"name": ref.name} | ({"namespace": ref.namespace} if ref.namespace else {})
        written = await self._write(
            Request(
                "patch",
                ref,
                "PATCH",
                f"{_path(ref)}/status",
                subresource="status",
                doing=_APPLY_STATUS,
                query={"fieldManager": STATUS_FIELD_MANAGER, "force": "true"},
                body=_typed(ref.kind, metadata=metadata, status=dict(status)),
                content_type=_APPLY,
            )
        )
        if uid and uid_of(written) != uid:
            message = f"it was deleted and made again (uid {uid} is {uid_of(written)} now)"
            raise ApiConflict(_APPLY_STATUS, ref, status=200, message=message)
        return written

    async def delete(self, ref: ObjectRef, *, uid: str) -> None:
        """See `KubeApi.delete`."""
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "preconditions": {"uid": uid},
            "propagationPolicy": "Background",
        }
        try:
            await self._write(Request("delete", ref, "DELETE", _path(ref), body=options))
        except ApiGone:
            return

    async def create_event(self, manifest: Manifest) -> None:
        """See `KubeApi.create_event`."""
        metadata = manifest["metadata"]
        ref = ObjectRef(EVENT, metadata["namespace"], metadata["name"])
        collection = _path(ObjectRef(EVENT, ref.namespace, ""))
        await self._write(Request("create", ref, "POST", collection, body=manifest))

    async def put_exactly(self, ref: ObjectRef, manifest: Manifest) -> Object:
        """See `LeaseApi.put_exactly`."""
        if "resourceVersion" in manifest["metadata"]:
            return await self._transport.send(Request("update", ref, "PUT", _path(ref), body=manifest))
        collection = _path(ObjectRef(ref.kind, ref.namespace, ""))
        return await self._transport.send(Request("create", ref, "POST", collection, body=manifest))

    async def can_i(self, verb: str, kind: Kind, *, subresource: str = "", namespace: str = "") -> bool:
        """See `KubeApi.can_i`."""
        attributes = {"verb": verb, "group": kind.group, "resource": kind.plural, "subresource": subresource}
        ref = ObjectRef(_ACCESS_REVIEW, "", "")
        review = _typed(_ACCESS_REVIEW, spec={"resourceAttributes": {**attributes, "namespace": namespace}})
        answer = await self._transport.send(Request("create", ref, "POST", _path(ref), doing="ask for", body=review))
        return bool(answer["status"]["allowed"])

    async def serves(self, kind: Kind) -> bool:
        """See `KubeApi.serves`."""
        ref = ObjectRef(kind, "", "")
        try:
            answer = await self._transport.send(Request("get", ref, "GET", _root(kind), doing="discover"))
        except ApiGone:
            return False
        return any(resource["name"] == kind.plural for resource in answer["resources"])


def _root(kind: Kind) -> str:
    return f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"


def _path(ref: ObjectRef) -> str:
    # quoted although every name should be a DNS label by now: a slash in one would make it the path of another object
    where = f"/namespaces/{quote(ref.namespace, safe='')}" if ref.namespace else ""
    what = f"/{quote(ref.name, safe='')}" if ref.name else ""
    return f"{_root(ref.kind)}{where}/{ref.kind.plural}{what}"


def _typed(kind: Kind, **members: Any) -> dict[str, Any]:
    return {"apiVersion": kind.api_version, "kind": kind.kind, **members}


def _identity(kind: Kind, metadata: Mapping[str, Any]) -> ObjectIdentity:
    ref = ObjectRef(kind, metadata.get("namespace", ""), metadata["name"])
    return ObjectIdentity(ref, metadata["uid"], metadata["resourceVersion"])
