"""What Camunda's element templates write and our connectors do not take, by connector, with the reason.

docs/connectors/index.md says it to users where it matters to them.
"""

import re
from collections.abc import Mapping

SELECTOR = "chooses which fields the form shows; no function needs it"
REUSABLE = "reusable credentials and connections of 8.10 are not there yet"
OLDER = "read before the model sees it, from where older templates write it"
SIGNATURE = "WSS signatures are not there yet"

LEFT: Mapping[str, Mapping[str, str]] = {
    "aws-dynamodb": {
        r"input '(input\.)?(operationGroup|tableOperation|itemOperation)'": OLDER,
        r"input 'awsCredential'": REUSABLE,
    },
    "aws-eventbridge": {r"input 'awsCredential'": REUSABLE},
    "aws-lambda": {r"input 'awsCredential'": REUSABLE},
    "aws-s3": {r"input 'awsCredential'": REUSABLE},
    "aws-sns": {r"input '(awsCredential|configuration\.nonce)'": REUSABLE, r"input 'topic\.region'": OLDER},
    "aws-sqs": {r"input '(awsCredential|configuration\.nonce)'": REUSABLE, r"input 'queue\.region'": OLDER},
    "csv": {r"input 'documentReturnFormat\..*'": "the return formats of 8.10 are not there yet"},
    "graphql": {r"input 'graphql\.authentication\.token'": OLDER},
    "http-json": {
        r"url: is missing": "the form itself leaves the address empty there",
        r"authentication\.bearer\.token: is missing": "the form itself leaves the token empty there",
        r"authentication\.bearer\.token: input should be a valid string": "the login of a GitHub App is not there yet",
        r"authentication: input tag 'credentialsInBody'.*": "Automation Anywhere is not there yet",
    },
    "kafka": {r"schemaStrategy\.schemaRegistry\.schemaType: input should be 'avro'": "JSON schemas are not there yet"},
    "microsoft-teams": {
        r"input 'data\.type'": SELECTOR,
        r"input 'data\.EXPAND_VALUE'": "'data.isExpand' beside it says whether replies come",
    },
    "sendgrid": {r"input 'unMappedFieldNotUseInModel\.mailType'": SELECTOR},
    "slack": {r"input 'data\.(channelType|messageType)'": SELECTOR},
    "soap": {
        r"input 'authentication\.(certificate\..*|.*[aA]lgorithm|encryptionParts|timestamp|useBinarySecurityToken)'": SIGNATURE,
        r"authentication: input tag 'signature'.*": SIGNATURE,
    },
    "sql": {r"input 'configuration'": REUSABLE},
}  # fmt: skip


def is_left(builtin: str, problem: str) -> bool:
    """Whether a difference is known."""
    return any(re.match(pattern, problem) for pattern in LEFT.get(builtin, {}))
