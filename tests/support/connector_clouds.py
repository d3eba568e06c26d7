"""The cloud services: a job for each, and how each says what it refuses, in the words of its own protocol."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector_moto import REGION, access
from recording_server import Answer

GRANTED = Answer(200, b'{"access_token": "granted", "expires_in": 3599}')
"""What gives an account of Google its token."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a service says no with."""

    status: int
    code: str = "Unspecified"
    after: int | None = None
    """The seconds of its Retry-After."""

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Those that all services have in common."""
        return () if self.after is None else (("Retry-After", str(self.after)),)


@dataclass(frozen=True, slots=True)
class Cloud:
    """A service, as its connector meets it."""

    builtin: str
    given: Callable[[str], dict[str, Any]]
    """The input of a job, of a service at an address."""
    says: Callable[[Refusal], Answer]
    throttled: Refusal
    stranger: Refusal
    """To credentials of nobody."""
    large: Refusal
    whole: Answer
    """What the connector asks for; half of it is none."""
    setting: str | None = "endpoint"
    """The Connector's setting that says where the service is, unless the input does."""
    codes: Mapping[int, str] = field(default_factory=dict[int, str])
    """The connector's own codes, by status, where a job's is not the service's."""

    def code(self, refusal: Refusal) -> str:
        """What a job gets."""
        return self.codes.get(refusal.status, refusal.code)


def _json(refusal: Refusal) -> Answer:
    return Answer(refusal.status, json.dumps({"__type": refusal.code, "message": "no"}).encode(), refusal.headers)


def _xml(refusal: Refusal) -> Answer:
    error = f"<Error><Code>{refusal.code}</Code><Message>no</Message></Error>"
    return Answer(refusal.status, f"<ErrorResponse>{error}</ErrorResponse>".encode(), refusal.headers)


def _s3(refusal: Refusal) -> Answer:
    return Answer(refusal.status, f"<Error><Code>{refusal.code}</Code><Message>no</Message></Error>".encode(), refusal.headers)


def _lambda(refusal: Refusal) -> Answer:
    return Answer(refusal.status, b'{"message": "no"}', (*refusal.headers, ("x-amzn-ErrorType", refusal.code)))


def _azure(refusal: Refusal) -> Answer:
    return Answer(refusal.status, b"", (*refusal.headers, ("x-ms-error-code", refusal.code)))


def _google(refusal: Refusal) -> Answer:
    return Answer(refusal.status, b'{"error": {"message": "no"}}', refusal.headers)


def _aws(**members: Any) -> Callable[[str], dict[str, Any]]:
    return lambda _: {**access(), **members}


def _blob(address: str) -> dict[str, Any]:
    return {
        "authentication": {"type": "SAS", "SASToken": "{{secrets.AZURE_SAS_TOKEN}}", "SASUrl": f"{address}/orders"},
        "operationDiscriminator": "downloadBlob",
        "operation": {"container": "orders", "fileName": "x"},
    }


def _object(_address: str) -> dict[str, Any]:
    return {
        "authentication": {"jsonKey": "{{secrets.GCS}}"},
        "operationDiscriminator": "uploadObject",
        "operation": {"bucket": "orders", "fileName": "x", "document": "x"},
    }


EVENT: dict[str, Any] = {"eventBusName": "default", "source": "shop", "detailType": "OrderSent", "detail": {}}
QUEUE = {"url": f"https://sqs.{REGION}.amazonaws.com/1/q", "messageBody": "x"}
TOPIC = {"topicArn": f"arn:aws:sns:{REGION}:123456789012:x", "message": "x"}
ITEM = {"type": "getItem", "tableName": "orders", "primaryKeyComponents": {"id": "1"}}
KEY = {"bucket": "orders", "key": "x"}
TEXT = (("Content-Type", "text/plain"),)
PART = (*TEXT, ("Content-Range", "bytes 0-4/5"))

CLOUDS: Sequence[Cloud] = (
    Cloud(
        "aws-sqs", _aws(queue=QUEUE), _json, Refusal(403, "RequestThrottled"), Refusal(403, "InvalidClientTokenId"),
        Refusal(400, "BatchRequestTooLong"), Answer(200, b'{"MessageId":"1"}'),
    ),
    Cloud(
        "aws-sns", _aws(topic=TOPIC), _xml, Refusal(400, "Throttling"), Refusal(403, "SignatureDoesNotMatch"),
        Refusal(400, "InvalidParameter"), Answer(200, b"<PublishResponse><PublishResult/></PublishResponse>"),
    ),
    Cloud(
        "aws-lambda", _aws(awsFunction={"functionName": "check"}), _lambda, Refusal(429, "TooManyRequestsException"),
        Refusal(403, "UnrecognizedClientException"), Refusal(413, "RequestTooLargeException"), Answer(200, b'{"checked": true}'),
    ),
    Cloud(
        "aws-eventbridge", _aws(input=EVENT), _json, Refusal(400, "ThrottlingException"),
        Refusal(400, "UnrecognizedClientException"), Refusal(400, "ValidationException"), Answer(200, b'{"Entries": []}'),
    ),
    Cloud(
        "aws-dynamodb", _aws(input=ITEM), _json, Refusal(400, "ProvisionedThroughputExceededException"),
        Refusal(400, "UnrecognizedClientException"), Refusal(400, "ValidationException"), Answer(200, b'{"Item": {}}'),
    ),
    Cloud(
        "aws-s3", _aws(actionDiscriminator="downloadObject", action=KEY), _s3, Refusal(503, "SlowDown"),
        Refusal(403, "InvalidAccessKeyId"), Refusal(400, "EntityTooLarge"), Answer(200, b"whole", TEXT),
    ),
    Cloud(
        "azure-blobstorage", _blob, _azure, Refusal(503, "ServerBusy"), Refusal(403, "AuthenticationFailed"),
        Refusal(413, "RequestBodyTooLarge"), Answer(206, b"whole", PART), setting=None,
    ),
    Cloud(
        "google-gcs", _object, _google, Refusal(429), Refusal(401), Refusal(413), Answer(200, b'{"name": "x"}'),
        setting="baseUrl", codes={401: "LOGIN", 413: "REFUSED", 429: "LIMIT", 503: "LIMIT", 500: "UNAVAILABLE"},
    ),
)  # fmt: skip
