"""An IMAP session, which blocks: https://www.rfc-editor.org/rfc/rfc3501"""

import base64
import imaplib
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from connector_runtime.daemon_threads import in_daemon_thread
from connector_sdk import SharedClients
from connectors._egress import checked_connection
from connectors._email_errors import EmailErrorCode, refusal
from connectors._email_idle import Handling, IdleConnections
from connectors._email_message import Envelope, bare, is_same
from connectors._email_search import Criterion, imap_keys, quoted
from connectors._email_server import ANSWER_SECONDS, CONNECT_SECONDS, MailServer

T = TypeVar("T")
INBOX = "INBOX"
HEADERS = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID FROM SUBJECT DATE)]"
_BATCH = 200
_UID, _SIZE, _DATE = re.compile(rb"UID (\d+)"), re.compile(rb"RFC822\.SIZE (\d+)"), re.compile(rb'INTERNALDATE "([^"]+)"')
_BEGINS, _NEVER = re.compile(rb"\d+ \("), datetime.min.replace(tzinfo=UTC)
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class ImapItem:
    """What was fetched of one e-mail."""

    uid: bytes
    size: int
    received: datetime
    content: bytes

    @property
    def envelope(self) -> Envelope:
        """Of the headers, when they were fetched."""
        return Envelope.of(self.content)


class ImapSession:
    """The folders of one user."""

    def __init__(self, connection: imaplib.IMAP4) -> None:
        self._connection = connection

    def open(self, folder: str | None) -> str:
        """Make a folder the one that the other methods work in, and return its name; raises FOLDER when it is not there."""
        names = self._names(folder)
        for name in names:
            if self._connection.select(_mailbox(name))[0] == "OK":
                return name
        raise refusal(EmailErrorCode.FOLDER, f"cannot do this e-mail task: there is no folder '{folder}'")

    def open_or_create(self, folder: str) -> str:
        """The same, but a folder that is not there is made."""
        names = self._names(folder)
        for name in names:
            if self._connection.select(_mailbox(name))[0] == "OK":
                return name
        self._expect("CREATE", self._connection.create(_mailbox(names[-1])))
        self._connection.subscribe(_mailbox(names[-1]))
        self._expect("SELECT", self._connection.select(_mailbox(names[-1])))
        return names[-1]

    def _names(self, folder: str | None) -> list[str]:
        """A folder by the name given, and by the one with the server's own mark between the levels."""
        if not folder or not folder.strip():
            return [INBOX]
        lines = self._expect("LIST", self._connection.list('""', '""'))
        mark = re.search(rb'\) "?(.)"? ', lines[0] or b"") if lines else None
        levels = re.sub(r"[./]", mark[1].decode() if mark else "/", folder.strip())
        return list(dict.fromkeys((folder.strip(), levels)))

    def search(self, search: Criterion) -> list[bytes]:
        """The UIDs of the e-mails that a search is for."""
        return self._uids(imap_keys(search))

    def find(self, message_id: str) -> ImapItem | None:
        """The e-mail with a message id, without its content; the search itself is for a part of the id."""
        uids = self._uids(f"HEADER Message-ID {quoted(bare(message_id))}".encode())
        return next((item for item in self.fetch(uids, HEADERS) if is_same(item.envelope.message_id, message_id)), None)

    def _uids(self, keys: bytes) -> list[bytes]:
        command: Any = self._connection.uid  # it takes bytes as well as text
        (line, *_) = self._expect("SEARCH", command("SEARCH", "CHARSET", "UTF-8", keys))
        return line.split() if line else []

    def fetch(self, uids: Sequence[bytes], *what: str) -> Iterator[ImapItem]:
        """What is asked for of each, beside size and time of arrival, in the order of the folder."""
        for start in range(0, len(uids), _BATCH):
            names = b",".join(uids[start : start + _BATCH]).decode()
            items = " ".join(("UID", "RFC822.SIZE", "INTERNALDATE", *what))
            lines = self._expect("FETCH", self._connection.uid("FETCH", names, f"({items})"))
            yield from _items(lines)

    def delete(self, item: ImapItem) -> None:
        """Delete one e-mail; where the server can tell, no other that somebody else has marked."""
        name = item.uid.decode()
        self._expect("STORE", self._connection.uid("STORE", name, "+FLAGS.SILENT", "(\\Deleted)"))
        if "UIDPLUS" in self._connection.capabilities:
            self._expect("EXPUNGE", self._connection.uid("EXPUNGE", name))
        else:
            self._expect("EXPUNGE", self._connection.expunge())

    def move(self, item: ImapItem, folder: str) -> None:
        """Move an e-mail of this folder to another one."""
        if "MOVE" in self._connection.capabilities:
            self._expect("MOVE", self._connection.uid("MOVE", item.uid.decode(), _mailbox(folder)))
            return
        self._expect("COPY", self._connection.uid("COPY", item.uid.decode(), _mailbox(folder)))
        self.delete(item)

    def answers(self) -> bool:
        """Whether the server is still there; it has less time to say so than for real work."""
        self._connection.sock.settimeout(CONNECT_SECONDS)
        try:
            return self._connection.noop()[0] == "OK"
        except (imaplib.IMAP4.error, OSError):
            return False
        finally:
            self._connection.sock.settimeout(ANSWER_SECONDS)

    def leave(self) -> None:
        """Log out, from a server that may be gone."""
        try:
            self._connection.logout()
        except (imaplib.IMAP4.error, OSError):
            self.drop()

    def drop(self) -> None:
        """Hang up, which also ends a thread that waits for an answer."""
        with suppress(OSError):
            self._connection.shutdown()

    @staticmethod
    def _expect(command: str, answer: tuple[str, list[Any]]) -> list[Any]:
        kind, lines = answer
        if kind != "OK":
            said = lines[0].decode(errors="replace") if lines and isinstance(lines[0], bytes) else ""
            raise refusal(EmailErrorCode.MAILBOX, f"cannot do this e-mail task: the server answers {command} with {kind} {said}")
        return lines


