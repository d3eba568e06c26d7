"""The one narrow door to the API server: what the rest of the operator may ask for, and how it is told "no".

`cluster.client` implements it over the network. Objects go in and come out as decoded JSON; nobody outside `cluster` sees a
client library, a header or a URL.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from connector_operator.api.kinds import Kind
from connector_operator.domain.objects import Manifest, Object, ObjectRef

FIELD_MANAGER = "connector-operator"
"""Owns every field that we apply to the objects of a worker."""
STATUS_FIELD_MANAGER = "connector-operator-status"
"""Owns the status of the custom resources: apart, so that applying one never drops the fields of the other."""

EVENT = Kind("", "v1", "Event", "events")
"""Written, never read: what `kubectl describe` shows below an object."""


LEASE = Kind("coordination.k8s.io", "v1", "Lease", "leases")
"""Says which of several operators writes."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectIdentity:
    """Which object was there at which revision: all that an audit needs, a hundredth of the bytes of the object."""

    ref: ObjectRef
    uid: str
    resource_version: str


class ApiError(Exception):
    """A call that the API server did not carry out, told in one sentence.

    `ref.name` is empty for a call about a whole kind; `status` is 0 when no answer came; `message` is the server's own text.
    """

    what_next: ClassVar[str] = ""

    def __init__(self, verb: str, ref: ObjectRef, *, status: int = 0, message: str = "") -> None:
        self.verb = verb
        self.ref = ref
        self.status = status
        self.message = message
        answer = f"the API server answered {status}" if status else "the API server did not answer"
        said = f": {message}" if message else ""
        super().__init__(f"cannot {verb} {_subject(ref)}: {answer}{said}{self.what_next}")


class ApiConflict(ApiError):  # noqa: N818 - named after what the caller has to decide
    """409: the object is not the one we meant (uid), or someone else wrote at the same moment; look again, then retry."""


class ApiRejected(ApiError):  # noqa: N818 - named after what the caller has to decide
    """400, 403, 422: the same request will be refused again until its input, or our permissions, change."""


class ApiUnavailable(ApiError):  # noqa: N818 - named after what the caller has to decide
    """401, 429, 5xx, a broken connection or a timeout: the same request may succeed later.

    A write may have been committed although its answer was lost. `retry_after` is in seconds, when the server named one.
    """

    def __init__(
        self, verb: str, ref: ObjectRef, *, status: int = 0, message: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(verb, ref, status=status, message=message)
        self.retry_after = retry_after


class ApiGone(ApiError):  # noqa: N818 - named after what the caller has to decide
    """404 on a write or a list: the object, its namespace or its whole kind is not there (any more)."""


def _subject(ref: ObjectRef) -> str:
    if ref.name:
        return f"{ref.kind.kind} '{ref.namespace}/{ref.name}'" if ref.namespace else f"{ref.kind.kind} '{ref.name}'"
    where = f" in namespace '{ref.namespace}'" if ref.namespace else ""
    return f"{ref.kind.plural}{where}"


class KubeApi(Protocol):
    """Everything the operator does to an API server. Each call has its own deadline and raises only `ApiError`s."""

    async def get(self, ref: ObjectRef) -> Object | None:
        """Read one object; `None` when there is none of that name."""
        ...

    async def list_metadata(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[ObjectIdentity]:
        """Name every object of a kind, in all namespaces unless one is given; `labelled`: only those with `PART_LABEL`."""
        ...

    async def list_objects(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[Object]:
        """The same, whole objects: for people who look once, not for the operator, which watches."""
        ...

    async def apply(self, manifest: Manifest) -> Object:
        """Server-side apply with our field manager, taking over conflicting fields; answers the whole object.

        `metadata.uid` in the manifest is a precondition: `ApiConflict` when the live object is another one, or there is none.
        So is `metadata.resourceVersion`: `ApiConflict` when there is a live object, and it has another revision.
        """
        ...

    async def apply_status(self, ref: ObjectRef, *, uid: str, status: Mapping[str, Any]) -> Object:
        """Server-side apply of `status` alone with the status field manager.

        `ApiConflict` when the object turned out to be another one: then that one carries the status until its own reconcile,
        which its event has queued, puts it right. The API server knows no uid precondition here.
        """
        ...

    async def delete(self, ref: ObjectRef, *, uid: str) -> None:
        """Delete that very object, dependents in the background; one that is already gone counts as done."""
        ...

    async def create_event(self, manifest: Manifest) -> None:
        """Create one core/v1 Event."""
        ...

    async def can_i(self, verb: str, kind: Kind, *, subresource: str = "", namespace: str = "") -> bool:
        """Ask whether our own identity may do this, in all namespaces unless one is given."""
        ...

    async def serves(self, kind: Kind) -> bool:
        """Ask whether the API server knows this kind in this version."""
        ...


class LeaseApi(Protocol):
    """What keeping a lease takes of an API server: `ClusterApi` is one as well."""

    async def get(self, ref: ObjectRef) -> Object | None:
        """See `KubeApi.get`."""
        ...

    async def put_exactly(self, ref: ObjectRef, manifest: Manifest) -> Object:
        """Create an object without a `resourceVersion`, replace the one that has it; `ApiConflict` when somebody was faster."""
        ...
