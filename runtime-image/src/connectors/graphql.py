"""GraphQL: `io.camunda:connector-graphql:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/protocol/graphql/ · https://graphql.org/learn/serving-over-http/
"""

from enum import Enum, StrEnum
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, field_validator, model_validator

from connector_sdk import Context, RetryError, TemplateHint, connector
from connectors._http_address import scalar
from connectors._http_authentication import Authentication, NoAuthentication, with_credential
from connectors._http_sending import HttpResult
from connectors._return_format import ReturnFormat
from connectors._spelling import CAMEL, CAMEL_TEXTS
from connectors.http_json import HttpMethod, HttpRequest, call

_ENDPOINT = TemplateHint(group="endpoint")
_TIMEOUT = TemplateHint(group="timeout")
_MAP = TemplateHint(group="endpoint", feel="required", type="Text")


class Method(Enum):
    """How the query travels."""

    GET = "get"
    POST = "post"


class GraphQLErrorCode(StrEnum):
    """Beside those of HTTP."""

    ERRORS = "GRAPHQL_ERRORS"
    """With the setting `failOnErrors`: the server answered with `errors`. Not tried again."""


class GraphQL(BaseModel):
    """The query and where it goes."""

    model_config = CAMEL_TEXTS

    url: Annotated[str, TemplateHint(group="endpoint", pattern_message="Must be an http:// or https:// address")] = Field(
        title="URL",
        description="Address of the GraphQL endpoint",
        pattern=r"^(http://|https://).+$",
        examples=["https://api.example.com/graphql"],
    )
    method: Annotated[Method, TemplateHint(group="endpoint", choices={"get": "GET", "post": "POST"})] = Field(
        default=Method.POST, description="Mutations need POST, and large queries too"
    )
    headers: Annotated[dict[str, Any] | None, _MAP] = Field(
        default=None, description="HTTP headers of the request", examples=['={"X-Client": "orders"}']
    )
    query: Annotated[str, TemplateHint(group="graphql", type="Text", feel="optional")] = Field(
        title="Query or mutation", min_length=1, examples=["query($id: ID!) { person(id: $id) { name } }"]
    )
    variables: Annotated[dict[str, Any] | None, TemplateHint(group="graphql", feel="required", type="Text")] = Field(
        default=None, description="Values of the query's variables", examples=["={id: customerId}"]
    )
    store_response: Annotated[bool, _ENDPOINT] = Field(
        default=False, description="Put the answer's body into the document store, for large answers"
    )
    connection_timeout_in_seconds: Annotated[int, _TIMEOUT] = Field(
        default=20, ge=0, title="Connection timeout", description="Seconds to wait for a connection; 0 waits for ever"
    )
    read_timeout_in_seconds: Annotated[int, _TIMEOUT] = Field(
        default=20, ge=0, title="Read timeout", description="Seconds to wait for data of the answer; 0 waits for ever"
    )

    @field_validator("method", mode="before")
    @classmethod
    def _in_small_letters(cls, value: Any) -> Any:
        return value.lower() if isinstance(value, str) else value

    @field_validator("query")
    @classmethod
    def _as_it_was_typed(cls, value: str) -> str:
        """Diagrams that were written as JSON carry the escapes of JSON in their queries."""
        return value.replace("\\n", " ").replace('\\"', '"')


def _with_token(given: Any) -> Any:
    """A bearer's token where it belongs: templates up to version 3 put it below the query."""
    match given:
        case {"authentication": {"type": "bearer", **login}, "graphql": {"authentication": {"token": token}}} if (
            "token" not in login
        ):
            return {**cast("dict[str, Any]", given), "authentication": {"type": "bearer", **login, "token": token}}
        case _:
            return given


class GraphQLRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL

    authentication: Authentication = Field(default_factory=NoAuthentication)
    authentication_configuration: Annotated[Any, TemplateHint(hidden=True)] = None
    document_return_format: Annotated[ReturnFormat | None, TemplateHint(hidden=True)] = None
    graphql: GraphQL

    @model_validator(mode="before")
    @classmethod
    def _with_credential(cls, given: Any) -> Any:
        return _with_token(with_credential(given, "graphql"))


class GraphQLSettings(BaseModel):
    """Of the Connector."""

    model_config = CAMEL

    fail_on_errors: bool = Field(
        default=False, description="An answer with `errors` fails the job, instead of being a result like any other"
    )


@connector(
    id="io.camunda:connector-graphql:1",
    name="GraphQL",
    version=2,
    description="Ask a GraphQL API",
    documentation="https://docs.camunda.io/docs/components/connectors/protocol/graphql/",
    settings=GraphQLSettings,
)
async def graphql(request: GraphQLRequest, context: Context) -> HttpResult:
    """Send one query; an answer of 400 or more is an error whose code is the status."""
    result = await call(_over_http(request), context)
    if context.settings.fail_on_errors and isinstance(result.body, dict):
        _raise_errors(cast("dict[str, Any]", result.body))
    return result


def _over_http(request: GraphQLRequest) -> HttpRequest:
    asked = request.graphql
    document: dict[str, Any] = {"query": asked.query}
    if asked.variables is not None:
        document["variables"] = asked.variables
    posts = asked.method is Method.POST
    return HttpRequest(
        authentication=request.authentication,
        method=HttpMethod.POST if posts else HttpMethod.GET,
        url=asked.url,
        headers=asked.headers,
        body=document if posts else None,
        query_parameters=None if posts else {name: scalar(value) for name, value in document.items()},
        store_response=asked.store_response,
        document_return_format=request.document_return_format,
        connection_timeout_in_seconds=asked.connection_timeout_in_seconds,
        read_timeout_in_seconds=asked.read_timeout_in_seconds,
    )


def _raise_errors(body: dict[str, Any]) -> None:
    errors = body.get("errors")
    if not isinstance(errors, list) or not errors:
        return
    first: Any = cast("list[Any]", errors)[0]
    said = cast("dict[str, Any]", first).get("message") if isinstance(first, dict) else None
    message = f"the server answered with errors: {said or 'without a message'}"
    raise RetryError(message, retries=0, code=GraphQLErrorCode.ERRORS, variables={"response": {"body": body}})
