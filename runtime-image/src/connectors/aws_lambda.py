"""AWS Lambda: `io.camunda:aws-lambda:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/aws-lambda/
"""

from typing import Annotated, Any

import orjson
from pydantic import BaseModel, Field

from connector_sdk import Context, TemplateHint, connector
from connectors._aws_access import AwsRequest, AwsSettings
from connectors._aws_clients import aws_client, close_clients
from connectors._spelling import CAMEL_TEXTS


class AwsFunction(BaseModel):
    """The function and its input."""

    model_config = CAMEL_TEXTS

    function_name: str = Field(min_length=1, description="Name, ARN, or name:alias", examples=["check-order"])
    operation_type: Annotated[str, TemplateHint(hidden=True)] = "sync"
    payload: Annotated[Any, TemplateHint(type="Text", feel="required")] = Field(
        default=None, description="What the function gets, as JSON", examples=["={orderId: orderId}"]
    )


class LambdaRequest(AwsRequest):
    """The input of one call."""

    aws_function: Annotated[AwsFunction, TemplateHint(group="operation")]


class LambdaSettings(AwsSettings):
    """Of the Connector."""

    timeout_seconds: float = Field(default=900, gt=0, le=1000, description="For how long a function may run")


class Invoked(BaseModel):
    """What the process gets."""

    model_config = CAMEL_TEXTS

    status_code: int = Field(description="200 also where the function failed")
    executed_version: str | None = Field(description="Of the function")
    payload: Any = Field(description="What the function returned, or an object that describes its error")


@connector(
    id="io.camunda:aws-lambda:1",
    name="AWS Lambda",
    version=2,
    description="Invoke a Lambda function and wait for its result",
    documentation="https://docs.camunda.io/docs/components/connectors/out-of-the-box-connectors/aws-lambda/",
    settings=LambdaSettings,
    on_close=close_clients,
)
async def aws_lambda(request: LambdaRequest, context: Context) -> Invoked:
    """Invoke one function; while it runs the job's lock is renewed."""
    function = request.aws_function
    async with aws_client(context, request, "lambda") as client:
        answer = await client.invoke(
            FunctionName=function.function_name, InvocationType="RequestResponse", Payload=orjson.dumps(function.payload)
        )
        content: bytes = await answer["Payload"].read()
    return Invoked(status_code=answer["StatusCode"], executed_version=answer.get("ExecutedVersion"), payload=_json(content))


def _json(content: bytes) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return content.decode(errors="replace") or None
