"""A work queue that remembers what was added to it."""

from connector_operator.domain.snapshot import Key
from connector_operator.engine.queue import WorkQueue
from connector_operator.engine.schedule import Schedule


class RecordingQueue(WorkQueue[Key]):
    """The real queue; `added` are the keys that were added since it was last cleared."""

    def __init__(self) -> None:
        super().__init__(Schedule())
        self.added: set[Key] = set()

    def add(self, key: Key, delay: float = 0.0) -> None:
        """See `WorkQueue.add`."""
        self.added.add(key)
        super().add(key, delay)
