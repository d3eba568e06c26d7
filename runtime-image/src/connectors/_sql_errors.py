"""What a database refuses, as error codes that are the same for all of them.

SQLSTATE classes: https://www.postgresql.org/docs/current/errcodes-appendix.html; MySQL's numbers:
https://mariadb.com/docs/server/reference/error-codes
"""

import ssl
from enum import StrEnum
from typing import Any

from connector_sdk import ConnectorError, RetryError
from connectors._extras import extra

with extra("sql"):
    from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError


class SqlErrorCode(StrEnum):
    """What an error expression may compare `error.code` with."""

    UNREACHABLE = "UNREACHABLE"
    """No connection, it broke, or a statement did not end in time. Tried again."""
    TLS = "TLS"
    """The database speaks no TLS, or its certificate is not trusted or of another host. Tried again."""
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
_BY_NUMBER = {
    **dict.fromkeys((1040, 1053, 1927, 2002, 2003, 2006, 2013), SqlErrorCode.UNREACHABLE),
    **dict.fromkeys((1045, 1698), SqlErrorCode.LOGIN),
    **dict.fromkeys((1205, 1213), SqlErrorCode.CONFLICT),
    **dict.fromkeys((1048, 1062, 1364, 1451, 1452, 1557, 1586, 3819, 4025), SqlErrorCode.CONSTRAINT),
    **dict.fromkeys((1264, 1265, 1292, 1365, 1366, 1406), SqlErrorCode.DATA),
    **dict.fromkeys((1044, 1054, 1064, 1142, 1143, 1146, 1227, 1298, 1370), SqlErrorCode.STATEMENT),
    2026: SqlErrorCode.TLS,
}
"""MySQL's and MariaDB's own numbers, where the driver's class says too little."""
_WITHOUT_TLS = "rejected SSL upgrade"
"""What PostgreSQL's driver says of a server that offers none."""
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
    if _is_tls(original):
        return SqlErrorCode.TLS
    by_number = _BY_NUMBER.get(_mysql_number(original) or 0)
    if by_number is not None:
        return by_number
    if not isinstance(error, DBAPIError):
        return SqlErrorCode.UNREACHABLE
    state = _state(original)
    return _BY_STATE.get((state or "")[:2]) or _by_type(error)


def _is_tls(error: BaseException | None) -> bool:
    """Whether TLS failed, also where a driver wraps that."""
    return error is not None and (isinstance(error, ssl.SSLError) or _WITHOUT_TLS in str(error) or _is_tls(error.__cause__))


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
