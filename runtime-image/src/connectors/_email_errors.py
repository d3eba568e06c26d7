"""What mail servers refuse, as error codes. SMTP's replies: https://www.rfc-editor.org/rfc/rfc5321#section-4.2"""

import imaplib
import poplib
import ssl
from enum import StrEnum
from typing import TypeVar

from connector_sdk import ConnectorError, InputError, RetryError
from connectors._extras import extra

with extra("email"):
    from aiosmtplib import (
        SMTPAuthenticationError,
        SMTPException,
        SMTPHeloError,
        SMTPRecipientsRefused,
        SMTPResponseException,
        SMTPSenderRefused,
    )


T = TypeVar("T")
_TOO_LARGE = 552
"""Where the client has said the size with the sender."""
_WITHOUT_TLS = ("STARTTLS", "TLS not supported", "STLS")
"""What the clients say of a server that offers none."""


class EmailErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    UNREACHABLE = "UNREACHABLE"
    """No connection, it broke, or no answer in time. Tried again: an e-mail may be sent twice, with one messageId."""
    TLS = "TLS"
    """The server offers no TLS, or its certificate is not trusted or of another host. Tried again."""
    LOGIN = "LOGIN"
    """The server refuses user or password. Tried again: a rotated secret may be under way."""
    SENDER = "SENDER"
    """The server refuses the sender for good. Not tried again."""
    RECIPIENTS = "RECIPIENTS"
    """The server refuses all recipients for good. Not tried again."""
    REJECTED = "REJECTED"
    """The server refuses the e-mail for good, such as one that is too large. Not tried again."""
    LATER = "LATER"
    """The server asks to come again, such as for grey-listing or a full mailbox. Tried again."""
    FOLDER = "FOLDER"
    """There is no such folder. Not tried again."""
    NOT_FOUND = "NOT_FOUND"
    """There is no e-mail with this messageId in the folder. Not tried again."""
    MAILBOX = "MAILBOX"
    """The server refuses what was asked of the mailbox. Tried again."""


FINAL = {
    EmailErrorCode.SENDER, EmailErrorCode.RECIPIENTS, EmailErrorCode.REJECTED, EmailErrorCode.FOLDER, EmailErrorCode.NOT_FOUND,
}  # fmt: skip
REFUSALS = (SMTPException, imaplib.IMAP4.error, poplib.error_proto, OSError, EOFError, TimeoutError)
"""What the clients raise of their own."""


def refusal(code: EmailErrorCode, message: str) -> ConnectorError:
    """The error of a job, tried again or not as the code says."""
    return RetryError(message, retries=0, code=code) if code in FINAL else ConnectorError(code, message)


def needed(value: T | None, name: str) -> T:
    """An input that this action cannot do without; raises InputError that names it."""
    if value is None or (isinstance(value, str) and not value.strip()):
        msg = f"cannot do this e-mail task: {name} is empty"
        raise InputError(msg)
    return value


def as_connector_error(error: Exception) -> ConnectorError:
    """The error of a job for what a client raised."""
    code = _code(error)
    return refusal(code, f"cannot do this e-mail task: {_words(error, code)}")


def _code(error: Exception) -> EmailErrorCode:  # noqa: PLR0911 - one line for each kind
    if _is_tls(error):
        return EmailErrorCode.TLS
    match error:
        case SMTPAuthenticationError():
            return EmailErrorCode.LOGIN
        case SMTPRecipientsRefused():
            return _lasting([each.code for each in error.recipients], EmailErrorCode.RECIPIENTS)
        case SMTPSenderRefused() if error.code != _TOO_LARGE:
            return _lasting([error.code], EmailErrorCode.SENDER)
        case SMTPResponseException() if not isinstance(error, SMTPHeloError):
            return _lasting([error.code], EmailErrorCode.REJECTED)
        case imaplib.IMAP4.abort():
            return EmailErrorCode.UNREACHABLE
        case imaplib.IMAP4.error() | poplib.error_proto() if not broke_off(error):
            return EmailErrorCode.MAILBOX
        case _:
            return EmailErrorCode.UNREACHABLE


def broke_off(error: Exception) -> bool:
    """Whether POP3's client means the end of the connection by what looks like a refusal."""
    return isinstance(error, poplib.error_proto) and "-ERR EOF" in str(error)


def _lasting(replies: list[int], code: EmailErrorCode) -> EmailErrorCode:
    """5xx is for good; an e-mail that one recipient may take later is worth another try."""
    return code if all(reply >= 500 for reply in replies) else EmailErrorCode.LATER


def _is_tls(error: BaseException | None) -> bool:
    """Whether TLS failed, also where a client wraps that, or is not to be had."""
    if error is None:
        return False
    if isinstance(error, ssl.SSLError) or any(words in str(error) for words in _WITHOUT_TLS):
        return True
    return _is_tls(error.__cause__) or _is_tls(error.__context__)


def _words(error: Exception, code: EmailErrorCode) -> str:
    if code is EmailErrorCode.LOGIN:
        return "the server refuses user or password"
    if isinstance(error, SMTPRecipientsRefused):
        return "; ".join(f"{each.recipient}: {each.code} {_line(each.message)}" for each in error.recipients)
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {_line(error.message)}"
    return _line(str(error)) or type(error).__name__


def _line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""
