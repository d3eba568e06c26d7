"""The inputs of Camunda's e-mail connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/email/
"""

from enum import Enum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_sdk import TemplateHint
from connectors._spelling import CAMEL_TEXTS

_ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
MOST_EMAILS = 1_000


class Protocol(Enum):
    """How to speak to the server."""

    SMTP = "smtp"
    IMAP = "imap"
    POP3 = "pop3"


class Encryption(Enum):
    """What Camunda calls the cryptographic protocol: STARTTLS, TLS from the first byte, or none."""

    TLS = "TLS"
    SSL = "SSL"
    NONE = "NONE"


class SmtpAction(Enum):
    """What to do by SMTP."""

    SEND = "sendEmailSmtp"


class ImapAction(Enum):
    """What to do by IMAP."""

    LIST = "listEmailsImap"
    READ = "readEmailImap"
    DELETE = "deleteEmailImap"
    SEARCH = "searchEmailsImap"
    MOVE = "moveEmailImap"


class Pop3Action(Enum):
    """What to do by POP3."""

    LIST = "listEmailsPop3"
    READ = "readEmailPop3"
    DELETE = "deleteEmailPop3"
    SEARCH = "searchEmailsPop3"


class ContentType(Enum):
    """What an e-mail holds."""

    PLAIN = "PLAIN"
    HTML = "HTML"
    MULTIPART = "MULTIPART"


class SortField(Enum):
    """What to sort a list by; POP3 knows no time of arrival."""

    RECEIVED_DATE = "RECEIVED_DATE"
    SENT_DATE = "SENT_DATE"
    SIZE = "SIZE"


class Pop3SortField(Enum):
    """What to sort a list by."""

    SENT_DATE = "SENT_DATE"
    SIZE = "SIZE"


class SortOrder(Enum):
    """Smallest or oldest first, or last."""

    ASC = "ASC"
    DESC = "DESC"


class SimpleAuthentication(BaseModel):
    """User and password."""

    model_config = ConfigDict(title="Username and password")

    type: Literal["simple"] = "simple"
    username: str = Field(examples=["shop@example.com"])
    password: SecretStr = Field(examples=["{{secrets.MAIL_PASSWORD}}"])


class NoAuthentication(BaseModel):
    """None, for SMTP servers that ask for none."""

    model_config = ConfigDict(title="None (SMTP only)")

    type: Literal["noAuth"] = "noAuth"


def _of(protocol: Protocol, group: str) -> TemplateHint:
    return TemplateHint(group=group, condition={"property": "protocol", "equals": protocol.value})


def _imap(*actions: ImapAction) -> TemplateHint:
    return TemplateHint(condition={"property": "data.imapActionDiscriminator", "oneOf": [action.value for action in actions]})


def _pop3(*actions: Pop3Action) -> TemplateHint:
    return TemplateHint(condition={"property": "data.pop3ActionDiscriminator", "oneOf": [action.value for action in actions]})


def _by_content(*kinds: ContentType) -> TemplateHint:
    condition = {"property": "data.smtpAction.contentType", "oneOf": [kind.value for kind in kinds]}
    return TemplateHint(type="Text", feel="optional", condition=condition, not_empty=True)


class SmtpConfig(BaseModel):
    """An SMTP server."""

    model_config = CAMEL_TEXTS

    smtp_host: str = Field(title="SMTP host", min_length=1, examples=["smtp.example.com"])
    smtp_port: int = Field(default=587, title="SMTP port", ge=1, le=65535)
    smtp_cryptographic_protocol: Encryption = Field(default=Encryption.TLS, title="Encryption", description="TLS is STARTTLS")


class ImapConfig(BaseModel):
    """An IMAP server."""

    model_config = CAMEL_TEXTS

    imap_host: str = Field(title="IMAP host", min_length=1, examples=["imap.example.com"])
    imap_port: int = Field(default=993, title="IMAP port", ge=1, le=65535)
    imap_cryptographic_protocol: Encryption = Field(
        default=Encryption.TLS, title="Encryption", description="TLS is STARTTLS, and SSL on port 993"
    )


class Pop3Config(BaseModel):
    """A POP3 server."""

    model_config = CAMEL_TEXTS

    pop3_host: str = Field(title="POP3 host", min_length=1, examples=["pop.example.com"])
    pop3_port: int = Field(default=995, title="POP3 port", ge=1, le=65535)
    pop3_cryptographic_protocol: Encryption = Field(
        default=Encryption.TLS, title="Encryption", description="TLS is STARTTLS, and SSL on port 995"
    )


Addresses = str | list[str]


