"""What an API server, or a proxy before it, may answer, and which error that is; on a real connection."""

import asyncio
import json

import pytest
import yaml
from aiohttp import web
from loopback_server import listening

from connector_operator.cluster import transport
from connector_operator.cluster.client import ClusterApi
from connector_operator.cluster.connection import Connection, ConnectionSettingsError
from connector_operator.cluster.port import (
    FIELD_MANAGER,
    STATUS_FIELD_MANAGER,
    ApiConflict,
    ApiGone,
    ApiRejected,
    ApiUnavailable,
)
from connector_operator.domain.objects import CONFIG_MAP, CONNECTOR, CONNECTOR_POLICY, POD, ObjectRef

REF = ObjectRef(CONFIG_MAP, "shop", "settings")
MANIFEST = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "shop"}, "data": {}}


def status(code, message, **headers):
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return web.json_response(body, status=code, headers=headers)


class Server:
    """Answers every request with the next of `answers`, or the last one again; remembers the requests."""

    def __init__(self):
        self.answers = []
        self.requests = []

    async def handle(self, request):
        self.requests.append((request.method, request.path_qs, dict(request.headers), await request.text()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request) if callable(answer) else answer


@pytest.fixture
async def server():
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.handle)
    async with listening(app, handler_cancellation=True, shutdown_timeout=0.1) as port:
        server.port = port
        yield server


@pytest.fixture
def kubeconfig(server, tmp_path):
    path = tmp_path / "kubeconfig"
    path.write_text(
        yaml.safe_dump(
            {
                "current-context": "here",
                "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
                "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{server.port}"}}],
                "users": [{"name": "me", "user": {"token": "first-token"}}],
            }
        )
    )
    return path


@pytest.fixture
def calls():
    return []


@pytest.fixture
async def api(kubeconfig, calls):
    async with ClusterApi(Connection(kubeconfig), calls.append) as api:
        yield api


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (400, ApiRejected),
        (403, ApiRejected),
        (404, ApiGone),
        (409, ApiConflict),
        (410, ApiUnavailable),
        (413, ApiRejected),
        (422, ApiRejected),
        (429, ApiUnavailable),
        (500, ApiUnavailable),
        (503, ApiUnavailable),
        (504, ApiUnavailable),
    ],
)
async def test_each_answer_is_an_error_of_its_own_kind_that_tells_what_the_server_said(api, server, code, error):
    server.answers = [status(code, "because of the test")]
    with pytest.raises(error, match=r"cannot apply ConfigMap 'shop/settings': .* because of the test") as caught:
        await api.apply(MANIFEST)
    assert type(caught.value) is error
    assert caught.value.status == code


async def test_a_field_that_the_schema_does_not_know_is_rejected_although_the_server_says_500(api, server):
    server.answers = [status(500, "failed to create typed patch object: .spec.foo: field not declared in schema")]
    with pytest.raises(ApiRejected):
        await api.apply(MANIFEST)


async def test_the_time_that_a_busy_server_names_is_passed_on(api, server):
    server.answers = [status(429, "too many requests", **{"Retry-After": "7"})]
    with pytest.raises(ApiUnavailable) as caught:
        await api.apply(MANIFEST)
    assert caught.value.retry_after == 7.0


async def test_a_page_of_a_proxy_is_unavailability(api, server):
    server.answers = [web.Response(text="<html>bad gateway</html>", content_type="text/html")]
    with pytest.raises(ApiUnavailable, match="not JSON"):
        await api.get(REF)


async def test_a_cut_connection_is_unavailability(api, server):
    async def cut(request):
        request.transport.abort()
        return web.Response()

    server.answers = [cut]
    with pytest.raises(ApiUnavailable, match="did not answer"):
        await api.apply(MANIFEST)


async def test_a_server_that_is_not_there_is_unavailability(kubeconfig, calls, unused_tcp_port):
    kubeconfig.write_text(kubeconfig.read_text().replace("127.0.0.1:", f"127.0.0.1:{unused_tcp_port}#"))
    async with ClusterApi(Connection(kubeconfig), calls.append) as api:
        with pytest.raises(ApiUnavailable):
            await api.get(REF)


async def test_a_server_that_never_answers_is_given_up(api, server, calls, monkeypatch):
    monkeypatch.setattr(transport, "DEADLINE_SECONDS", 0.1)

    async def hang(_request):
        await asyncio.sleep(60)

    server.answers = [hang]
    with pytest.raises(ApiUnavailable, match="no answer within"):
        await api.get(REF)
    assert [call.result for call in calls] == ["unavailable"]


async def test_a_refused_token_is_read_again_and_the_request_repeated_once(api, server, kubeconfig):
    kubeconfig.write_text(kubeconfig.read_text().replace("first-token", "second-token"))
    server.answers = [status(401, "Unauthorized"), web.json_response({"kind": "ConfigMap"})]
    assert await api.apply(MANIFEST) == {"kind": "ConfigMap"}
    assert [headers["Authorization"] for _, _, headers, _ in server.requests] == ["Bearer first-token", "Bearer second-token"]


