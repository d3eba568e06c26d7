"""What happened in the cluster goes in here: into the store, through the mapper, into the queue. Nothing awaits."""

import time
from collections.abc import Callable

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_POLICY, CONNECTOR_RUNTIME
from connector_operator.domain.objects import RUNTIME_LABEL, Object, ObjectRef, labels_of, ref_of, uid_of
from connector_operator.domain.reports import PodReport
from connector_operator.domain.snapshot import Key
from connector_operator.engine.echoes import Echoes
from connector_operator.engine.mapper import touched
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.store import Store

DELETED = "DELETED"
"""The one event type that matters: all others say what the object is now."""


class Intake:
    """The only writer of the store's objects and reports; feed, audit and pod polls tell it what they saw."""

    def __init__(
        self,
        store: Store,
        queue: WorkQueue[Key],
        echoes: Echoes | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._queue = queue
        self._echoes = echoes or Echoes()
        self._monotonic = monotonic
        self._last_event = monotonic()
        self._begun = False

    def begin(self) -> None:
        """The store is complete: touch everything once, and from now on what changes.

        Until then nothing is touched: a runtime reconciled from half a store would lose Connectors that it has, and with
        every list still arriving, each object would touch all the others again and again. Runtimes come first: a Connector's
        status waits for them.
        """
        self._begun = True
        for kind in (CONNECTOR_RUNTIME, CONNECTOR, CONNECTOR_POLICY):
            for key in self._store.keys(kind):
                self._queue.add(key)

    @property
    def watch_age(self) -> float:
        """Seconds since the feed last told anything; long in a quiet cluster, too."""
        return self._monotonic() - self._last_event

    def observe(self, event_type: str | None, obj: Object) -> None:
        """The feed's entry: one watch event, `None` or `ADDED` or `MODIFIED` or `DELETED`, and the whole object."""
        self._last_event = self._monotonic()
        if event_type == DELETED:
            self.vanish(ref_of(obj), uid=uid_of(obj))
        else:
            self.appear(obj)

    def appear(self, obj: Object, *, even_older: bool = False) -> None:
        """An object is there and looks like this; see `Store.upsert`. What a reconcile wrote wakes nobody again."""
        ref = ref_of(obj)
        previous = self._store.upsert(obj, even_older=even_older)
        if not self._echoes.is_echo(obj):
            self._touch(ref, previous, self._store.get(ref))

    def vanish(self, ref: ObjectRef, *, uid: str) -> None:
        """The object of that name and uid is not there any more."""
        previous = self._store.remove(ref, uid=uid)
        if previous is not None:
            self._echoes.forget(ref)
            self._touch(ref, previous, None)

    def report(self, pod: Object, report: PodReport | None) -> None:
        """A worker pod said something, or what it said counts no longer (`None`); the same again touches nothing."""
        namespace = pod["metadata"]["namespace"]
        is_news = (
            self._store.set_report(namespace, report) if report else self._store.drop_report(namespace, pod["metadata"]["name"])
        )
        if is_news and self._begun:
            self._queue.add(Key(CONNECTOR_RUNTIME.kind, namespace, labels_of(pod)[RUNTIME_LABEL]))

    def _touch(self, ref: ObjectRef, previous: Object | None, current: Object | None) -> None:
        if not self._begun:
            return
        for key in touched(self._store, ref, previous, current):
            self._queue.add(key)
