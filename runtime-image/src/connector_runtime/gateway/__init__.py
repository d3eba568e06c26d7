"""The only place that speaks gRPC: pyzeebe's channel and generated stubs behind plain values."""

from connector_runtime.gateway.backoff import Backoff
from connector_runtime.gateway.channel import ChannelSource
from connector_runtime.gateway.client import FailRequest, Gateway, Reply, Subscription, ThrowRequest
from connector_runtime.gateway.connection import Connection, ConnectionReport, ConnectionState
from connector_runtime.gateway.credentials import Credentials, credentials_of
from connector_runtime.gateway.faults import GatewayError, GatewayFault
from connector_runtime.gateway.jobs import ActivatedJob
from connector_runtime.gateway.pushes import PushedJobs

__all__ = [
    "ActivatedJob",
    "Backoff",
    "ChannelSource",
    "Connection",
    "ConnectionReport",
    "ConnectionState",
    "Credentials",
    "FailRequest",
    "Gateway",
    "GatewayError",
    "GatewayFault",
    "PushedJobs",
    "Reply",
    "Subscription",
    "ThrowRequest",
    "credentials_of",
]
