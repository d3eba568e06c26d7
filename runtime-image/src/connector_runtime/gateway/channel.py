"""One gRPC channel per pod, opened anew when a mounted certificate changes."""

import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import grpc.aio

from connector_runtime.config import Tls
from connector_runtime.gateway.credentials import mounted

DEFAULT_PORT = 26500
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
LOOK_AHEAD_BYTES = 64 * 1024

# A batch of activated jobs easily passes gRPC's default of 4 MiB. Reconnects are tried at least each second, so that work
# goes on soon after a gateway is back; one that gets no answer has five. Idle connections are probed at the shortest interval
# that Zeebe allows, so that a half-open one is noticed; the timeout that counts is the ping's, 60 s by default. Without BDP
# probing a stream that is not read stops its sender after 64 KiB: what lies unread in between is locked and served by nobody.
OPTIONS = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 5_000),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", LOOK_AHEAD_BYTES),
    # A channel that replaces another one must not share its connection.
    ("grpc.use_local_subchannel_pool", 1),
)


class ChannelSource:
    """Opens channels to `grpc://host:port` (plain text) or `grpcs://host:port` (TLS)."""

    def __init__(self, address: str, tls: Tls = Tls()) -> None:  # noqa: B008 - a frozen value
        # Before gRPC starts: its C core writes lines to standard error that no log reader can parse.
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")
        parts = urlsplit(address)
        self.address = address
        self._target = f"{_bracketed(parts.hostname or '')}:{parts.port or DEFAULT_PORT}"
        self._tls = tls if parts.scheme == "grpcs" else None
        self._opened_with: tuple[tuple[int, int] | None, ...] = ()

    @property
    def has_changed(self) -> bool:
        """Whether a certificate file is another one than when the channel was opened."""
        return self._opened_with != self._file_states()

    def open(self) -> grpc.aio.Channel:
        """Open a channel; raises GatewayError that names the file when a certificate is not mounted."""
        self._opened_with = self._file_states()
        if self._tls is None:
            return grpc.aio.insecure_channel(self._target, options=OPTIONS)
        directory = self._tls.client_certificate_directory
        credentials = grpc.ssl_channel_credentials(
            root_certificates=mounted(self._tls.ca_file).encode() if self._tls.ca_file else _system_authorities(),
            private_key=mounted(directory / "tls.key").encode() if directory else None,
            certificate_chain=mounted(directory / "tls.crt").encode() if directory else None,
        )
        return grpc.aio.secure_channel(self._target, credentials, options=OPTIONS)

    def _file_states(self) -> tuple[tuple[int, int] | None, ...]:
        if self._tls is None:
            return ()
        directory = self._tls.client_certificate_directory
        files = [self._tls.ca_file, *((directory / "tls.crt", directory / "tls.key") if directory else ())]
        return tuple(_state(file) for file in files if file is not None)


def _state(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _system_authorities() -> bytes | None:
    """The CAs that OpenSSL trusts (SSL_CERT_FILE is honoured); None leaves grpc to those it was built with."""
    file = ssl.get_default_verify_paths().cafile
    return Path(file).read_bytes() if file else None
