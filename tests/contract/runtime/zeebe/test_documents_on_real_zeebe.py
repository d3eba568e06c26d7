"""The document store of a real gateway, as far as version 8.6 has one: its in-memory store takes documents and forgets them."""

import pytest

from connector_runtime.config import Camunda
from connector_runtime.documents import DocumentStore
from connector_runtime.egress import EgressRules
from connector_runtime.gateway import credentials_of
from connector_runtime.outgoing import open_http_client
from connector_runtime.rest_api import RestApi
from connector_sdk import RetryError
from local_cluster.zeebe import Zeebe


async def test_a_real_gateway_takes_a_document_and_its_answer_is_understood(zeebe: Zeebe) -> None:
    camunda = Camunda.model_validate({"grpcAddress": zeebe.grpc_address, "restAddress": zeebe.rest_address, "tenantIds": []})
    api = RestApi(camunda, credentials_of(camunda))
    async with open_http_client(EgressRules()) as http:
        store = DocumentStore(api, http)
        made = await store.create(b"hello", name="note.txt", properties={"order": 7})
        assert (made.kind, made.store_id, bool(made.document_id)) == ("camunda", "in-memory", True)
        assert made.metadata is not None
        assert (made.metadata.file_name, made.metadata.content_type, made.metadata.size) == ("note.txt", "text/plain", 5)
        with pytest.raises(RetryError) as refusal:
            await store.read(made)
        assert refusal.value.code == "DOCUMENT_NOT_FOUND"
    await api.close()
