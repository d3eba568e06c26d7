"""What a database refuses, as error codes that are the same for all of them.

SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html; MySQL's numbers:
https://mariadb.com/docs/server/reference/error-codes
"""

from enum import StrEnum
from typing import Any

from connector_sdk import ConnectorError, RetryError
from connectors._extras import extra

with extra("sql"):
    from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError


class SqlErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    UNREACHABLE = "UNREACHABLE"
    """No connection, or it broke. Tried again."""
    CONFLICT = "CONFLICT"
    """A deadlock or a serialization failure: the same statement may succeed later. Tried again."""
    CONSTRAINT = "CONSTRAINT"
    """A unique key, foreign key, check or NOT NULL was violated. Not tried again."""
    DATA = "DATA"
    """A value does not fit its column or function. Not tried again."""
    STATEMENT = "STATEMENT"
    """The statement is wrong, or the user may not run it. Not tried again."""
    LOGIN = "LOGIN"
    """The database refuses user or password. Tried again: a rotated secret may be under way."""
    DATABASE = "DATABASE"
    """Any other refusal. Tried again."""


FINAL = {SqlErrorCode.CONSTRAINT, SqlErrorCode.DATA, SqlErrorCode.STATEMENT}
_MYSQL_CONFLICTS, _MYSQL_LOGIN, _MYSQL_GONE = {1205, 1213}, {1044, 1045, 1698}, {2002, 2003, 2006, 2013}
_BY_STATE = {
    "08": SqlErrorCode.UNREACHABLE, "57": SqlErrorCode.UNREACHABLE, "40": SqlErrorCode.CONFLICT, "23": SqlErrorCode.CONSTRAINT,
    "22": SqlErrorCode.DATA, "42": SqlErrorCode.STATEMENT, "28": SqlErrorCode.LOGIN,
}  # fmt: skip


def as_connector_error(error: Exception) -> ConnectorError:
    """The error of a job: the driver's own first line, without the statement and its values."""
    original = getattr(error, "orig", None) or error
    code = _code(error, original)
    text = _first_line(original)
    state = _state(original)
    variables = {"sqlState": state} if state else None
    if code in FINAL:
        return RetryError(text, retries=0, code=code, variables=variables)
    return ConnectorError(code, text, variables)


def _code(error: Exception, original: Any) -> SqlErrorCode:
    number = _mysql_number(original)
    if number in _MYSQL_LOGIN:
        return SqlErrorCode.LOGIN
    if number in _MYSQL_CONFLICTS:
        return SqlErrorCode.CONFLICT
    if number in _MYSQL_GONE or not isinstance(error, DBAPIError):
        return SqlErrorCode.UNREACHABLE
    state = _state(original)
    return _BY_STATE.get((state or "")[:2]) or _by_type(error)


def _by_type(error: Exception) -> SqlErrorCode:
    """For SQLite and MySQL, whose drivers know no SQLSTATE."""
    match error:
        case IntegrityError():
            return SqlErrorCode.CONSTRAINT
        case DataError():
            return SqlErrorCode.DATA
        case ProgrammingError():
            return SqlErrorCode.STATEMENT
        case InterfaceError():
            return SqlErrorCode.UNREACHABLE
        case OperationalError() if "syntax error" in str(error.orig) or "no such" in str(error.orig):
            return SqlErrorCode.STATEMENT
        case _:
            return SqlErrorCode.DATABASE


def _state(original: Any) -> str | None:
    """The SQLSTATE that asyncpg gives, directly or through SQLAlchemy's wrapper."""
    return getattr(original, "sqlstate", None) or getattr(original.__cause__, "sqlstate", None)


def _mysql_number(original: Any) -> int | None:
    first = original.args[0] if getattr(original, "args", ()) else None
    return first if isinstance(first, int) and type(original).__module__.startswith("pymysql") else None


def _first_line(original: Any) -> str:
    cause = original.__cause__ if getattr(original, "sqlstate", None) and original.__cause__ else original
    text = str(cause.args[-1]) if getattr(cause, "args", ()) else str(cause)
    return f"the database refused: {text.splitlines()[0] if text.strip() else type(cause).__name__}"
