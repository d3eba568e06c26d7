"""A mail server and who logs in there."""

import ssl
from dataclasses import dataclass, field

from connectors._egress import Egress, HostTls
from connectors._email_input import Encryption

CONNECT_SECONDS, ANSWER_SECONDS = 15, 60
_TLS_FROM_THE_FIRST_BYTE = frozenset({465, 993, 995})


@dataclass(frozen=True, slots=True)
class MailServer:
    """Equal servers share their connections where the protocol allows that."""

    host: str
    port: int
    encryption: Encryption
    user: str | None
    password: str | None = field(repr=False)
    egress: Egress = field(compare=False, repr=False)

    @property
    def begins_with_tls(self) -> bool:
        """Whether TLS comes first. Nobody speaks STARTTLS on the ports that are for TLS."""
        return self.encryption is Encryption.SSL or (self.encryption is Encryption.TLS and self.port in _TLS_FROM_THE_FIRST_BYTE)

    @property
    def upgrades_to_tls(self) -> bool:
        """Whether STARTTLS is a must: a server without it gets no password."""
        return self.encryption is Encryption.TLS and not self.begins_with_tls

    def tls(self) -> ssl.SSLContext:
        """A context that verifies certificate and host name."""
        return HostTls.of(self.host)
