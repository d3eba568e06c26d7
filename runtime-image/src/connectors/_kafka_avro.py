"""Avro: a value as the bytes of its schema, and the frame that names the schema of a registry.

https://avro.apache.org/docs/1.12.0/specification/ ·
https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
"""

import io
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

import orjson

from connector_sdk import InputError
from connectors._extras import extra
from connectors._one_line import one_line

MAGIC = b"\0"
MOST_SCHEMAS = 256
STRUCTURES = {"record", "map", "array"}


def schema_text(given: Any) -> str:
    """A schema as JSON text; it may be given as that text or as the value that it is."""
    return given if isinstance(given, str) else orjson.dumps(given).decode()


def encoded(value: Any, schema: str) -> bytes:
    """A JSON value as the schema says; InputError when one of them does not fit."""
    fastavro, parsed, written = _fastavro(), _parsed(schema), io.BytesIO()
    try:
        fastavro.validate(value, parsed)  # its writer takes some values for others
        fastavro.schemaless_writer(written, parsed, value, strict_allow_default=True)  # and drops what the schema does not know
    except fastavro.validation.ValidationError as error:
        raise InputError(f"cannot write message.value by its schema: {_misfit(error.errors, value)}") from error
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        msg = f"cannot write message.value by its schema: {_line(error)}"
        raise InputError(msg) from error
    return written.getvalue()


def framed(schema_id: int, written: bytes) -> bytes:
    """What readers look the schema up by."""
    return MAGIC + schema_id.to_bytes(4, "big") + written


@cache
def _fastavro() -> Any:
    """Loaded when the first schema comes: most records have none."""
    with extra("kafka"):
        return import_module("fastavro")


@lru_cache(maxsize=MOST_SCHEMAS)
def _parsed(schema: str) -> Any:
    try:
        document = orjson.loads(schema)
    except orjson.JSONDecodeError as error:
        msg = f"cannot use schemaStrategy.schema: it is no JSON ({error})"
        raise InputError(msg) from error
    fastavro = _fastavro()
    refusals = (fastavro.schema.SchemaParseException, fastavro.schema.UnknownType, LookupError, TypeError, ValueError)
    try:
        return fastavro.parse_schema(document)
    except refusals as error:
        msg = f"cannot use schemaStrategy.schema: it is no Avro schema ({_line(error)})"
        raise InputError(msg) from error


def _misfit(misfits: Sequence[Any], value: Any) -> str:
    """Which member of a value is none of the types that it may have."""
    field = misfits[0].field
    types = [misfit.schema if isinstance(misfit.schema, str) else misfit.schema["type"] for misfit in misfits]
    hint = ", give it as an expression that begins with '='" if isinstance(value, str) and set(types) & STRUCTURES else ""
    return f"{field or 'it'} is no {' or '.join(types)}{hint}"


def _line(error: Exception) -> str:
    return f"{type(error).__name__} {one_line(error)}".strip()
