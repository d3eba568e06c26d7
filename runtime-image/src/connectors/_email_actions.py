"""What there is to do in a mailbox. All of it blocks: the standard library's clients do."""

from collections.abc import Callable, Iterable
from typing import Any

from pydantic import BaseModel, Field

from connectors._email_errors import EmailErrorCode, needed, refusal
from connectors._email_imap import HEADERS, ImapItem, ImapSession
from connectors._email_input import ImapAction, ImapInput, Pop3Action, Pop3Input, SortField, SortOrder
from connectors._email_message import Found, Listed, Opened, opened
from connectors._email_pop3 import Pop3Item, Pop3Session
from connectors._email_search import AllOf, criterion
from connectors._files import check_size
from connectors._spelling import CAMEL


class Deleted(BaseModel):
    """What the process gets of an e-mail that was deleted."""

    model_config = CAMEL

    deleted: bool = Field(description="false when it is not there, perhaps since an earlier try has deleted it")
    message_id: str


class Moved(BaseModel):
    """What the process gets of an e-mail that was moved."""

    model_config = CAMEL

    message_id: str
    from_: str = Field(alias="from")
    to: str


def _list_imap(session: ImapSession, given: ImapInput) -> list[Listed]:
    session.open(given.list_emails_folder)
    by_sent = given.sort_field is SortField.SENT_DATE
    # Only what is needed to sort is fetched of every e-mail.
    items = list(session.fetch(session.search(AllOf(())), "BODY.PEEK[HEADER.FIELDS (DATE)]" if by_sent else "FLAGS"))
    keys: dict[SortField, Callable[[ImapItem], Any]] = {
        SortField.SENT_DATE: lambda item: item.envelope.sent,
        SortField.RECEIVED_DATE: lambda item: item.received,
        SortField.SIZE: lambda item: item.size,
    }
    items.sort(key=keys[given.sort_field], reverse=given.sort_order is SortOrder.DESC)
    chosen = [item.uid for item in items[: given.max_to_be_read]]
    full = {item.uid: item for item in session.fetch(chosen, HEADERS)}
    return [_listed(full[uid]) for uid in chosen if uid in full]


def _listed(item: ImapItem | Pop3Item) -> Listed:
    envelope = item.envelope
    return Listed(message_id=envelope.message_id, from_address=envelope.from_address, subject=envelope.subject, size=item.size)


def _found(items: Iterable[ImapItem | Pop3Item]) -> list[Found]:
    return [Found(message_id=item.envelope.message_id, subject=item.envelope.subject) for item in items]


def _read_imap(session: ImapSession, given: ImapInput) -> Opened:
    session.open(given.read_email_folder)
    found = session.find(_message_id(given))
    if found is None:
        raise _not_found(_message_id(given))
    check_size(found.size, as_document=True)
    item = next(session.fetch([found.uid], "BODY.PEEK[]"))
    return opened(item.content, item.received)


def _delete_imap(session: ImapSession, given: ImapInput) -> Deleted:
    session.open(given.delete_email_folder)
    item = session.find(_message_id(given))
    if item is not None:
        session.delete(item)
    return Deleted(deleted=item is not None, message_id=_message_id(given))


def _search_imap(session: ImapSession, given: ImapInput) -> list[Found]:
    search = criterion(given.criteria)
    session.open(given.search_email_folder)
    return _found(session.fetch(session.search(search), HEADERS))


def _move_imap(session: ImapSession, given: ImapInput) -> Moved:
    message_id = _message_id(given)
    target = session.open_or_create(needed(given.to_folder, "data.imapAction.toFolder"))
    is_there = session.find(message_id) is not None
    source = session.open(given.from_folder)
    item = session.find(message_id)
    if item is not None:
        session.move(item, target)
    elif not is_there:  # else an earlier try has moved it
        raise _not_found(message_id)
    return Moved.model_validate({"message_id": message_id, "from": source, "to": needed(given.to_folder, "")})


def _list_pop3(session: Pop3Session, given: Pop3Input) -> list[Listed]:
    by_size = given.sort_field.value == "SIZE"
    items = sorted(session.items(), key=lambda item: item.size if by_size else item.sent.timestamp())
    if given.sort_order is SortOrder.DESC:
        items.reverse()
    return [_listed(item) for item in items[: given.max_to_be_read]]


def _read_pop3(session: Pop3Session, given: Pop3Input) -> Opened:
    item = session.find(_message_id(given))
    if item is None:
        raise _not_found(_message_id(given))
    check_size(item.size, as_document=True)
    return opened(session.content(item), None)


def _delete_pop3(session: Pop3Session, given: Pop3Input) -> Deleted:
    item = session.find(_message_id(given))
    if item is not None:
        session.delete(item)
    return Deleted(deleted=item is not None, message_id=_message_id(given))


def _search_pop3(session: Pop3Session, given: Pop3Input) -> list[Found]:
    return _found(session.search(criterion(given.criteria)))


IMAP: dict[ImapAction, Callable[[ImapSession, ImapInput], Any]] = {
    ImapAction.LIST: _list_imap,
    ImapAction.READ: _read_imap,
    ImapAction.DELETE: _delete_imap,
    ImapAction.SEARCH: _search_imap,
    ImapAction.MOVE: _move_imap,
}
POP3: dict[Pop3Action, Callable[[Pop3Session, Pop3Input], Any]] = {
    Pop3Action.LIST: _list_pop3,
    Pop3Action.READ: _read_pop3,
    Pop3Action.DELETE: _delete_pop3,
    Pop3Action.SEARCH: _search_pop3,
}


def _message_id(given: ImapInput | Pop3Input) -> str:
    return needed(given.message_id, f"data.{'imap' if isinstance(given, ImapInput) else 'pop3'}Action.messageId")


def _not_found(message_id: str) -> Exception:
    return refusal(EmailErrorCode.NOT_FOUND, f"cannot do this e-mail task: there is no e-mail {message_id} in the folder")
