"""How the pod stands with its gateway, derived from the calls it makes anyway."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from connector_runtime.gateway.faults import GatewayError, GatewayFault

UNANSWERED_SECONDS = 10.0


class ConnectionState(StrEnum):
    """The states of docs/worker-contract.md §3."""

    CONNECTED = "Connected"
    CONNECTING = "Connecting"
    UNAUTHENTICATED = "Unauthenticated"
    UNREACHABLE = "GatewayUnreachable"


@dataclass(frozen=True, slots=True)
class ConnectionReport:
    """One reading of the state."""

    state: ConnectionState
    message: str


class Connection:
    """Counts answers and failures of calls; `clock` gives monotonic seconds."""

    def __init__(self, address: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._clock = clock
        self._last_answer: float = clock()
        self._failure: GatewayError | None = None
        self.was_connected = False

    @property
    def seconds_since_answer(self) -> float:
        """The age of the last answer, or of the pod when there was none."""
        return self._clock() - self._last_answer

    def answered(self) -> None:
        """A call succeeded, or failed for a reason that has nothing to do with the connection."""
        self._last_answer = self._clock()
        self._failure = None
        self.was_connected = True

    def failed(self, error: GatewayError) -> None:
        """A call failed."""
        if error.fault is GatewayFault.UNAUTHENTICATED:
            self._last_answer = self._clock()
            self._failure = error
        elif error.was_answered:
            self.answered()
        else:
            self._failure = error

    def report(self) -> ConnectionReport:
        """The state now, with what people need to know."""
        failure = self._failure
        if failure is None:
            state = ConnectionState.CONNECTED if self.was_connected else ConnectionState.CONNECTING
            return ConnectionReport(state, "" if self.was_connected else f"waiting for the first answer of {self._address}")
        if failure.fault is GatewayFault.UNAUTHENTICATED:
            text = f"the gateway {self._address} refuses this worker: {failure.message}"
            return ConnectionReport(ConnectionState.UNAUTHENTICATED, text)
        if self.seconds_since_answer >= UNANSWERED_SECONDS:
            text = f"cannot reach the gateway {self._address}: {failure.message}"
            return ConnectionReport(ConnectionState.UNREACHABLE, text)
        state = ConnectionState.CONNECTED if self.was_connected else ConnectionState.CONNECTING
        return ConnectionReport(state, f"trying again after: {failure.message}" if not self.was_connected else "")