async def test_a_token_that_stays_refused_is_unavailability(api, server):
    server.answers = [status(401, "Unauthorized"), status(401, "Unauthorized")]
    with pytest.raises(ApiUnavailable, match="401"):
        await api.apply(MANIFEST)
    assert len(server.requests) == 2


async def test_every_call_is_told_to_the_observer_in_the_words_of_rbac(api, server, calls):
    server.answers = [web.json_response({}), status(404, "gone"), status(409, "no"), web.json_response({})]
    await api.apply(MANIFEST)
    await api.delete(REF, uid="u")
    with pytest.raises(ApiConflict):
        await api.apply_status(ObjectRef(CONNECTOR, "shop", "crm"), uid="u", status={})
    await api.get(ObjectRef(POD, "shop", "p"))
    told = [(call.verb, call.kind.plural, call.subresource, call.result) for call in calls]
    assert told == [
        ("patch", "configmaps", "", "ok"),
        ("delete", "configmaps", "", "gone"),
        ("patch", "connectors", "status", "conflict"),
        ("get", "pods", "", "ok"),
    ]


async def test_an_apply_is_a_forced_server_side_apply_with_our_field_manager(api, server):
    server.answers = [web.json_response({})]
    await api.apply(MANIFEST)
    method, path, headers, body = server.requests[0]
    assert method == "PATCH"
    assert path.startswith("/api/v1/namespaces/shop/configmaps/settings?")
    assert f"fieldManager={FIELD_MANAGER}&force=true&fieldValidation=Strict" in path
    assert headers["Content-Type"] == "application/apply-patch+yaml"
    assert json.loads(body) == MANIFEST


async def test_a_status_goes_to_the_subresource_with_a_field_manager_of_its_own(api, server):
    server.answers = [web.json_response({"metadata": {"uid": "u-1"}})]
    await api.apply_status(ObjectRef(CONNECTOR_POLICY, "", "guard"), uid="u-1", status={"refused": 0})
    _, path, _, body = server.requests[0]
    assert path.startswith("/apis/connectors.camunda.io/v1alpha1/connectorpolicies/guard/status?")
    assert f"fieldManager={STATUS_FIELD_MANAGER}&" in path
    assert json.loads(body) == {
        "apiVersion": "connectors.camunda.io/v1alpha1",
        "kind": "ConnectorPolicy",
        "metadata": {"name": "guard"},
        "status": {"refused": 0},
    }


async def test_a_name_cannot_be_the_path_of_another_object(api, server):
    server.answers = [web.json_response({})]
    await api.get(ObjectRef(CONFIG_MAP, "shop", "../secrets/x?y"))
    assert server.requests[0][1] == "/api/v1/namespaces/shop/configmaps/..%2Fsecrets%2Fx%3Fy"


def page(*names, token=""):
    items = [{"metadata": {"name": name, "namespace": "shop", "uid": name, "resourceVersion": "1"}} for name in names]
    return web.json_response({"metadata": {"continue": token}, "items": items})


async def test_a_list_is_read_page_by_page(api, server):
    server.answers = [page("a", "b", token="t/1"), page("c")]
    assert [one.ref.name for one in await api.list_metadata(POD, labelled=True)] == ["a", "b", "c"]
    paths = [path for _, path, _, _ in server.requests]
    assert paths[0] == "/api/v1/pods?limit=500&labelSelector=connectors.camunda.io/part"
    assert paths[1].endswith("&continue=t/1")
    assert "PartialObjectMetadataList" in server.requests[0][2]["Accept"]


async def test_a_list_whose_pages_expired_is_begun_anew(api, server):
    server.answers = [page("a", token="t1"), status(410, "expired"), page("a", token="t2"), page("b")]
    assert [one.ref.name for one in await api.list_metadata(POD, labelled=True)] == ["a", "b"]


def test_a_kubeconfig_that_is_not_there_says_what_to_do(tmp_path):
    with pytest.raises(ConnectionSettingsError, match=r"cannot connect .*--kubeconfig or KUBECONFIG"):
        asyncio.run(Connection(tmp_path / "none").load())


async def test_another_client_gets_the_same_access_and_no_scheme_in_the_token(kubeconfig, server):
    access = await Connection(kubeconfig).access()
    assert access.server == f"http://127.0.0.1:{server.port}"
    assert access.token == "first-token"
    assert "first-token" not in repr(access)


@pytest.mark.parametrize("exempt", [False, True])
async def test_a_proxy_of_the_environment_is_used_unless_the_server_is_exempt(
    kubeconfig, server, monkeypatch, unused_tcp_port, exempt
):
    server.answers = [web.json_response({"kind": "ConfigMap"})]
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1" if exempt else "elsewhere")
    kubeconfig.write_text(kubeconfig.read_text().replace(str(server.port), str(unused_tcp_port)))
    async with ClusterApi(Connection(kubeconfig), lambda _call: None) as api:
        if exempt:
            with pytest.raises(ApiUnavailable):  # nobody listens there
                await api.get(REF)
        else:
            assert await api.get(REF) == {"kind": "ConfigMap"}
    assert len(server.requests) == (0 if exempt else 1)
