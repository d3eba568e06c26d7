"""A connector whose client the image lacks says which extra brings it."""

import sys

import pytest

from connector_runtime.config import Source
from connector_runtime.loading import LoadError, load_functions


@pytest.mark.parametrize(
    ("builtin", "client", "extra"),
    [
        ("sql", "asyncpg", "sql"),
        ("kafka", "aiokafka", "kafka"),
        ("rabbitmq", "aio_pika", "rabbitmq"),
        ("email", "aiosmtplib", "email"),
        ("soap", "zeep.wsse.username", "soap"),
        ("aws-s3", "aiobotocore.config", "aws"),
        ("azure-blobstorage", "azure.core.exceptions", "azure"),
        ("google-gcs", "gcloud.aio.storage", "gcs"),
    ],
)
def test_a_missing_client_names_the_extra(monkeypatch: pytest.MonkeyPatch, builtin: str, client: str, extra: str):
    for name in [name for name in sys.modules if name.startswith("connectors.")]:
        monkeypatch.delitem(sys.modules, name)
    for name in [name for name in sys.modules if name.startswith(f"{client}.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, client, None)
    with pytest.raises(LoadError, match=rf"'{client}'.*built without the extra '{extra}', add connector-runtime\[{extra}\]"):
        load_functions(builtin, Source(builtin=builtin))
