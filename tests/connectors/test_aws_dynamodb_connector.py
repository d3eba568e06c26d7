"""DynamoDB against moto's server: tables and items come and go, and refusals have AWS's codes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_job import ConnectorUnderTest, connector_under_test
from connector_moto import Moto, access
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:aws-dynamodb:1"
ITEM = {"id": "a-1", "price": 4.5, "pieces": 12345678901234567890, "tags": ["x", None, True], "more": {"k": {"deep": []}}}
TYPED = {
    "id": {"S": "a-1"}, "price": {"N": "4.5"}, "pieces": {"N": "12345678901234567890"},
    "tags": {"L": [{"S": "x"}, {"NULL": True}, {"BOOL": True}]}, "more": {"M": {"k": {"M": {"deep": {"L": []}}}}},
}  # fmt: skip


@pytest.fixture
async def dynamodb(gateway: ZeebeGateway, moto: Moto, aws_keys: Path) -> AsyncIterator[ConnectorUnderTest]:
    settings = {"endpoint": moto.address}
    async with connector_under_test(gateway, "aws-dynamodb", JOB_TYPE, settings=settings, secrets=aws_keys) as connector:
        yield connector


def call(method: str, table: str = "orders", **more: Any) -> dict[str, Any]:
    return {**access(), "input": {"type": method, "tableName": table, **more}}


@pytest.fixture
def orders(moto: Moto) -> Any:
    """A table of orders by id, and AWS's own client to look at it."""
    client = moto.client("dynamodb")
    client.create_table(
        TableName="orders", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}], BillingMode="PAY_PER_REQUEST",
    )  # fmt: skip
    return client


async def test_a_table_is_created_described_and_deleted(dynamodb: ConnectorUnderTest):
    keys = {"partitionKey": "shop", "partitionKeyRole": "HASH", "partitionKeyType": "S", "sortKey": "nr", "sortKeyType": "N"}
    units = {"readCapacityUnits": "2", "writeCapacityUnits": 3, "billingModeStr": "PROVISIONED", "deletionProtection": False}
    created = await dynamodb.result(call("createTable", **keys, **units))
    described = await dynamodb.result(call("describeTable"))
    assert (created["action"], created["status"], described["action"]) == ("createTable", "OK", "describeTable")
    table = described["response"]
    assert table["KeySchema"] == [
        {"AttributeName": "shop", "KeyType": "HASH"}, {"AttributeName": "nr", "KeyType": "RANGE"}
    ]  # fmt: skip
    assert (table["ProvisionedThroughput"]["WriteCapacityUnits"], table["CreationDateTime"][:2]) == (3, "20")
    deleted = await dynamodb.result(call("deleteTable"))
    assert deleted == {"action": "delete Table [orders]", "status": "OK", "response": None, "items": None}


async def test_an_item_is_added_read_changed_and_deleted_with_typed_attributes(dynamodb: ConnectorUnderTest, orders: Any):
    key = {"primaryKeyComponents": {"id": "a-1"}}
    added = await dynamodb.result(call("addItem", item=ITEM))
    assert (added["action"], added["response"]) == ("addItem", {"Attributes": TYPED})
    assert orders.get_item(TableName="orders", Key={"id": {"S": "a-1"}})["Item"] == TYPED
    assert (await dynamodb.result(call("getItem", **key)))["response"] == {"Attributes": TYPED}
    changed = await dynamodb.result(call("updateItem", keyAttributes={"price": 10}, attributeAction="PUT", **key))
    assert (changed["action"], changed["response"]["Attributes"]["price"]) == ("updateItem", {"N": "10"})
    without = await dynamodb.result(call("updateItem", keyAttributes={"price": None}, attributeAction="delete", **key))
    assert "price" not in without["response"]["Attributes"]
    gone = await dynamodb.result(call("deleteItem", **key))
    assert gone["response"]["Attributes"]["id"] == {"S": "a-1"}
    for method in ("getItem", "deleteItem"):
        assert (await dynamodb.result(call(method, **key)))["response"] == {"Attributes": None}


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize("group", [{"operationGroup": "itemOperation"}, {}])
async def test_a_method_may_be_given_in_the_field_of_its_group(dynamodb: ConnectorUnderTest, group: dict[str, str]):
    other = {"tableOperation": "deleteTable"} if group else {}
    given = {**group, **other, "itemOperation": "getItem", "tableName": "orders", "primaryKeyComponents": {"id": "a-1"}}
    assert (await dynamodb.result({**access(), "input": given}))["action"] == "getItem"
    given = {"tableOperation": "describeTable", "tableName": "orders"}
    assert (await dynamodb.result({**access(), "input": given}))["action"] == "describeTable"


async def test_a_scan_gives_all_pages_as_plain_json(dynamodb: ConnectorUnderTest, orders: Any):
    assert (await dynamodb.result(call("scanTable")))["items"] is None
    for number in range(30):
        text = {"S": "x" * 100_000}  # a page has a megabyte
        orders.put_item(TableName="orders", Item={"id": {"S": f"{number:02}"}, "price": {"N": str(number)}, "text": text})
    orders.put_item(
        TableName="orders", Item={"id": {"S": "set"}, "price": {"N": "2.5"}, "nn": {"NS": ["1" * 38]}, "b": {"B": b"\0"}}
    )
    filtered = call(
        "scanTable", filterExpression="#p >= :least", projectionExpression="id, #p, nn, b",
        expressionAttributeNames={"#p": "price"}, expressionAttributeValues={":least": 28},
    )  # fmt: skip
    found = sorted((await dynamodb.result(filtered))["items"], key=lambda item: item["id"])
    assert found == [{"id": "28", "price": 28}, {"id": "29", "price": 29}]
    everything = await dynamodb.job(call("scanTable"))
    assert (everything.state, "give a filter" in everything.error_message) == (JobState.INCIDENT, True), everything.error_message
    filtered["input"] |= {"filterExpression": "id = :least", "expressionAttributeValues": {":least": "set"}}
    assert (await dynamodb.result(filtered))["items"] == [{"id": "set", "price": 2.5, "nn": [int("1" * 38)], "b": "AA=="}]


@pytest.mark.usefixtures("orders")
@pytest.mark.parametrize(
    ("given", "code"),
    [
        (call("getItem", "nowhere", primaryKeyComponents={"id": "1"}), "ResourceNotFoundException"),
        (call("createTable", partitionKey="id"), "ResourceInUseException"),
        (call("getItem", primaryKeyComponents={"other": "1"}), "ValidationException"),
        (call("scanTable", filterExpression="price >"), "ValidationException"),
    ],
)
async def test_what_dynamodb_refuses_is_an_incident_with_its_code(dynamodb: ConnectorUnderTest, given: Any, code: str):
    job = await dynamodb.job(given)
    assert (job.result["error"]["code"], job.state) == (code, JobState.INCIDENT), job.error_message


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (call("getItem"), "input.primaryKeyComponents is empty"),
        (call("addItem", item={}), "input.item is empty"),
        (call("updateItem", primaryKeyComponents={"id": "1"}), "input.keyAttributes is empty"),
        (call("createTable"), "input.partitionKey is empty"),
        (call("createTable", partitionKey="id", partitionKeyType="X"), "input.partitionKeyType"),
        (call("dropTable"), "input.type"),
    ],
)
async def test_bad_input_is_named(dynamodb: ConnectorUnderTest, given: Any, message: str):
    job = await dynamodb.job(given)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message