class Sending(BaseModel):
    """An e-mail."""

    model_config = CAMEL_TEXTS

    from_: Addresses = Field(
        alias="from", title="From", description="One, several with commas, or a list", examples=["a@example.com"]
    )
    to: Addresses = Field(title="To", description="As From", examples=["customer@example.com"])
    cc: Addresses | None = Field(default=None, title="Cc", examples=["accounts@example.com"])
    bcc: Addresses | None = Field(
        default=None, title="Bcc", description="Nobody else sees them", examples=["archive@example.com"]
    )
    headers: Annotated[dict[str, str] | None, TemplateHint(type="Text", feel="required")] = Field(
        default=None, description="Additional headers", examples=['={"X-Order": orderId}']
    )
    subject: str = Field(examples=["Your order"])
    content_type: ContentType = Field(default=ContentType.PLAIN, description="MULTIPART has both texts")
    body: Annotated[str | None, _by_content(ContentType.PLAIN, ContentType.MULTIPART)] = Field(
        default=None, title="Text", examples=["It is on its way."]
    )
    html_body: Annotated[str | None, _by_content(ContentType.HTML, ContentType.MULTIPART)] = Field(
        default=None, title="HTML text", examples=["<p>It is on its way.</p>"]
    )
    attachments: Annotated[Any, TemplateHint(type="Text", feel="required")] = Field(
        default=None, description="A document or a list of documents", examples=["=[invoice]"]
    )


_MESSAGE_ID = Field(
    default=None, title="Message id", pattern=_ONE_LINE, description="As a list gives it", examples=["<1@example.com>"]
)
_FOLDER = Field(
    default=None, title="Folder", pattern=_ONE_LINE, description="Empty: INBOX; subfolders with . or /", examples=["INBOX"]
)
_CRITERIA = Field(
    default=None,
    title="Criteria",
    description="A condition on FROM, SUBJECT or BODY, or AND or OR of several; empty: all",
    examples=['={field: "SUBJECT", value: "order"}'],
)
_MOST = Field(default=100, title="Maximum number of e-mails", ge=1, le=MOST_EMAILS)


class ImapInput(BaseModel):
    """What the actions of IMAP need."""

    model_config = CAMEL_TEXTS

    max_to_be_read: Annotated[int, _imap(ImapAction.LIST)] = _MOST
    list_emails_folder: Annotated[str | None, _imap(ImapAction.LIST)] = _FOLDER
    sort_field: Annotated[SortField, _imap(ImapAction.LIST)] = SortField.RECEIVED_DATE
    sort_order: Annotated[SortOrder, _imap(ImapAction.LIST)] = SortOrder.DESC
    message_id: Annotated[str | None, _imap(ImapAction.READ, ImapAction.DELETE, ImapAction.MOVE)] = _MESSAGE_ID
    read_email_folder: Annotated[str | None, _imap(ImapAction.READ)] = _FOLDER
    delete_email_folder: Annotated[str | None, _imap(ImapAction.DELETE)] = _FOLDER
    search_email_folder: Annotated[str | None, _imap(ImapAction.SEARCH)] = _FOLDER
    criteria: Annotated[Any, TemplateHint(type="Text", feel="required", condition=_imap(ImapAction.SEARCH).condition)] = _CRITERIA
    from_folder: Annotated[str | None, _imap(ImapAction.MOVE)] = _FOLDER
    to_folder: Annotated[str | None, _imap(ImapAction.MOVE)] = Field(
        default=None,
        title="Target folder",
        pattern=_ONE_LINE,
        description="Made when it is not there; subfolders with . or /",
        examples=["Archive"],
    )


class Pop3Input(BaseModel):
    """What the actions of POP3 need."""

    model_config = CAMEL_TEXTS

    max_to_be_read: Annotated[int, _pop3(Pop3Action.LIST)] = _MOST
    sort_field: Annotated[Pop3SortField, _pop3(Pop3Action.LIST)] = Pop3SortField.SENT_DATE
    sort_order: Annotated[SortOrder, _pop3(Pop3Action.LIST)] = SortOrder.DESC
    message_id: Annotated[str | None, _pop3(Pop3Action.READ, Pop3Action.DELETE)] = _MESSAGE_ID
    criteria: Annotated[Any, TemplateHint(type="Text", feel="required", condition=_pop3(Pop3Action.SEARCH).condition)] = _CRITERIA


class Data(BaseModel):
    """The server and what to do there; what belongs to other protocols is left out."""

    model_config = CAMEL_TEXTS

    smtp_config: Annotated[SmtpConfig | None, _of(Protocol.SMTP, "server")] = None
    smtp_action_discriminator: Annotated[SmtpAction, _of(Protocol.SMTP, "action")] = Field(
        default=SmtpAction.SEND, title="Action"
    )
    smtp_action: Annotated[Sending | None, _of(Protocol.SMTP, "email")] = None
    imap_config: Annotated[ImapConfig | None, _of(Protocol.IMAP, "server")] = None
    imap_action_discriminator: Annotated[ImapAction, _of(Protocol.IMAP, "action")] = Field(
        default=ImapAction.LIST, title="Action"
    )
    imap_action: Annotated[ImapInput, _of(Protocol.IMAP, "action")] = Field(default_factory=ImapInput)
    pop3_config: Annotated[Pop3Config | None, _of(Protocol.POP3, "server")] = None
    pop3_action_discriminator: Annotated[Pop3Action, _of(Protocol.POP3, "action")] = Field(
        default=Pop3Action.LIST, title="Action"
    )
    pop3_action: Annotated[Pop3Input, _of(Protocol.POP3, "action")] = Field(default_factory=Pop3Input)


class EmailRequest(BaseModel):
    """The input of one call."""

    authentication: SimpleAuthentication | NoAuthentication = Field(discriminator="type")
    protocol: Annotated[Protocol, TemplateHint(group="protocol")] = Protocol.SMTP
    data: Data
