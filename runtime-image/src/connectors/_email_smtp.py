"""Sending by SMTP over connections that the jobs of a pod share."""

import time
from email.message import EmailMessage

from connector_sdk import SharedClients
from connectors._egress import check_host
from connectors._email_server import ANSWER_SECONDS, CONNECT_SECONDS, MailServer
from connectors._extras import extra

with extra("email"):
    from aiosmtplib import SMTP, SMTPException, SMTPResponse

MOST_IDLE, IDLE_SECONDS = 8, 60.0


class Postbox:
    """The idle connections to one server. SMTP sends one e-mail at a time, so each job takes one for itself."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._idle: list[tuple[float, SMTP]] = []

    async def send(self, message: EmailMessage, sender: str, recipients: list[str]) -> dict[str, SMTPResponse]:
        """Send an e-mail; what comes back are the recipients that the server refused, when it refused not all of them."""
        connection = await self._taken() or await self._opened()
        try:
            refused, _ = await connection.send_message(message, sender=sender, recipients=recipients)
        except BaseException:
            connection.close()  # whatever is still to come on it belongs to nobody
            raise
        if len(self._idle) < MOST_IDLE:
            self._idle.append((time.monotonic(), connection))
        else:
            await _quit(connection)
        return refused

    async def _taken(self) -> SMTP | None:
        """An idle connection that still answers; servers end what has been idle for a few minutes."""
        while self._idle:
            since, connection = self._idle.pop()
            if connection.is_connected and time.monotonic() - since < IDLE_SECONDS:
                try:
                    await connection.noop(timeout=CONNECT_SECONDS)
                except (SMTPException, OSError):
                    connection.close()
                else:
                    return connection
            else:
                connection.close()
        return None

    async def _opened(self) -> SMTP:
        server = self._server
        await check_host(server.egress, server.host)
        connection = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.begins_with_tls,
            start_tls=server.upgrades_to_tls,
            tls_context=None if server.encryption.value == "NONE" else server.tls(),
            timeout=ANSWER_SECONDS,
        )
        try:
            await connection.connect(timeout=CONNECT_SECONDS)
            connection.timeout = ANSWER_SECONDS
            if server.user is not None and server.password is not None:
                await connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    async def close(self) -> None:
        """Say goodbye on every idle connection."""
        while self._idle:
            await _quit(self._idle.pop()[1])


async def _quit(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=1)
    except (SMTPException, OSError):
        connection.close()


async def _open(server: MailServer) -> Postbox:
    return Postbox(server)


postboxes = SharedClients(_open, Postbox.close)
