"""Rows to and from CSV text (RFC 4180): what is between a job's variables and Python's csv module."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson

from connector_sdk import InputError

Row = list[str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the text looks."""

    delimiter: str = ","
    skips_header: bool = True
    headers: Sequence[str] = ()


def rows(text: str, layout: Layout) -> Iterator[Row]:
    """All rows but empty ones, the header too; InputError with the line where the text is no CSV."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=layout.delimiter, strict=True)
    try:
        yield from (row for row in reader if row)
    except csv.Error as error:
        msg = f"cannot read the CSV in line {reader.line_num}: {error}"
        raise InputError(msg) from error


def lists(text: str, layout: Layout) -> Iterator[Row]:
    """The records as lists of texts."""
    found = rows(text, layout)
    if layout.skips_header:
        next(found, None)
    yield from found


def objects(text: str, layout: Layout) -> Iterator[dict[str, str]]:
    """The records by column; the names are the layout's or those of the first row. Cells beyond the names are left out."""
    found = rows(text, layout)
    first = next(found, None)
    if first is None:
        return
    names = list(layout.headers) or first
    if len(set(names)) < len(names):
        msg = "cannot name the columns of this CSV: two have the same name; give format.headers"
        raise InputError(msg)
    if not layout.skips_header:
        yield dict(zip(names, first, strict=False))
    for row in found:
        yield dict(zip(names, row, strict=False))


def text_of(records: Sequence[Any], layout: Layout) -> str:
    """Lists or objects as CSV; InputError for a record that is neither, or objects without names of columns."""
    written = io.StringIO(newline="")
    writer = csv.writer(written, delimiter=layout.delimiter, lineterminator="\r\n")
    if layout.headers and not layout.skips_header:
        writer.writerow(layout.headers)
    for place, record in enumerate(records):
        writer.writerow([_cell(value) for value in _cells(record, place, layout.headers)])
    return written.getvalue()


def _cells(record: Any, place: int, headers: Sequence[str]) -> list[Any]:
    if isinstance(record, list):
        return cast("list[Any]", record)
    if not isinstance(record, dict):
        msg = f"cannot write record {place}: it must be an object or a list"
        raise InputError(msg)
    if not headers:
        msg = "cannot write objects as CSV: format.headers must name their members in the order of the columns"
        raise InputError(msg)
    members = cast("dict[str, Any]", record)
    return [members.get(name) for name in headers]


def _cell(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value).decode()
