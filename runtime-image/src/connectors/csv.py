"""CSV: `io.camunda:csv-connector`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/csv/
"""

import asyncio
from enum import Enum
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, field_validator

import camunda_feel
from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._csv_table import Layout, lists, objects, text_of
from connectors._files import File, as_document, element_of, file_of
from connectors._spelling import CAMEL


class Operation(Enum):
    """What to do."""

    READ = "readCsv"
    WRITE = "writeCsv"


class RowType(Enum):
    """What a record of the result is."""

    OBJECT = "Object"
    ARRAY = "Array"


_READ = {"property": "operation", "equals": Operation.READ.value}
_WRITE = {"property": "operation", "equals": Operation.WRITE.value}
_OPERATION = TemplateHint(group="operation", header=True, choices={"readCsv": "Read CSV", "writeCsv": "Write CSV"})
_MAPPING = TemplateHint(group="data", header=True, type="Text", feel="required", condition=_READ)


class Format(BaseModel):
    """How the CSV looks."""

    model_config = CAMEL

    delimiter: str = Field(default=",", min_length=1, max_length=1, description="One character between two columns")
    skip_header_record: bool = Field(
        default=True, description="Reading: the first row is no record. Writing: the headers are no row"
    )
    headers: Annotated[list[str] | None, TemplateHint(feel="required", type="Text")] = Field(
        default=None, description="Names of the columns; needed to write objects", examples=['=["product", "price"]']
    )

    @field_validator("delimiter")
    @classmethod
    def _separates(cls, value: str) -> str:
        if value in '"\r\n':
            msg = "must not be a quote or the end of a line"
            raise ValueError(msg)
        return value

    @property
    def layout(self) -> Layout:
        """The same for the table."""
        return Layout(self.delimiter, self.skip_header_record, tuple(self.headers or ()))


class CsvRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL

    operation: Annotated[Operation, _OPERATION]
    data: Annotated[Any, TemplateHint(group="data", type="Text", feel="optional", not_empty=True)] = Field(
        default=None,
        description="To read: a text or a document. To write: a list of objects or of lists",
        examples=['=[["tea", 4.5]]'],
    )
    document: Annotated[Any, TemplateHint(hidden=True)] = Field(
        default=None, description="What element templates since 8.10 say is read, instead of `data`"
    )
    create_document: Annotated[bool, TemplateHint(group="data", condition=_WRITE)] = Field(
        default=False, description="Store the CSV as a document instead of a text"
    )
    row_type: Annotated[RowType, TemplateHint(group="data", condition=_READ)] = RowType.OBJECT
    format: Annotated[Format, TemplateHint(group="format")] = Field(default_factory=Format)
    record_mapper: Annotated[str | None, _MAPPING] = Field(
        default=None,
        title="Record mapping",
        description="FEEL over each record; null leaves it out",
        examples=["={product: record.product, price: number(record.price)}"],
    )


class Records(BaseModel):
    """What the process gets of a CSV that was read."""

    records: list[Any] = Field(description="Objects, lists or what the record mapping makes of them")


class Written(BaseModel):
    """What the process gets of a CSV that was written."""

    content: str = Field(description="The CSV, each line ended by CR and LF")


class Stored(BaseModel):
    """What the process gets of a CSV that became a document."""

    document: Any = Field(description="The document's reference")


@connector(
    id="io.camunda:csv-connector",
    name="CSV",
    version=1,
    description="Read CSV into records, write records as CSV",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/csv/",
)
async def csv(request: CsvRequest, context: Context) -> Records | Written | Stored:
    """Convert in a thread: a text of some megabytes takes longer than the event loop may be held up."""
    if request.operation is Operation.READ:
        text = await _text(request.data if request.document is None else request.document, context)
        return await asyncio.to_thread(_read, text, request)
    content = await asyncio.to_thread(_written, request)
    if not request.create_document:
        return Written(content=content)
    file = File(content.encode(), content_type="text/csv")
    return Stored(document=await element_of(file, context, as_document=True))


async def _text(data: Any, context: Context) -> str:
    if not isinstance(data, str) and as_document(data) is None:
        problem = "is missing: it is" if data is None else "must be"
        msg = f"cannot read the CSV: data {problem} a text or a document"
        raise InputError(msg)
    try:
        return (await file_of(data, context, "data")).content.decode()
    except UnicodeDecodeError as error:
        msg = f"cannot read the CSV: it is not UTF-8, see byte {error.start}"
        raise InputError(msg) from error


def _read(text: str, request: CsvRequest) -> Records:
    layout = request.format.layout
    records = objects(text, layout) if request.row_type is RowType.OBJECT else lists(text, layout)
    return Records(records=_mapped(list(records), request.record_mapper))


def _mapped(records: list[Any], mapping: str | None) -> list[Any]:
    if not mapping or not mapping.strip():
        return records
    try:
        expression = camunda_feel.compile(mapping)
        made = [expression.evaluate({"record": record}) for record in records]
    except camunda_feel.FeelError as error:
        msg = f"cannot use the record mapping: {error}"
        raise InputError(msg) from error
    return [value for value in made if value is not None]


def _written(request: CsvRequest) -> str:
    data: Any = request.data
    if isinstance(data, dict):
        data = cast("dict[str, Any]", data).get("records")  # as reading gives them
    if not isinstance(data, list):
        msg = "cannot write the CSV: data must be a list of objects or lists"
        raise InputError(msg)
    return text_of(cast("list[Any]", data), request.format.layout)
