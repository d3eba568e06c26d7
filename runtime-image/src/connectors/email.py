"""E-mail: `io.camunda:email:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/email/
"""

from typing import Any, cast

from pydantic import BaseModel, Field

from connector_sdk import Context, InputError, connector
from connectors import _email_imap, _email_pop3, _email_smtp
from connectors._egress import egress_of
from connectors._email_actions import IMAP, POP3, Deleted, Moved
from connectors._email_errors import REFUSALS, as_connector_error, needed
from connectors._email_input import EmailRequest, Encryption, Pop3Action, Protocol, Sending, SimpleAuthentication
from connectors._email_message import Found, Listed, Opened, Read, addresses, composed, metadata_of
from connectors._email_server import MailServer
from connectors._files import file_of
from connectors._spelling import CAMEL


class Sent(BaseModel):
    """What the process gets of an e-mail that was sent."""

    model_config = CAMEL

    subject: str
    sent: bool = Field(description="Always true: what could not be sent is an error")
    message_id: str = Field(description="Made from the job's key, the same for every try, unless headers has one")
    refused_recipients: list[str] = Field(description="Whom the server did not take, while it took others")


async def _close() -> None:
    await _email_smtp.postboxes.close()
    await _email_imap.mailboxes.close()


@connector(
    id="io.camunda:email:1",
    name="E-mail",
    version=4,
    description="Send an e-mail, or list, read, search, move and delete those of a mailbox",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/email/",
    on_close=_close,
)
async def email(request: EmailRequest, context: Context) -> Sent | list[Listed] | list[Found] | Read | Deleted | Moved:
    """Do one action on a mail server."""
    server = _server(request, context)
    try:
        if request.protocol is Protocol.SMTP:
            return await _send(server, needed(request.data.smtp_action, "data.smtpAction"), context)
        done = await _mailbox_work(server, request)
        if not isinstance(done, Opened):
            return done
        if request.protocol is Protocol.IMAP:
            return await _stored_or_named(done, context)
        # POP3 deletes what is read, as Camunda's connector does, but not before all of it is safe
        read = await _stored(done, context)
        await _mailbox_work(server, _deleting(request))
        return read
    except REFUSALS as error:
        raise as_connector_error(error) from None


def _server(request: EmailRequest, context: Context) -> MailServer:
    data, who = request.data, request.authentication
    place: tuple[str, int, Encryption]
    match request.protocol:
        case Protocol.SMTP:
            smtp = needed(data.smtp_config, "data.smtpConfig")
            place = smtp.smtp_host, smtp.smtp_port, smtp.smtp_cryptographic_protocol
        case Protocol.IMAP:
            imap = needed(data.imap_config, "data.imapConfig")
            place = imap.imap_host, imap.imap_port, imap.imap_cryptographic_protocol
        case Protocol.POP3:
            pop3 = needed(data.pop3_config, "data.pop3Config")
            place = pop3.pop3_host, pop3.pop3_port, pop3.pop3_cryptographic_protocol
    if isinstance(who, SimpleAuthentication):
        return MailServer(*place, who.username, who.password.get_secret_value(), egress_of(context))
    if request.protocol is not Protocol.SMTP:
        msg = "cannot log in: IMAP and POP3 need authentication.username and authentication.password"
        raise InputError(msg)
    return MailServer(*place, None, None, egress_of(context))


async def _send(server: MailServer, sending: Sending, context: Context) -> Sent:
    files = [await file_of(item, context, "data.smtpAction.attachments") for item in _attachments(sending)]
    message = composed(sending, files, f"<{context.job.idempotency_key}@connectors.camunda.io>")
    recipients = [address for given in (sending.to, sending.cc, sending.bcc) for address in addresses(given)]
    refused = await _email_smtp.send(server, message, addresses(sending.from_)[0], recipients)
    identifier = str(message["Message-ID"])
    return Sent(subject=sending.subject, sent=True, message_id=identifier, refused_recipients=sorted(refused))


def _attachments(sending: Sending) -> list[Any]:
    given = sending.attachments
    return cast("list[Any]", given) if isinstance(given, list) else [given] if given else []


async def _stored_or_named(done: Opened, context: Context) -> Read:
    """With its attachments as documents, or with what they are where there is no document store."""
    try:
        return await _stored(done, context)
    except InputError:
        return done.read.model_copy(update={"attachments": [metadata_of(file) for file in done.files]})


async def _stored(done: Opened, context: Context) -> Read:
    """With its attachments as documents; raises InputError where there is no document store."""
    create = context.documents.create
    stored = [await create(file.content, name=file.name, content_type=file.content_type) for file in done.files]
    return done.read.model_copy(update={"attachments": stored})


def _deleting(request: EmailRequest) -> EmailRequest:
    data = request.data.model_copy(update={"pop3_action_discriminator": Pop3Action.DELETE})
    return request.model_copy(update={"data": data})


async def _mailbox_work(server: MailServer, request: EmailRequest) -> Any:
    data = request.data
    if request.protocol is Protocol.IMAP:
        by_imap = IMAP[data.imap_action_discriminator]
        return await _email_imap.do(server, lambda session: by_imap(session, data.imap_action))
    by_pop3 = POP3[data.pop3_action_discriminator]
    return await _email_pop3.do(server, lambda session: by_pop3(session, data.pop3_action))
