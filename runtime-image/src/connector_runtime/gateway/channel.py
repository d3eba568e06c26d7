"""One gRPC channel per pod."""

import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import grpc.aio
from pyzeebe import create_insecure_channel, create_secure_channel

DEFAULT_PORT = 26500
MAX_MESSAGE_BYTES = 64 * 1024 * 1024

# A batch of activated jobs easily passes gRPC's default of 4 MiB. Reconnects are tried at least each second, so that work
# goes on soon after a gateway is back; idle connections are probed, so that a half-open one is noticed.
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


def open_channel(address: str) -> grpc.aio.Channel:
    """Open a channel to `grpc://host:port` (plain text) or `grpcs://host:port` (TLS, the system's CAs)."""
    # Before gRPC starts: its C core writes lines to standard error that no log reader can parse.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    parts = urlsplit(address)
    target = f"{_bracketed(parts.hostname or '')}:{parts.port or DEFAULT_PORT}"
    if parts.scheme == "grpcs":
        credentials = grpc.ssl_channel_credentials(root_certificates=_system_authorities())
        return create_secure_channel(target, channel_options=OPTIONS, channel_credentials=credentials)
    return create_insecure_channel(target, channel_options=OPTIONS)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _system_authorities() -> bytes | None:
    """The CAs that OpenSSL trusts (SSL_CERT_FILE is honoured); None leaves grpc to those it was built with."""
    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file else None
