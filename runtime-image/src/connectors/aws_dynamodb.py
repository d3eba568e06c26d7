"""Amazon DynamoDB: `io.camunda:aws-dynamodb:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-dynamodb/
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Annotated, Any, Literal, cast

from pydantic import BaseModel, Field, field_validator, model_validator

from connector_sdk import Context, InputError, TemplateHint, connector
from connectors._aws_access import AwsRequest, AwsSettings
from connectors._aws_clients import aws_client, close_clients
from connectors._aws_dynamodb_values import json_value, plain_members, typed, typed_members
from connectors._files import MOST_INLINE_BYTES
from connectors._spelling import CAMEL_TEXTS


class Method(Enum):
    """What to do with a table or one of its items."""

    CREATE_TABLE = "createTable"
    DELETE_TABLE = "deleteTable"
    DESCRIBE_TABLE = "describeTable"
    SCAN_TABLE = "scanTable"
    ADD_ITEM = "addItem"
    DELETE_ITEM = "deleteItem"
    GET_ITEM = "getItem"
    UPDATE_ITEM = "updateItem"


def _only(*methods: Method, **more: Any) -> TemplateHint:
    condition = {"property": "input.type", "oneOf": [method.value for method in methods]}
    return TemplateHint(group="input", condition=condition, **more)


_CREATE = _only(Method.CREATE_TABLE)
_TYPED = _only(Method.CREATE_TABLE, choices={"S": "Text", "N": "Number", "B": "Binary"})
_SCAN = _only(Method.SCAN_TABLE)
_UPDATE = _only(Method.UPDATE_ITEM)
_BY_KEY = _only(Method.GET_ITEM, Method.DELETE_ITEM, Method.UPDATE_ITEM, type="Text", feel="required")


class Input(BaseModel):
    """What the method needs; the fields of other methods are left out."""

    model_config = CAMEL_TEXTS

    type: Annotated[Method, TemplateHint(group="operation", label="Method")] = Method.GET_ITEM
    table_name: Annotated[str, TemplateHint(group="input")] = Field(min_length=3, max_length=1024, examples=["orders"])
    partition_key: Annotated[str | None, _CREATE] = Field(default=None, examples=["id"])
    partition_key_role: Annotated[Literal["HASH", "RANGE"], _CREATE] = "HASH"
    partition_key_type: Annotated[Literal["S", "N", "B"], _TYPED] = "S"
    sort_key: Annotated[str | None, _CREATE] = Field(default=None, examples=["createdAt"])
    sort_key_role: Annotated[Literal["HASH", "RANGE"], _CREATE] = "RANGE"
    sort_key_type: Annotated[Literal["S", "N", "B"], _TYPED] = "S"
    read_capacity_units: Annotated[int, _CREATE] = Field(default=1, ge=1)
    write_capacity_units: Annotated[int, _CREATE] = Field(default=1, ge=1)
    billing_mode_str: Annotated[Literal["PROVISIONED", "PAY_PER_REQUEST"], _CREATE] = Field(
        default="PROVISIONED", title="Billing mode"
    )
    deletion_protection: Annotated[bool, _CREATE] = False
    filter_expression: Annotated[str | None, _SCAN] = Field(default=None, examples=["price > :least"])
    projection_expression: Annotated[str | None, _SCAN] = Field(default=None, examples=["id, price"])
    expression_attribute_names: Annotated[dict[str, str] | None, _SCAN] = Field(default=None, examples=['={"#n": "name"}'])
    expression_attribute_values: Annotated[dict[str, Any] | None, _SCAN] = Field(default=None, examples=['={":least": 5}'])
    item: Annotated[dict[str, Any] | None, _only(Method.ADD_ITEM, type="Text", feel="required")] = Field(
        default=None, examples=["={id: orderId, price: 4.5}"]
    )
    primary_key_components: Annotated[dict[str, Any] | None, _BY_KEY] = Field(
        default=None, description="The attributes that are the item's key", examples=["={id: orderId}"]
    )
    key_attributes: Annotated[dict[str, Any] | None, _UPDATE] = Field(
        default=None, description="The attributes to change", examples=["={price: 5}"]
    )
    attribute_action: Annotated[Literal["PUT", "DELETE"], _UPDATE] = "PUT"

    @model_validator(mode="before")
    @classmethod
    def _method_of_its_group(cls, value: Any) -> Any:
        """Newer templates ask for a group of methods first, and name the method's field after the group."""
        if not isinstance(value, Mapping) or "type" in value:
            return cast("Any", value)
        given = cast("Mapping[str, Any]", value)
        fields = (given.get("operationGroup"), "tableOperation", "itemOperation")
        methods = [given[name] for name in fields if isinstance(name, str) and name in given]
        return {**given, **({"type": methods[0]} if methods else {})}

    @field_validator("attribute_action", mode="before")
    @classmethod
    def _in_capitals(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


class DynamoDbRequest(AwsRequest):
    """The input of one call."""

    input: Input


class DynamoDbResult(BaseModel):
    """What the process gets."""

    action: str = Field(description="The method; of a deleted table with its name")
    status: str = Field(default="OK", description="OK")
    response: Any = Field(
        default=None, description="Of a table its description; of an item `Attributes`, typed as DynamoDB does, or null"
    )
    items: list[dict[str, Any]] | None = Field(default=None, description="Of a scan, as plain JSON; null when there are none")


_Call = Callable[[Any, Input], Awaitable[DynamoDbResult]]


@connector(
    id="io.camunda:aws-dynamodb:1",
    name="Amazon DynamoDB",
    version=3,
    description="Read and change tables and items of DynamoDB",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-dynamodb/",
    settings=AwsSettings,
    on_close=close_clients,
)
async def aws_dynamodb(request: DynamoDbRequest, context: Context) -> DynamoDbResult:
    """Run one method."""
    async with aws_client(context, request, "dynamodb") as client:
        return await _CALLS[request.input.type](client, request.input)


async def _create_table(client: Any, given: Input) -> DynamoDbResult:
    keys = [(_required(given.partition_key, "input.partitionKey"), given.partition_key_role, given.partition_key_type)]
    if given.sort_key:
        keys.append((given.sort_key, given.sort_key_role, given.sort_key_type))
    call: dict[str, Any] = {
        "TableName": given.table_name,
        "KeySchema": [{"AttributeName": name, "KeyType": role} for name, role, _ in keys],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, _, kind in keys],
        "BillingMode": given.billing_mode_str,
        "DeletionProtectionEnabled": given.deletion_protection,
    }
    if given.billing_mode_str == "PROVISIONED":
        units = {"ReadCapacityUnits": given.read_capacity_units, "WriteCapacityUnits": given.write_capacity_units}
        call["ProvisionedThroughput"] = units
    answer = await client.create_table(**call)
    return DynamoDbResult(action=given.type.value, response=json_value(answer["TableDescription"]))


