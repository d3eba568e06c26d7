"""A POP3 session, which blocks: https://www.rfc-editor.org/rfc/rfc1939"""

import poplib
from collections.abc import Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from connector_runtime.daemon_threads import in_daemon_thread
from connectors._egress import checked_connection
from connectors._email_errors import EmailErrorCode, broke_off, refusal
from connectors._email_message import Envelope, body_text, is_same
from connectors._email_search import Criterion, SearchField, matches
from connectors._email_server import ANSWER_SECONDS, MailServer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pop3Item:
    """An e-mail in the maildrop."""

    number: int
    size: int
    envelope: Envelope

    @property
    def sent(self) -> datetime:
        return self.envelope.sent


class Pop3Session:
    """The maildrop of one user, which the server locks until the session ends well."""

    def __init__(self, connection: poplib.POP3) -> None:
        self._connection = connection

    def items(self) -> Iterator[Pop3Item]:
        """Every e-mail, oldest first; fetches its headers."""
        for line in self._connection.list()[1]:
            number, size = (int(part) for part in line.split()[:2])
            content = b"\r\n".join(self._connection.top(number, 0)[1])
            yield Pop3Item(number, size, Envelope.of(content))

    def find(self, message_id: str) -> Pop3Item | None:
        """The e-mail with a message id."""
        return next((item for item in self.items() if is_same(item.envelope.message_id, message_id)), None)

    def search(self, search: Criterion) -> Iterator[Pop3Item]:
        """The e-mails that a search is for: POP3 has none, so that whole e-mails are fetched where it asks for bodies."""
        yield from (item for item in self.items() if matches(search, lambda field, item=item: self._text(item, field)))

    def _text(self, item: Pop3Item, field: SearchField) -> str:
        if field is SearchField.BODY:
            return body_text(self.content(item))
        return item.envelope.from_address if field is SearchField.FROM else item.envelope.subject

    def content(self, item: Pop3Item) -> bytes:
        """The whole e-mail."""
        return b"\r\n".join(self._connection.retr(item.number)[1]) + b"\r\n"

    def delete(self, item: Pop3Item) -> None:
        """Delete an e-mail when the session ends well."""
        self._connection.dele(item.number)


async def do(server: MailServer, task: Callable[[Pop3Session], T]) -> T:
    """Run a task in a thread, in a session of its own: only the end of a session makes its deletions true."""

    def connect(address: str) -> Awaitable[poplib.POP3]:
        return in_daemon_thread(lambda: _connected(server, address), "pop3")

    def run() -> T:
        with _session(server, connection) as session:
            return task(session)

    connection = await checked_connection(server.egress, server.host, connect)
    return await in_daemon_thread(run, "pop3")


def _connected(server: MailServer, address: str) -> poplib.POP3:
    poplib._MAXLINE = max(poplib._MAXLINE, 1_000_000)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType] - e-mails have longer lines than its 2,048
    if server.begins_with_tls:
        return poplib.POP3_SSL(address, server.port, timeout=ANSWER_SECONDS, context=server.tls())
    return poplib.POP3(address, server.port, timeout=ANSWER_SECONDS)


@contextmanager
def _session(server: MailServer, connection: poplib.POP3) -> Generator[Pop3Session]:
    """Log in and out; raises what poplib raises, and LOGIN where that is what was refused."""
    try:
        if server.upgrades_to_tls:
            connection.stls(server.tls())
        _login(connection, server)
        yield Pop3Session(connection)
        connection.quit()
    finally:
        with suppress(OSError):
            connection.close()


def _login(connection: poplib.POP3, server: MailServer) -> None:
    try:
        connection.user(server.user or "")
        connection.pass_(server.password or "")
    except poplib.error_proto as error:
        if broke_off(error):
            raise
        raise refusal(EmailErrorCode.LOGIN, "cannot do this e-mail task: the server refuses user or password") from error
