"""E-mails as the process gets them, and the one that it sends."""

import email.policy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any

from pydantic import BaseModel, Field

from connector_sdk import Document, InputError
from connector_sdk.documents import DocumentMetadata
from connectors._email_input import Addresses, ContentType, Sending
from connectors._files import SOME_TYPE, File
from connectors._spelling import CAMEL


class Listed(BaseModel):
    """An e-mail of a list."""

    model_config = CAMEL

    message_id: str = Field(description="With its angle brackets")
    from_address: str
    subject: str
    size: int = Field(description="In bytes")


class Found(BaseModel):
    """An e-mail of a search."""

    model_config = CAMEL

    message_id: str
    subject: str


class Header(BaseModel):
    """One header of an e-mail."""

    key: str
    value: str


class Attachment(BaseModel):
    """What came with an e-mail, where no document store takes it: only what it is."""

    metadata: DocumentMetadata


class Read(BaseModel):
    """An e-mail that was read."""

    model_config = CAMEL

    message_id: str
    from_address: str
    headers: list[Header]
    subject: str
    size: int = Field(description="In bytes")
    plain_text_body: str | None
    html_body: str | None
    attachments: list[Document | Attachment] = Field(description="Documents; without a document store only `{metadata}` each")
    received_date_time: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """An e-mail that was read, but for its attachments, and these."""

    read: Read
    files: Sequence[File]


@dataclass(frozen=True, slots=True)
class Envelope:
    """The few headers by which e-mails are told apart and sorted."""

    message_id: str
    from_address: str
    subject: str
    sent: datetime

    @classmethod
    def of(cls, content: bytes) -> "Envelope":
        """From the bytes of the headers, or of the whole e-mail; whatever is missing is empty."""
        message = parsed(content)
        return cls(_text(message, "Message-ID"), _sender(message), _text(message, "Subject"), _sent(message))


def parsed(content: bytes) -> EmailMessage:
    """An e-mail, however broken."""
    return message_from_bytes(content, policy=email.policy.default)


def opened(content: bytes, received: datetime | None) -> Opened:
    """The whole of an e-mail; without a time of arrival it arrived when it was sent."""
    message = parsed(content)
    read = Read(
        message_id=_text(message, "Message-ID"),
        from_address=_sender(message),
        headers=[Header(key=name, value=str(value)) for name, value in message.items()],
        subject=_text(message, "Subject"),
        size=len(content),
        plain_text_body=_body(message, "plain"),
        html_body=_body(message, "html"),
        attachments=[],
        received_date_time=received or (_sent(message) if message["Date"] else None),
    )
    return Opened(read, [_file(part) for part in message.iter_attachments()] if message.is_multipart() else [])


def is_same(one: str, other: str) -> bool:
    """Whether two message ids are one, with angle brackets or without."""
    return bare(one) == bare(other) != ""


def bare(message_id: str) -> str:
    """A message id without its angle brackets."""
    return message_id.strip().removeprefix("<").removesuffix(">")


def body_text(content: bytes) -> str:
    """All that a search in the body looks at."""
    message = parsed(content)
    return "\n".join(text for kind in ("plain", "html") if (text := _body(message, kind)))


def _text(message: EmailMessage, name: str) -> str:
    return str(message.get(name, "")).strip()


def _sender(message: EmailMessage) -> str:
    return parseaddr(_text(message, "From"))[1] or _text(message, "From")


def _sent(message: EmailMessage) -> datetime:
    found = getattr(message.get("Date"), "datetime", None)
    if not isinstance(found, datetime):
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _body(message: EmailMessage, kind: str) -> str | None:
    part = message.get_body((kind,))
    if part is None:
        return None
    try:
        return str(part.get_content())
    except (LookupError, UnicodeError):  # a character set that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else None


def _file(part: Any) -> File:
    payload = part.get_payload(decode=True)
    # an e-mail within an e-mail has parts instead of a payload
    content = payload if isinstance(payload, bytes) else part.as_bytes()
    return File(content, part.get_filename(), part.get_content_type())


def metadata_of(file: File) -> Attachment:
    """What is left of an attachment that nobody stores."""
    return Attachment(metadata=DocumentMetadata(file_name=file.name, content_type=file.content_type, size=len(file.content)))


def addresses(given: Addresses | None) -> list[str]:
    """One address each; what is empty is left out."""
    texts = [given] if isinstance(given, str) else list(given or [])
    return [address for _, address in getaddresses([text for text in texts if text.strip()]) if address]


def composed(sending: Sending, files: Sequence[File], message_id: str) -> EmailMessage:
    """The e-mail to send; raises InputError that names the field."""
    message = EmailMessage(policy=email.policy.SMTP)
    try:
        for name, value in (sending.headers or {}).items():
            message[name] = value
        _address(message, sending)
        message["Subject"] = sending.subject
    except (ValueError, IndexError) as error:  # also of the standard library's address parser
        msg = f"cannot send this e-mail: a header or address is not well-formed ({error})"
        raise InputError(msg) from error
    if "Message-ID" not in message:
        message["Message-ID"] = message_id
    if "Date" not in message:
        message["Date"] = format_datetime(datetime.now(UTC))
    _fill(message, sending)
    for file in files:
        kind = (file.content_type or SOME_TYPE).partition(";")[0].strip()
        main, _, sub = kind.partition("/")
        message.add_attachment(file.content, maintype=main, subtype=sub or "octet-stream", filename=file.name or "attachment")
    return message


def _address(message: EmailMessage, sending: Sending) -> None:
    senders = addresses(sending.from_)
    for name, given in (("From", sending.from_), ("To", sending.to), ("Cc", sending.cc)):
        if joined := _joined(given):
            message[name] = joined
    if not senders or not addresses(sending.to):
        msg = f"cannot send this e-mail: data.smtpAction.{'to' if senders else 'from'} names no address"
        raise InputError(msg)
    if len(senders) > 1:
        message["Sender"] = senders[0]


def _joined(given: Addresses | None) -> str:
    texts: Sequence[str] = [given] if isinstance(given, str) else given or []
    return ", ".join(text.strip() for text in texts if text.strip())


def _fill(message: EmailMessage, sending: Sending) -> None:
    kind = sending.content_type
    if kind is ContentType.HTML:
        message.set_content(_needed(sending.html_body, "htmlBody"), subtype="html")
        return
    message.set_content(_needed(sending.body, "body"))
    if kind is ContentType.MULTIPART:
        message.add_alternative(_needed(sending.html_body, "htmlBody"), subtype="html")


def _needed(text: str | None, name: str) -> str:
    if text is None:
        msg = f"cannot send this e-mail: data.smtpAction.{name} is empty"
        raise InputError(msg)
    return text
