"""Kubernetes Events about custom resources: few, in the background, and never a reason for a reconcile to fail."""

import asyncio
import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from connector_operator.cluster.port import FIELD_MANAGER, ApiError, KubeApi
from connector_operator.domain.objects import Manifest, Object, uid_of

EventType = Literal["Normal", "Warning"]

REPEAT_SECONDS = 3600.0
"""The same event about the same object is written at most once in this time."""
BURST = 10
REFILL_SECONDS = 60.0
"""Beyond a burst, one object gets one event in this time."""
MAX_REMEMBERED = 20_000
MAX_WAITING = 1_000
MAX_MESSAGE = 1_024
"""The API server's own limit."""

_Key = tuple[str, str, str]
"""An event's identity: the object's uid, reason, message."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class EventRecorder:
    """Takes events without waiting (`record`) and writes them in `run`, de-duplicated and rate-limited per object."""

    def __init__(
        self,
        api: KubeApi,
        *,
        monotonic: Callable[[], float],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        instance: str = FIELD_MANAGER,
    ) -> None:
        self._api = api
        self._monotonic = monotonic
        self._now = now
        self._instance = instance
        self._waiting: asyncio.Queue[tuple[_Key, Manifest]] = asyncio.Queue(MAX_WAITING)
        self._written: OrderedDict[_Key, float] = OrderedDict()
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def record(self, obj: Object, event_type: EventType, reason: str, message: str) -> None:
        """Let `kubectl describe` show this below the object; dropped in silence when it is too much. Never raises."""
        key = (uid_of(obj), reason, message[:MAX_MESSAGE])
        if self._is_repeated(key) or not self._may_write(uid_of(obj)):
            return
        self._remember(key)
        try:
            self._waiting.put_nowait((key, self._manifest(obj, event_type, reason, message[:MAX_MESSAGE])))
        except asyncio.QueueFull:
            _log.warning("dropped an event: %d are waiting to be written", MAX_WAITING)

    async def run(self) -> None:
        """Write what was recorded, for ever; one that cannot be written is dropped, and may come again."""
        while True:
            key, manifest = await self._waiting.get()
            try:
                await self._api.create_event(manifest)
            except ApiError as error:
                self._written.pop(key, None)
                _log.info("dropped an event: %s", error)
            except Exception:
                _log.exception("dropped an event for a reason that nobody foresaw")
            finally:
                self._waiting.task_done()

    async def drain(self) -> None:
        """Wait until `run` has dealt with everything recorded so far."""
        await self._waiting.join()

    def _is_repeated(self, key: _Key) -> bool:
        last = self._written.get(key)
        return last is not None and self._monotonic() - last < REPEAT_SECONDS

    def _remember(self, key: _Key) -> None:
        self._written[key] = self._monotonic()
        self._written.move_to_end(key)
        if len(self._written) > MAX_REMEMBERED:
            self._written.popitem(last=False)

    def _may_write(self, uid: str) -> bool:
        now = self._monotonic()
        bucket = self._buckets.setdefault(uid, _Bucket(BURST, now))
        self._buckets.move_to_end(uid)
        if len(self._buckets) > MAX_REMEMBERED:
            self._buckets.popitem(last=False)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.at) / REFILL_SECONDS)
        bucket.at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _manifest(self, obj: Object, event_type: EventType, reason: str, message: str) -> Manifest:
        metadata = obj["metadata"]
        time = self._now().strftime("%Y-%m-%dT%H:%M:%SZ")
        about = {name: metadata[name] for name in ("name", "namespace", "uid", "resourceVersion") if name in metadata}
        return {
            "apiVersion": "v1",
            "kind": "Event",
            # events about cluster-wide objects live in `default`; the validation of core/v1 wants exactly that
            "metadata": {
                "name": f"{metadata['name'][:230].rstrip('-.')}.{secrets.token_hex(8)}",
                "namespace": metadata.get("namespace", "default"),
            },
            "involvedObject": {"apiVersion": obj["apiVersion"], "kind": obj["kind"], **about},
            "type": event_type,
            "reason": reason,
            "message": message,
            "count": 1,
            "firstTimestamp": time,
            "lastTimestamp": time,
            "source": {"component": FIELD_MANAGER},
            "reportingComponent": f"connectors.camunda.io/{FIELD_MANAGER}",
            "reportingInstance": self._instance,
        }
