"""The part of the worker configuration that says where Camunda 8 is and how to authenticate there."""

from collections.abc import Mapping
from typing import Any

from connector_operator.api.runtime import Auth, Camunda, Tls
from connector_operator.domain import names
from connector_operator.domain.camunda import endpoint


def camunda_document(camunda: Camunda) -> Mapping[str, Any]:
    """The member `camunda` of the worker configuration (docs/worker-contract.md §1)."""
    where = endpoint(camunda)
    document: dict[str, Any] = {"grpcAddress": where.grpc_address}
    if where.rest_address:
        document["restAddress"] = where.rest_address
    document["tenantIds"] = list(camunda.tenant_ids)
    if where.auth:
        document["auth"] = _auth(where.auth)
    if camunda.tls and (tls := _tls(camunda.tls)):
        document["tls"] = tls
    return document


def _auth(auth: Auth) -> Mapping[str, Any]:
    if auth.oauth is None:
        return {"type": "basic", "directory": names.AUTH_PATH}
    asked = auth.oauth.model_dump(by_alias=True, include={"token_url", "audience", "scope"}, exclude_none=True)
    return {"type": "oauth", "directory": names.AUTH_PATH, **asked}


def _tls(tls: Tls) -> Mapping[str, Any]:
    document: dict[str, Any] = {}
    if tls.ca_config_map_ref or tls.ca_secret_ref:
        document["caFile"] = f"{names.CA_PATH}/ca.crt"
    if tls.client_certificate_secret_ref:
        document["clientCertificateDirectory"] = names.CLIENT_CERTIFICATE_PATH
    return document
