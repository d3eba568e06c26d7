"""SOAP: `io.camunda:soap:1`, with the inputs and results of Camunda's connector.

https://docs.camunda.io/docs/components/connectors/protocol/soap/
"""

import asyncio
from enum import StrEnum
from typing import Annotated, Any, Literal

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connector_sdk import Answer, ConnectorError, Context, Exchange, InputError, RetryError, TemplateHint, connector
from connectors._extras import extra
from connectors._http_calls import CallErrorCode, complete, is_success, refusal
from connectors._soap_answer import NotSoapError, fault_code, fault_of, fault_text, is_ours, json_of, read
from connectors._soap_envelope import Element, Part, envelope, written
from connectors._spelling import CAMEL_TEXTS

with extra("soap"):
    from zeep.wsse.username import UsernameToken

SERVICE = "the SOAP service"
LARGE_BYTES = 100_000
"""Of an answer that takes longer to read than the event loop may be held up."""


class SoapErrorCode(StrEnum):
    """Beside those of any call, what an error expression may compare `error.code` with."""

    FAULT = "FAULT"
    """A SOAP fault of `Server` or `Receiver`: the service has trouble. Tried again."""
    CLIENT_FAULT = "CLIENT_FAULT"
    """A SOAP fault of `Client`, `Sender` and the like: the request is wrong. Not tried again."""


class Nobody(BaseModel):
    """Nothing is said about who calls."""

    model_config = ConfigDict(title="None")
    authentication: Literal["none"] = "none"


class Username(BaseModel):
    """WS-Security's user name token."""

    model_config = CAMEL_TEXTS | ConfigDict(title="WSS username token")
    authentication: Literal["usernameToken"] = "usernameToken"
    username: str = Field(min_length=1, examples=["shop"])
    password: SecretStr | None = Field(default=None, examples=["{{secrets.ORDERS_PASSWORD}}"])
    encoded: bool = Field(default=False, title="Encode the password", description="Send its SHA-1 digest with a nonce")


class SoapVersion(BaseModel):
    """Of the envelope."""

    model_config = CAMEL_TEXTS
    version: Literal["1.1", "1.2"] = "1.1"
    soap_action: str | None = Field(default=None, title="SOAPAction", examples=["http://example.com/orders/check"])


class _Content(BaseModel):
    model_config = CAMEL_TEXTS

    def part(self, name: str) -> Part | None:
        """The same for the envelope."""
        kind: str = getattr(self, "type", "none")
        if kind == "none":
            return None
        given = self.model_dump()
        return (
            Part(name, given["template"] or "", given["context"] or {})
            if kind == "template"
            else Part(name, document=given["json_"])
        )


def _hint(part: str, kind: str, **more: Any) -> TemplateHint:
    return TemplateHint(group=part, type="Text", condition={"property": f"{part}.type", "equals": kind}, **more)


class Header(_Content):
    """What stands in the header."""

    type: Literal["none", "template", "json"] = "none"
    template: Annotated[str | None, _hint("header", "template")] = Field(
        default=None, title="XML template", examples=["<o:shop>{{shop}}</o:shop>"]
    )
    context: Annotated[dict[str, Any] | None, _hint("header", "template", feel="required")] = Field(
        default=None, title="XML template context", examples=["={shop: shopName}"]
    )
    json_: Annotated[dict[str, Any] | None, _hint("header", "json", feel="required")] = Field(
        default=None, alias="json", title="JSON definition", examples=['={"o:shop": shopName}']
    )


class Body(_Content):
    """What stands in the body."""

    type: Annotated[
        Literal["template", "json"], TemplateHint(choices={"template": "Template", "json": "XML compatible JSON"})
    ] = "json"
    template: Annotated[str | None, _hint("body", "template")] = Field(
        default=None, title="XML template", examples=["<o:check><o:id>{{id}}</o:id></o:check>"]
    )
    context: Annotated[dict[str, Any] | None, _hint("body", "template", feel="required")] = Field(
        default=None, title="XML template context", examples=["={id: orderId}"]
    )
    json_: Annotated[dict[str, Any] | None, _hint("body", "json", feel="required")] = Field(
        default=None, alias="json", title="JSON definition", examples=['={"o:check": {"o:id": orderId}}']
    )


