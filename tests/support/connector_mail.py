"""Throw-away mail servers on loopback: Dovecot for IMAP and POP3, aiosmtpd for SMTP."""

import getpass
import imaplib
import os
import ssl
import subprocess
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from connector_server import Server, certificates, program, running, scratch

from local_cluster.ports import free_ports

PASSWORD = "canary-mail-4711"
EMAIL_BYTES = 50_000
"""The largest e-mail that the SMTP server takes."""


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """Where IMAP and POP3 listen, each also with TLS from the first byte; every user name is somebody, with one password."""

    imap: int
    imaps: int
    pop3: int
    pop3s: int
    authority: Path
    configuration: Path
    password: str = PASSWORD

    def kick(self, user: str) -> None:
        """End somebody's sessions, as an operator of the server may."""
        command = [program("/usr/bin/doveadm", "dovecot-imapd"), "-c", str(self.configuration), "kick", user]
        subprocess.run(command, check=True, capture_output=True)

    def deliver(self, user: str, message: EmailMessage, received: datetime, folder: str = "INBOX") -> None:
        """Put an e-mail into somebody's folder, making the folder."""
        with imaplib.IMAP4("127.0.0.1", self.imap) as connection:
            connection.login(user, self.password)
            connection.create(folder)
            connection.append(folder, "", imaplib.Time2Internaldate(received), message.as_bytes())

    def folders(self, user: str) -> list[str]:
        """The names of somebody's folders, as the server writes them."""
        with imaplib.IMAP4("127.0.0.1", self.imap) as connection:
            connection.login(user, self.password)
            return [line.decode().rpartition(' "/" ')[2] for line in connection.list()[1] if isinstance(line, bytes)]


@contextmanager
def mailboxes() -> Generator[Mailboxes]:
    """Run Dovecot; RuntimeError says what to install where it is missing and cannot be had."""
    dovecot = program("/usr/sbin/dovecot", "dovecot-imapd", "dovecot-pop3d")
    with scratch("mail") as folder:
        folder.chmod(0o755)
        ports = free_ports(4)
        authority = certificates(folder)
        configuration = folder / "dovecot.conf"
        configuration.write_text(_configuration(folder, ports, authority.directory))
        (folder / "mail").mkdir(mode=0o777)
        (folder / "mail").chmod(0o777)
        with running(folder, Server("dovecot", [str(dovecot), "-F", "-c", str(configuration)], ports)):
            imap, imaps, pop3, pop3s = ports
            yield Mailboxes(imap, imaps, pop3, pop3s, authority.certificate("ca"), configuration)


def _configuration(folder: Path, ports: tuple[int, ...], certificates: Path) -> str:
    imap, imaps, pop3, pop3s = ports
    user = "nobody" if os.geteuid() == 0 else getpass.getuser()
    return f"""\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
protocols = imap pop3
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {"nogroup" if os.geteuid() == 0 else ""}
default_login_user = {user}
first_valid_uid = 1
disable_plaintext_auth = no
auth_failure_delay = 0
mail_max_userip_connections = 100
ssl = yes
ssl_cert = <{certificates}/server.crt
ssl_key = <{certificates}/server.key
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={user} gid={"nogroup" if os.geteuid() == 0 else os.getgid()} home={folder}/mail/%u
}}
mail_location = maildir:~/Maildir
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


@dataclass(slots=True)
class Outbox:
    """An SMTP server's view: what arrived, what it refuses, and how many connections there were."""

    accepted: list[Envelope] = field(default_factory=list[Envelope])
    refuses: dict[str, str] = field(default_factory=dict[str, str])
    """Replies by an address, or by the word DATA."""
    connections: int = 0
    port: int = 0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.refuses.get(address, "250 OK")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if "DATA" in self.refuses:
            return self.refuses["DATA"]
        self.accepted.append(envelope)
        return "250 OK"


@contextmanager
def smtp_server(
    tls: ssl.SSLContext | None = None, *, from_the_first_byte: bool = False, asks_for_login: bool = True, port: int = 0
) -> Generator[Outbox]:
    """Run an SMTP server that takes PASSWORD from anybody; with `tls` it offers STARTTLS, or speaks TLS from the first byte."""
    outbox = Outbox(port=port or free_ports(1)[0])

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=right, handled=False)

    class Counting(Controller):
        def factory(self) -> SMTP:
            outbox.connections += 1
            with warnings.catch_warnings(action="ignore"):  # that a login without TLS is not safe, which is known here
                return super().factory()

    controller = Counting(
        outbox, hostname="127.0.0.1", port=outbox.port, authenticator=authenticate, auth_required=asks_for_login,
        auth_require_tls=False, data_size_limit=EMAIL_BYTES, tls_context=None if from_the_first_byte else tls,
        ssl_context=tls if from_the_first_byte else None, enable_SMTPUTF8=True,
    )  # fmt: skip
    controller.start()
    outbox.connections = 0  # the controller's own look whether it is up
    try:
        yield outbox
    finally:
        controller.stop()