def _items(lines: list[Any]) -> Iterator[ImapItem]:
    """imaplib gives a pair for each literal, and the rest of the line after it; without a literal only the line."""
    for line, following in zip(lines, [*lines[1:], b""], strict=True):
        about, content = _parts(line, following)
        uid, size, date = _UID.search(about), _SIZE.search(about), _DATE.search(about)
        if uid:
            yield ImapItem(uid[1], int(size[1]) if size else 0, _time(date[1]) if date else _NEVER, content)


def _parts(line: Any, following: Any) -> tuple[bytes, bytes]:
    """What is said of an e-mail, and its literal; nothing for what only ends the line before."""
    if isinstance(line, tuple):
        head, content = cast("tuple[bytes, bytes]", line)
        return head + b" " + (following if isinstance(following, bytes) else b""), content
    return (line, b"") if isinstance(line, bytes) and _BEGINS.match(line) else (b"", b"")


def _time(text: bytes) -> datetime:
    return datetime.strptime(text.decode().strip(), "%d-%b-%Y %H:%M:%S %z")


def _mailbox(name: str) -> str:
    """A folder's name as IMAP writes it, with letters beyond ASCII in its own form of UTF-7 (RFC 3501, 5.1.3)."""

    def encoded(match: re.Match[str]) -> str:
        return f"&{base64.b64encode(match[0].encode('utf-16-be')).decode().rstrip('=').replace('/', ',')}-"

    return quoted(_NOT_ASCII.sub(encoded, name.replace("&", "&-")))


async def do(server: MailServer, task: Callable[[ImapSession], T]) -> T:
    """Run a task in a thread, over a session that the jobs of a pod share; raises what imaplib raises."""
    async with mailboxes.use(server) as mailbox, mailbox.lent() as session:
        return await in_daemon_thread(lambda: task(session), "imap")


async def _open(server: MailServer) -> ImapSession:
    def connect(address: str) -> Awaitable[ImapSession]:
        return in_daemon_thread(lambda: _connected(server, address), "imap")

    return await checked_connection(server.egress, server.host, connect)


def _connected(server: MailServer, address: str) -> ImapSession:
    """A session after its login; raises LOGIN where that is what was refused."""
    if server.begins_with_tls:
        connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(address, server.port, ssl_context=server.tls(), timeout=ANSWER_SECONDS)
    else:
        connection = imaplib.IMAP4(address, server.port, timeout=ANSWER_SECONDS)
    try:
        if server.upgrades_to_tls:
            connection.starttls(server.tls())
        _login(connection, server)
    except BaseException:
        connection.shutdown()
        raise
    return ImapSession(connection)


async def _answers(session: ImapSession) -> bool:
    return await in_daemon_thread(session.answers, "imap")


async def _leave(session: ImapSession) -> None:
    await in_daemon_thread(session.leave, "imap")


async def _mailbox_of(server: MailServer) -> IdleConnections[ImapSession]:
    return IdleConnections(Handling(open=lambda: _open(server), answers=_answers, leave=_leave, drop=ImapSession.drop))


mailboxes = SharedClients(_mailbox_of, IdleConnections[ImapSession].close)


def _login(connection: imaplib.IMAP4, server: MailServer) -> None:
    try:
        connection.login(server.user or "", server.password or "")
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        raise refusal(EmailErrorCode.LOGIN, "cannot do this e-mail task: the server refuses user or password") from error
    connection._get_capabilities()  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType, reportAttributeAccessIssue] - after login servers can do more