class SoapRequest(BaseModel):
    """The input of one call."""

    model_config = CAMEL_TEXTS

    service_url: Annotated[str, TemplateHint(group="connection")] = Field(
        title="Service URL", pattern=r"^https?://.+$", examples=["https://example.com/orders"]
    )
    authentication: Annotated[Nobody | Username, TemplateHint(group="authentication", label="Authentication")] = Field(
        default_factory=Nobody, discriminator="authentication"
    )
    soap_version: Annotated[SoapVersion, TemplateHint(group="message")] = Field(default_factory=SoapVersion)
    header: Annotated[Header, TemplateHint(group="header")] = Field(default_factory=Header)
    body: Annotated[Body, TemplateHint(group="body")]
    namespaces: Annotated[dict[str, str] | None, TemplateHint(group="message", type="Text", feel="required")] = Field(
        default=None, description="URIs by prefix", examples=['={o: "http://example.com/orders"}']
    )
    connection_timeout_in_seconds: Annotated[int, TemplateHint(group="timeout")] = Field(
        default=20, ge=0, title="Connection timeout", description="Seconds; 0 waits for ever"
    )


class SoapResult(BaseModel):
    """What the process gets."""

    envelope: Any = Field(
        alias="Envelope", description="Header and Body: elements by their names without prefix, leaves as texts"
    )


@connector(
    id="io.camunda:soap:1",
    name="SOAP",
    version=2,
    description="Call a SOAP service with XML made of a template or of JSON",
    documentation="https://docs.camunda.io/docs/components/connectors/protocol/soap/",
)
async def soap(request: SoapRequest, context: Context) -> SoapResult:
    """Send one envelope and read the one that comes back."""
    made = envelope(request.soap_version.version, request.header.part("header"), _body(request), request.namespaces or {})
    _identify(made, request.authentication)
    seconds = request.connection_timeout_in_seconds or None
    headers = _headers(request.soap_version)
    call = Exchange("POST", _address(request.service_url), headers, written(made), connect_seconds=seconds, read_seconds=seconds)
    answer = await complete(context, SERVICE, call)
    if len(answer.body) < LARGE_BYTES:
        return _read(context, answer)
    return await asyncio.to_thread(_read, context, answer)


def _address(url: str) -> str:
    try:
        return str(httpx.URL(url))
    except httpx.InvalidURL as error:
        msg = f"cannot use serviceUrl: {error}"
        raise InputError(msg) from error


def _body(request: SoapRequest) -> Part:
    part = request.body.part("body")
    if part is None or (part.template is None and not part.document) or part.template == "":
        msg = "cannot send an empty body: set body.template or body.json"
        raise InputError(msg)
    return part


def _identify(made: Element, authentication: Nobody | Username) -> None:
    if isinstance(authentication, Username):
        password = authentication.password.get_secret_value() if authentication.password else None
        token: Any = UsernameToken(authentication.username, password, use_digest=authentication.encoded, zulu_timestamp=True)
        token.apply(made, {})


def _headers(version: SoapVersion) -> dict[str, str]:
    action = (version.soap_action or "").strip().strip('"')
    if version.version == "1.1":
        return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{action}"'}
    parameter = f'; action="{action}"' if action else ""
    return {"Content-Type": f"application/soap+xml; charset=utf-8{parameter}"}


def _read(context: Context, answer: Answer) -> SoapResult:
    """Faults come with 500 or 400, so the body says more than the status; what is no SOAP is judged by the status."""
    try:
        found = read(answer.body)
    except NotSoapError as error:
        if not is_success(answer):
            raise refusal(context, SERVICE, answer) from error
        raise ConnectorError(CallErrorCode.UNEXPECTED_ANSWER, f"cannot use the answer of {SERVICE}: {error}") from error
    fault = fault_of(found)
    if fault is not None:
        raise _fault(answer.status, fault)
    if not is_success(answer):
        raise refusal(context, SERVICE, answer)
    return SoapResult(Envelope=json_of(found))


def _fault(status: int, fault: Element) -> ConnectorError:
    code = fault_code(fault)
    text = f"{SERVICE} answered with the fault {code}: {fault_text(fault)}"
    variables = {"status": status, "fault": json_of(fault)}
    if is_ours(code):
        return RetryError(text, retries=0, code=SoapErrorCode.CLIENT_FAULT, variables=variables)
    return ConnectorError(SoapErrorCode.FAULT, text, variables)