async def _delete_table(client: Any, given: Input) -> DynamoDbResult:
    await client.delete_table(TableName=given.table_name)
    return DynamoDbResult(action=f"delete Table [{given.table_name}]")


async def _describe_table(client: Any, given: Input) -> DynamoDbResult:
    answer = await client.describe_table(TableName=given.table_name)
    return DynamoDbResult(action=given.type.value, response=json_value(answer["Table"]))


async def _scan_table(client: Any, given: Input) -> DynamoDbResult:
    values = given.expression_attribute_values
    options = {
        "TableName": given.table_name,
        "FilterExpression": given.filter_expression,
        "ProjectionExpression": given.projection_expression,
        "ExpressionAttributeNames": given.expression_attribute_names,
        "ExpressionAttributeValues": typed_members(values) if values else None,
    }
    call = {name: value for name, value in options.items() if value}
    items: list[dict[str, Any]] = []
    size = 0
    async for page in client.get_paginator("scan").paginate(**call):
        found = [plain_members(item) for item in page.get("Items", [])]
        items += found
        size += len(json.dumps(found))
        if size > MOST_INLINE_BYTES:
            msg = f"cannot return more than {MOST_INLINE_BYTES} bytes of items: give a filter or a projection expression"
            raise InputError(msg)
    return DynamoDbResult(action=given.type.value, items=items or None)


async def _add_item(client: Any, given: Input) -> DynamoDbResult:
    item = typed_members(_required(given.item, "input.item"))
    await client.put_item(TableName=given.table_name, Item=item)
    return _item(given, item)


async def _delete_item(client: Any, given: Input) -> DynamoDbResult:
    answer = await client.delete_item(TableName=given.table_name, Key=_key(given), ReturnValues="ALL_OLD")
    return _item(given, answer.get("Attributes"))


async def _get_item(client: Any, given: Input) -> DynamoDbResult:
    answer = await client.get_item(TableName=given.table_name, Key=_key(given))
    return _item(given, answer.get("Item"))


async def _update_item(client: Any, given: Input) -> DynamoDbResult:
    action = given.attribute_action
    attributes = _required(given.key_attributes, "input.keyAttributes")
    updates = {name: _update(value, action) for name, value in attributes.items()}
    key = _key(given)
    answer = await client.update_item(TableName=given.table_name, Key=key, AttributeUpdates=updates, ReturnValues="ALL_NEW")
    return _item(given, answer.get("Attributes"))


def _update(value: Any, action: str) -> dict[str, Any]:
    """A deleted attribute goes whatever its value is: with a value only a part of a set would go."""
    return {"Action": action} if action == "DELETE" else {"Action": action, "Value": typed(value)}


def _item(given: Input, attributes: Any) -> DynamoDbResult:
    return DynamoDbResult(action=given.type.value, response={"Attributes": json_value(attributes)})


def _key(given: Input) -> dict[str, Any]:
    return typed_members(_required(given.primary_key_components, "input.primaryKeyComponents"))


def _required(value: Any, name: str) -> Any:
    if not value:
        msg = f"cannot call DynamoDB: {name} is empty"
        raise InputError(msg)
    return value


_CALLS: Mapping[Method, _Call] = {
    Method.CREATE_TABLE: _create_table,
    Method.DELETE_TABLE: _delete_table,
    Method.DESCRIBE_TABLE: _describe_table,
    Method.SCAN_TABLE: _scan_table,
    Method.ADD_ITEM: _add_item,
    Method.DELETE_ITEM: _delete_item,
    Method.GET_ITEM: _get_item,
    Method.UPDATE_ITEM: _update_item,
}
