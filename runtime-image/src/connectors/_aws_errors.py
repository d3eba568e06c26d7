"""What AWS refuses, as errors of a job: its own code is the job's.

https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

from connector_sdk import ConnectorError, Context, InputError, RetryError
from connectors._extras import extra
from connectors._one_line import one_line
from connectors._patience import patience_after

with extra("aws"):
    from botocore.exceptions import (
        BotoCoreError,
        ClientError,
        HTTPClientError,
        InvalidRegionError,
        NoCredentialsError,
        ParamValidationError,
        PartialCredentialsError,
    )
    from botocore.exceptions import ConnectionError as BotoConnectionError

PATIENCE = timedelta(seconds=10)
MOST_SAID = 500
THROTTLED = frozenset({
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException", "SlowDown",
    "TooManyRequestsException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "LimitExceededException",
    "BandwidthLimitExceeded", "EC2ThrottledException", "TransactionInProgressException", "PriorRequestNotComplete",
})  # fmt: skip
LOGINS = frozenset({
    "AccessDenied", "AccessDeniedException", "AuthFailure", "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId",
    "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch", "UnrecognizedClientException",
    "MissingAuthenticationToken",
})  # fmt: skip


class AwsErrorCode(StrEnum):
    """Beside AWS's own codes, what an error expression may compare `error.code` with."""

    NO_ANSWER = "NO_ANSWER"
    """No connection, no trusted certificate, or it broke before the answer was complete. Tried again."""
    NO_CREDENTIALS = "NO_CREDENTIALS"
    """The default credentials chain found nothing in this pod. Tried again: a mounted token may be under way."""
    UNKNOWN = "UNKNOWN"
    """AWS answered what its client cannot read. Tried again."""


def as_connector_error(context: Context, error: ClientError | BotoCoreError) -> ConnectorError:
    """The error of a job; nothing in it is a credential."""
    if isinstance(error, ClientError):
        return _refusal(context, error)
    match error:
        case ParamValidationError() | InvalidRegionError():
            return InputError(f"cannot make this call of AWS: {one_line(error, MOST_SAID)}")
        case NoCredentialsError() | PartialCredentialsError():
            return ConnectorError(AwsErrorCode.NO_CREDENTIALS, f"cannot call AWS: {one_line(error, MOST_SAID)}")
        case HTTPClientError() | BotoConnectionError():
            cause = cast("object", error.kwargs.get("error"))
            if isinstance(cause, InputError):
                return cause  # the pod's egress rules
            return ConnectorError(AwsErrorCode.NO_ANSWER, f"cannot reach AWS: {one_line(error, MOST_SAID)}")
        case _:
            return ConnectorError(AwsErrorCode.UNKNOWN, f"cannot call AWS: {one_line(error, MOST_SAID)}")


def broken_off(error: Exception) -> ConnectorError:
    """The error of a job whose answer ended before its end."""
    return ConnectorError(
        AwsErrorCode.NO_ANSWER, f"cannot read the answer of AWS: {type(error).__name__} {one_line(error, MOST_SAID)}".strip()
    )


def _refusal(context: Context, error: ClientError) -> ConnectorError:
    response: Mapping[str, Any] = error.response
    code = str(response.get("Error", {}).get("Code") or AwsErrorCode.UNKNOWN)
    said = str(response.get("Error", {}).get("Message") or "it gave no reason")
    metadata: Mapping[str, Any] = response.get("ResponseMetadata", {})
    status = int(metadata.get("HTTPStatusCode") or 0)
    text = f"AWS refused {error.operation_name}: {code}: {one_line(said, MOST_SAID)}"
    variables = {"status": status, "requestId": metadata.get("RequestId")}
    named = metadata.get("HTTPHeaders", {}).get("retry-after")
    wait = patience_after(status, named, unnamed=PATIENCE, throttled=code in THROTTLED)
    if wait is not None:
        return RetryError(text, retries=context.job.retries, backoff=wait, code=code, variables=variables)
    if code in LOGINS or status in (401, 403) or status >= 500 or status < 400:
        return ConnectorError(code, text, variables)
    return RetryError(text, retries=0, code=code, variables=variables)
