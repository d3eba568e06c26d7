"""Amazon EventBridge: `io.camunda:aws-eventbridge:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-eventbridge/
"""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from connector_sdk import Context, TemplateHint, connector
from connectors._aws_access import AwsRequest, AwsSettings
from connectors._aws_clients import aws_client, close_clients
from connectors._aws_messages import body
from connectors._spelling import CAMEL_TEXTS


class Event(BaseModel):
    """One event."""

    model_config = CAMEL_TEXTS

    event_bus_name: str = Field(title="Event bus name", min_length=1, examples=["default"])
    source: str = Field(min_length=1, description="Who says it", examples=["shop.orders"])
    detail_type: str = Field(min_length=1, description="What has happened", examples=["OrderSent"])
    detail: Annotated[Any, TemplateHint(type="Text", feel="required")] = Field(
        description="An object", examples=["={orderId: orderId}"]
    )


class EventBridgeRequest(AwsRequest):
    """The input of one call."""

    input: Annotated[Event, TemplateHint(group="event")]


class Identified(BaseModel):
    """AWS's id of the request."""

    model_config = CAMEL_TEXTS
    request_id: str | None


class HttpMetadata(BaseModel):
    """The answer as HTTP saw it."""

    model_config = CAMEL_TEXTS
    http_headers: dict[str, str]
    http_status_code: int | None
    all_http_headers: dict[str, list[str]]


class Entry(BaseModel):
    """What became of the event."""

    model_config = CAMEL_TEXTS
    event_id: str | None
    error_code: str | None
    error_message: str | None


class EventBridgeResult(BaseModel):
    """What the process gets."""

    model_config = CAMEL_TEXTS

    sdk_response_metadata: Identified = Field(description="`requestId`")
    sdk_http_metadata: HttpMetadata = Field(description="`httpStatusCode`, `httpHeaders`, `allHttpHeaders`")
    failed_entry_count: int = Field(description="1 when EventBridge did not take the event: the job completes nevertheless")
    entries: list[Entry] = Field(description="One, with `eventId`, or `errorCode` and `errorMessage`")


@connector(
    id="io.camunda:aws-eventbridge:1",
    name="Amazon EventBridge",
    version=2,
    description="Send an event to an EventBridge bus",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/amazon-eventbridge/",
    settings=AwsSettings,
    on_close=close_clients,
)
async def aws_eventbridge(request: EventBridgeRequest, context: Context) -> EventBridgeResult:
    """Send one event."""
    event = request.input
    entry = {
        "EventBusName": event.event_bus_name,
        "Source": event.source,
        "DetailType": event.detail_type,
        "Detail": body(event.detail, "input.detail"),
    }
    async with aws_client(context, request, "events") as client:
        answer = await client.put_events(Entries=[entry])
    return _result(answer)


def _result(answer: dict[str, Any]) -> EventBridgeResult:
    metadata = answer.get("ResponseMetadata", {})
    headers = {str(name): str(value) for name, value in metadata.get("HTTPHeaders", {}).items()}
    return EventBridgeResult(
        sdk_response_metadata=Identified(request_id=metadata.get("RequestId")),
        sdk_http_metadata=HttpMetadata(
            http_headers=headers,
            http_status_code=metadata.get("HTTPStatusCode"),
            all_http_headers={name: [value] for name, value in headers.items()},
        ),
        failed_entry_count=answer.get("FailedEntryCount", 0),
        entries=[
            Entry(event_id=item.get("EventId"), error_code=item.get("ErrorCode"), error_message=item.get("ErrorMessage"))
            for item in answer.get("Entries", [])
        ],
    )
