"""Where one Camunda 8 is: what a spec says, with what SaaS implies filled in."""

from dataclasses import dataclass

from connector_operator.api.runtime import Auth, Camunda, OAuth, Saas

SAAS_TOKEN_URL = "https://login.cloud.camunda.io/oauth/token"  # noqa: S105 - an address, no token
SAAS_AUDIENCE = "zeebe.camunda.io"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses of one Camunda 8, and how to authenticate there."""

    grpc_address: str
    rest_address: str | None
    auth: Auth | None


def endpoint(camunda: Camunda) -> Endpoint:
    """Resolve a spec's `saas` into addresses; what is given explicitly wins.

    Source: https://docs.camunda.io/docs/components/concepts/clusters/ and the client credentials of the Console.
    """
    if camunda.saas is None:
        return Endpoint(camunda.grpc_address or "", camunda.rest_address, camunda.auth)
    return _saas(camunda, camunda.saas)


def _saas(camunda: Camunda, saas: Saas) -> Endpoint:
    grpc = f"grpcs://{saas.cluster_id}.{saas.region}.zeebe.camunda.io:443"
    rest = camunda.rest_address or f"https://{saas.region}.zeebe.camunda.io/{saas.cluster_id}"
    oauth = camunda.auth.oauth if camunda.auth else None
    if oauth is None:
        return Endpoint(grpc, rest, camunda.auth)
    completed: OAuth = oauth.model_copy(
        update={"token_url": oauth.token_url or SAAS_TOKEN_URL, "audience": oauth.audience or SAAS_AUDIENCE}
    )
    return Endpoint(grpc, rest, Auth(oauth=completed))
