"""What the two intakes of one Connector share: its slots, its bytes, and the handler behind them."""

from collections.abc import Callable

from connector_runtime.capacity import ByteBudget, Capacity
from connector_runtime.gateway import ActivatedJob, Gateway, Subscription
from connector_runtime.handling import JobHandler


class IntakeDesk:
    """Passes activated jobs to the handler and gives their slot and bytes back when they are done."""

    def __init__(self, gateway: Gateway, subscription: Subscription, handler: JobHandler, budget: ByteBudget) -> None:
        self.gateway = gateway
        self.subscription = subscription
        self.capacity = Capacity(handler.capacity)
        self.budget = budget
        self.mean_bytes = 0
        """Of the jobs seen so far, the newest weighing most."""
        self.is_streaming = False
        self._handler = handler
        self._accepted = 0

    def accept(self, job: ActivatedJob) -> None:
        """Start a job for which a slot is reserved."""
        self._accepted += 1
        self.hold(job)
        self.begin(job, job.age)

    def settle(self) -> int:
        """How many jobs were accepted since the last time."""
        accepted, self._accepted = self._accepted, 0
        return accepted

    @property
    def gains_by_waiting(self) -> bool:
        """Whether a job may wait for others: not in an idle pod, and not for others that would find no slot."""
        return self._handler.active > 0 and self.capacity.free > 0

    def hold(self, job: ActivatedJob) -> None:
        """Count the bytes of a job that has a slot; `begin` follows."""
        size = job.size
        self.mean_bytes = size if not self.mean_bytes else (self.mean_bytes * 7 + size) // 8
        self.budget.add(size)

    def begin(self, job: ActivatedJob, age: float) -> None:
        """Start a job that is held and was activated `age` seconds ago."""
        self._handler.accept(job, age, self._giver(job.size))

    def hand_back(self, job: ActivatedJob, *, backoff: float) -> None:
        """Let another worker have a job that was not started, or this one after `backoff` seconds."""
        self._handler.hand_back(job, backoff)

    def _giver(self, size: int) -> Callable[[], None]:
        def give_back() -> None:
            self.budget.release(size)
            self.capacity.release()

        return give_back
