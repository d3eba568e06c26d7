"""Sending by SMTP over connections that the jobs of a pod share."""

from email.message import EmailMessage

from connector_sdk import SharedClients
from connectors._egress import checked_connection
from connectors._email_idle import Handling, IdleConnections
from connectors._email_input import Encryption
from connectors._email_server import ANSWER_SECONDS, CONNECT_SECONDS, MailServer
from connectors._extras import extra

with extra("email"):
    from aiosmtplib import SMTP, SMTPException, SMTPResponse


async def send(server: MailServer, message: EmailMessage, sender: str, recipients: list[str]) -> dict[str, SMTPResponse]:
    """Send an e-mail; what comes back are the recipients that the server refused, when it refused not all of them."""
    async with postboxes.use(server) as postbox, postbox.lent() as connection:
        refused, _ = await connection.send_message(message, sender=sender, recipients=recipients)
    return refused


async def _open(server: MailServer) -> SMTP:
    return await checked_connection(server.egress, server.host, lambda address: _connected(server, address))


async def _connected(server: MailServer, address: str) -> SMTP:
    connection = SMTP(
        hostname=address,
        port=server.port,
        use_tls=server.begins_with_tls,
        start_tls=server.upgrades_to_tls,
        tls_context=None if server.encryption is Encryption.NONE else server.tls(),
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


async def _answers(connection: SMTP) -> bool:
    try:
        await connection.noop(timeout=CONNECT_SECONDS)
    except (SMTPException, OSError):
        return False
    return True


async def _leave(connection: SMTP) -> None:
    try:
        await connection.quit(timeout=1)
    except (SMTPException, OSError):
        connection.close()


async def _postbox(server: MailServer) -> IdleConnections[SMTP]:
    return IdleConnections(Handling(open=lambda: _open(server), answers=_answers, leave=_leave, drop=SMTP.close))


postboxes = SharedClients(_postbox, IdleConnections[SMTP].close)
