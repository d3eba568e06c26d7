"""CSV through a job: the examples of the public documentation, awkward texts, and what cannot be read or written."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from document_server import DocumentServer
from zeebe_gateway import JobState, ZeebeGateway

STOCK = "product,quantity,price\r\nWireless Mouse,25,29.99\r\nOffice Chair,8,149.50\r\nUSB Cable,100,12.99"
ROWS = [["Wireless Mouse", "25", "29.99"], ["Office Chair", "8", "149.50"], ["USB Cable", "100", "12.99"]]
NAMES = ["product", "quantity", "price"]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


@pytest.fixture
async def store() -> AsyncIterator[DocumentServer]:
    async with DocumentServer().running() as server:
        yield server


@pytest.fixture
async def csv(gateway: ZeebeGateway, store: DocumentServer) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "csv", "io.camunda:csv-connector", rest=store.address) as connector:
        yield connector


async def read(csv: ConnectorUnderTest, text: Any, mapping: str | None = None, **more: Any) -> Any:
    headers = {"operation": "readCsv", **({"recordMapper": mapping} if mapping else {})}
    job = await csv.job({"data": text, **more}, headers)
    assert job.state is JobState.COMPLETED, job.error_message
    return job.result["result"]["records"]


async def written(csv: ConnectorUnderTest, data: Any, **layout: Any) -> Any:
    job = await csv.job({"data": data, "createDocument": False, "format": layout}, {"operation": "writeCsv"})
    assert job.state is JobState.COMPLETED, job.error_message
    return job.result["result"]


async def test_records_are_objects_named_by_the_header_or_lists(csv: ConnectorUnderTest):
    assert await read(csv, STOCK) == RECORDS
    assert await read(csv, STOCK, rowType="Array") == ROWS


async def test_headers_of_the_input_rename_the_columns_or_name_those_of_a_text_without(csv: ConnectorUnderTest):
    renamed = await read(csv, STOCK, format={"headers": ["a", "b", "c"]})
    assert renamed[0] == {"a": "Wireless Mouse", "b": "25", "c": "29.99"}
    bare = await read(csv, "tea;4\r\nsalt;2\n", format={"delimiter": ";", "skipHeaderRecord": False, "headers": ["n", "p"]})
    assert bare == [{"n": "tea", "p": "4"}, {"n": "salt", "p": "2"}]


async def test_a_record_mapping_makes_and_leaves_out_records(csv: ConnectorUnderTest):
    prices = await read(csv, STOCK, "={product: record.product, price: number(record.price)}")
    assert prices[1] == {"product": "Office Chair", "price": 149.5}
    dear = await read(csv, STOCK, "=if number(record.price) >= 20 then record.product else null")
    assert dear == ["Wireless Mouse", "Office Chair"]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ('a,b\n"x, ""y""\r\nz",\n', [{"a": 'x, "y"\r\nz', "b": ""}]),
        ("\ufeffa,b\r\n1,2\r\n\r\n", [{"a": "1", "b": "2"}]),
        ("a,b\n1\n1,2,3\n", [{"a": "1"}, {"a": "1", "b": "2"}]),
        ("", []),
        ("ä,😀\n€,=1+1", [{"ä": "€", "😀": "=1+1"}]),
    ],
)
async def test_quotes_line_ends_byte_order_marks_and_ragged_rows_are_read(csv: ConnectorUnderTest, text: str, records: Any):
    assert await read(csv, text) == records


async def test_lists_and_objects_are_written_with_the_documented_line_ends(csv: ConnectorUnderTest):
    expected = "Wireless Mouse,25,29.99\r\nOffice Chair,8,149.50\r\nUSB Cable,100,12.99\r\n"
    assert await written(csv, ROWS) == {"content": expected}
    assert await written(csv, {"records": RECORDS}, headers=NAMES) == {"content": expected}
    titled = await written(csv, RECORDS, headers=NAMES, skipHeaderRecord=False)
    assert titled == {"content": "product,quantity,price\r\n" + expected}


async def test_documents_are_read_and_made(csv: ConnectorUnderTest, store: DocumentServer):
    reference = store.put(b"\xef\xbb\xbf" + STOCK.encode(), name="stock.csv")
    assert await read(csv, reference) == RECORDS
    job = await csv.job({"data": ROWS, "createDocument": True}, {"operation": "writeCsv"})
    made = job.result["result"]["document"]
    content, kept = store.documents[made["documentId"]]
    assert (content.splitlines()[0], kept["metadata"]["contentType"]) == (b"Wireless Mouse,25,29.99", "text/csv")
    job = await csv.job({"data": store.put(b"\xff\xfea\x00")}, {"operation": "readCsv"})
    assert (job.state, "not UTF-8, see byte 0" in job.error_message) == (JobState.INCIDENT, True), job.error_message


async def test_what_is_read_may_be_named_document(csv: ConnectorUnderTest):
    document = {"camunda.document.type": "inline", "content": STOCK, "name": "stock.csv", "contentType": "text/csv"}
    job = await csv.job({"document": document}, {"operation": "readCsv"})
    assert (job.state, job.result["result"]["records"]) == (JobState.COMPLETED, RECORDS)


async def test_what_was_written_reads_back(csv: ConnectorUnderTest):
    awkward = [{"a": 'quote " and , and \r\n line', "b": "ü"}, {"a": "", "b": " x "}]
    content = (await written(csv, awkward, headers=["a", "b"], skipHeaderRecord=False))["content"]
    assert await read(csv, content) == awkward
    values = await written(csv, [[None, True, 1.5, {"k": [1]}]], delimiter="\t")
    assert values == {"content": '\ttrue\t1.5\t"{""k"":[1]}"\r\n'}


@pytest.mark.parametrize(
    ("operation", "variables", "message"),
    [
        ("readCsv", {"data": 'a,b\n"x" y,1'}, "cannot read the CSV in line 2"),
        ("readCsv", {"data": "a\n" + "x" * 200_000}, "field larger than field limit"),
        ("readCsv", {"data": "a,a\n1,2"}, "two have the same name"),
        ("readCsv", {"data": {"camunda.document.type": "camunda"}}, "cannot use this document"),
        ("readCsv", {"data": 7}, "data must be a text or a document"),
        ("readCsv", {"data": "a", "format": {"delimiter": "ab"}}, "format.delimiter: string should have at most 1 character"),
        ("readCsv", {"data": "a", "format": {"delimiter": '"'}}, "must not be a quote"),
        ("readCsv", {}, "data is missing"),
        ("writeCsv", {"data": "x"}, "data must be a list"),
        ("writeCsv", {"data": [{"a": 1}]}, "format.headers must name their members"),
        ("writeCsv", {"data": [[1], 2]}, "cannot write record 1: it must be an object or a list"),
        ("sortCsv", {"data": ""}, "operation"),
    ],
)
async def test_what_cannot_be_converted_is_an_incident_that_says_why(
    csv: ConnectorUnderTest, operation: str, variables: dict[str, Any], message: str
):
    job = await csv.job(variables, {"operation": operation})
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message


async def test_a_mapping_that_is_no_feel_says_where(csv: ConnectorUnderTest):
    job = await csv.job({"data": STOCK}, {"operation": "readCsv", "recordMapper": "={a: "})
    assert job.state is JobState.INCIDENT
    assert "cannot use the record mapping: " in job.error_message


async def test_fifty_thousand_records_leave_the_pod_alive(csv: ConnectorUnderTest):
    text = "n,t\n" + "".join(f"{number},x\n" for number in range(50_000))
    records = await read(csv, text)
    assert (len(records), records[-1]) == (50_000, {"n": "49999", "t": "x"})
    assert len(json.dumps(records)) > 1_000_000
