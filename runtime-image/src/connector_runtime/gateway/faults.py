"""What can go wrong between the worker and its gateway, told apart by what to do about it."""

from enum import StrEnum

import grpc
import grpc.aio


class GatewayFault(StrEnum):
    """The kinds of failed calls."""

    UNREACHABLE = "Unreachable"
    """Nobody answered: try again."""
    BUSY = "Busy"
    """The broker asks for patience: try again later."""
    TOO_LARGE = "TooLarge"
    """The answer does not fit into a message: ask for less."""
    UNAUTHENTICATED = "Unauthenticated"
    """The gateway does not accept who we are or what we may do: try again, people must act."""
    JOB_GONE = "JobGone"
    """The job is not there any more, or not in a state in which a worker may speak about it."""
    UNSUPPORTED = "Unsupported"
    """The gateway, or a proxy before it, does not know this call."""
    REFUSED = "Refused"
    """The request itself is wrong: trying again is useless."""


LASTING = (GatewayFault.JOB_GONE, GatewayFault.REFUSED, GatewayFault.UNSUPPORTED, GatewayFault.TOO_LARGE)


class GatewayError(Exception):
    """A call failed."""

    def __init__(self, fault: GatewayFault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message

    @property
    def is_lasting(self) -> bool:
        """Whether the same call can only fail again."""
        return self.fault in LASTING

    @property
    def was_answered(self) -> bool:
        """Whether the gateway itself said this."""
        return self.fault is not GatewayFault.UNREACHABLE


_FAULTS = {
    grpc.StatusCode.RESOURCE_EXHAUSTED: GatewayFault.BUSY,
    grpc.StatusCode.UNAUTHENTICATED: GatewayFault.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED: GatewayFault.UNAUTHENTICATED,
    grpc.StatusCode.NOT_FOUND: GatewayFault.JOB_GONE,
    grpc.StatusCode.INVALID_ARGUMENT: GatewayFault.REFUSED,
    grpc.StatusCode.FAILED_PRECONDITION: GatewayFault.JOB_GONE,
    grpc.StatusCode.OUT_OF_RANGE: GatewayFault.REFUSED,
    grpc.StatusCode.UNIMPLEMENTED: GatewayFault.UNSUPPORTED,
}


def from_rpc(error: grpc.aio.AioRpcError) -> GatewayError:
    """Classify a gRPC status; whatever is not known is worth another try."""
    details = (error.details() or "no details").strip()
    code = error.code()
    fault = _FAULTS.get(code, GatewayFault.UNREACHABLE)
    # Both sides word it so: gRPC for the receive limit, Zeebe for a batch that passes its own limit.
    if fault is GatewayFault.BUSY and ("larger than max" in details or "maxMessageSize" in details):
        fault = GatewayFault.TOO_LARGE
    return GatewayError(fault, f"{code.name}: {details[:500]}")
