"""Slack: calls as Slack's Web API documents them, and its answers and refusals in a job.

Shapes: https://docs.slack.dev/reference/methods/chat.postMessage, conversations.create, conversations.invite, reactions.add,
pins.add, pins.remove, users.list.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from loopback_server import listening
from zeebe_gateway import JobState, ZeebeGateway

TOKEN = "xoxb-canary-4711"
USERS = [{"id": f"U{number}", "name": f"user{number}"} for number in range(5)]


class Slack:
    """A workspace with users in pages of two, that refuses what Slack refuses."""

    def __init__(self) -> None:
        self.url = ""
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refuse_with: web.Response | None = None
        self.refused_method = ""
        """Empty: all of them, while `refuse_with` is set."""
        self.uploads: dict[str, bytes] = {}
        self.shared: list[dict[str, Any]] = []

    async def serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = await request.json() if request.method == "POST" else dict(request.query)
        self.calls.append((method, arguments))
        if self.refuse_with is not None and self.refused_method in ("", method):
            return self.refuse_with
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        return web.json_response(self.answer(method, arguments))

    async def take(self, request: web.Request) -> web.Response:
        """A file, at an address that `files.getUploadURLExternal` gave: of the length that was announced, and without a token."""
        number = request.match_info["file"]
        content = await request.read()
        announced = [call for method, call in self.calls if method == "files.getUploadURLExternal"][int(number[1:]) - 1]
        if "Authorization" in request.headers or len(content) != int(announced["length"]):
            return web.Response(status=400)
        if self.refuse_with is not None and self.refused_method == "upload":
            return self.refuse_with
        self.uploads[number] = content
        return web.Response(text=f"OK - {len(content)}")

    def complete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Shares what was uploaded, in a channel that is named by its id."""
        if any(file["id"] not in self.uploads for file in arguments["files"]):
            return {"ok": False, "error": "file_not_found"}
        if not arguments["channel_id"].startswith("C"):
            return {"ok": False, "error": "channel_not_found"}
        self.shared.append(arguments)
        return {"ok": True, "files": arguments["files"]}

    def answer(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method == "files.completeUploadExternal":
            return self.complete(arguments)
        if method == "files.getUploadURLExternal":
            number = f"F{sum(called == method for called, _ in self.calls)}"
            return {"ok": True, "upload_url": f"{self.url.removesuffix('/api')}/upload/{number}", "file_id": number}
        refused = {"chat.postMessage": ("#nowhere", "channel_not_found"), "conversations.create": ("taken", "name_taken")}
        name, error = refused.get(method, ("", ""))
        if error and name in arguments.values():
            return {"ok": False, "error": error}
        if method == "users.list":
            return {"ok": True, **self.users(int(arguments.get("cursor") or 0))}
        text = arguments.get("text", "")
        message = {"type": "message", "user": "U9", "text": text, "ts": "1.2", "app_id": "A1", "unknown": 1}
        answers: dict[str, dict[str, Any]] = {
            "chat.postMessage": {"channel": "C1", "ts": "1.2", "message": message},
            "conversations.create": {"channel": {"id": "C7", "name": arguments.get("name")}},
            "conversations.invite": {"channel": {"id": "C7", "name": "orders"}},
            "conversations.list": {"channels": [{"id": "C7", "name": "orders"}]},
            **{marking: {} for marking in ("reactions.add", "pins.add", "pins.remove")},
            "users.lookupByEmail": {"user": {"id": "UMAIL"}},
        }
        return {"ok": True, **answers[method]}

    def users(self, start: int) -> dict[str, Any]:
        following = str(start + 2) if start + 2 < len(USERS) else ""
        return {"members": USERS[start : start + 2], "response_metadata": {"next_cursor": following}}


@pytest.fixture
async def workspace() -> AsyncIterator[Slack]:
    workspace = Slack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", workspace.serve)
    app.router.add_post("/upload/{file}", workspace.take)
    async with listening(app) as port:
        workspace.url = f"http://127.0.0.1:{port}/api"
        yield workspace


@pytest.fixture
async def slack(gateway: ZeebeGateway, workspace: Slack, tmp_path: Path) -> AsyncIterator[ConnectorUnderTest]:
    (tmp_path / "SLACK_OAUTH_TOKEN").write_text(TOKEN)
    settings = {"baseUrl": workspace.url}
    async with connector_under_test(gateway, "slack", "io.camunda:slack:1", settings=settings, secrets=tmp_path) as slack:
        yield slack


def request(method: str, **data: Any) -> dict[str, Any]:
    return {"token": "{{secrets.SLACK_OAUTH_TOKEN}}", "method": method, "data": data}


async def test_a_message_is_posted_and_comes_back_as_camundas_connector_gives_it(slack: ConnectorUnderTest, workspace: Slack):
    result = await slack.result(request("chat.postMessage", channel="#orders", text="sent :tada:", thread="9.9"))
    assert workspace.calls == [("chat.postMessage", {"channel": "#orders", "text": "sent :tada:", "thread_ts": "9.9"})]
    message = {"type": "message", "team": None, "user": "U9", "text": "sent :tada:", "ts": "1.2", "appId": "A1", "botId": None}
    assert result == {"ts": "1.2", "channel": "C1", "message": message}


INLINE = {"camunda.document.type": "inline", "content": "hi", "name": "hi.txt", "contentType": "text/plain"}


@pytest.mark.parametrize(("thread", "shown_in"), [(None, "1.2"), ("9.9", "9.9")])
async def test_documents_are_uploaded_before_the_message_and_shared_in_its_thread(
    slack: ConnectorUnderTest, workspace: Slack, thread: str | None, shown_in: str
):
    nameless = {"camunda.document.type": "inline", "content": "ab"}
    documents = [INLINE, nameless]
    result = await slack.result(request("chat.postMessage", channel="#orders", text="x", thread=thread, documents=documents))
    assert (result["ts"], workspace.uploads) == ("1.2", {"F1": b"hi", "F2": b"ab"})
    assert [method for method, _ in workspace.calls][-2:] == ["chat.postMessage", "files.completeUploadExternal"]
    files = [{"id": "F1", "title": "hi.txt"}, {"id": "F2", "title": "attachment-2"}]
    assert workspace.shared == [{"files": files, "channel_id": "C1", "thread_ts": shown_in}]


@pytest.mark.parametrize(
    ("method", "answer", "expected"),
    [
        ("files.getUploadURLExternal", web.json_response({"ok": False, "error": "missing_scope"}), (0, "missing_scope")),
        ("files.getUploadURLExternal", web.json_response({"ok": True}), (2, "unexpected_answer")),
        ("upload", web.Response(status=403), (2, "upload_failed")),
        ("upload", web.Response(status=502), (2, "502")),
    ],
)
async def test_where_a_document_cannot_be_uploaded_no_message_is_posted(
    slack: ConnectorUnderTest, workspace: Slack, method: str, answer: web.Response, expected: tuple[int, str]
):
    workspace.refuse_with, workspace.refused_method = answer, method
    job = await slack.job(request("chat.postMessage", channel="C1", text="x", documents=INLINE))
    assert (job.retries, job.result["error"]["code"]) == expected, job.error_message
    assert "chat.postMessage" not in [called for called, _ in workspace.calls]


@pytest.mark.parametrize("answer", [web.json_response({"ok": False, "error": "internal_error"}), web.Response(status=429)])
async def test_where_documents_cannot_be_shared_the_message_is_not_posted_again(
    slack: ConnectorUnderTest, workspace: Slack, answer: web.Response
):
    workspace.refuse_with, workspace.refused_method = answer, "files.completeUploadExternal"
    job = await slack.job(request("chat.postMessage", channel="C1", text="x", documents=INLINE))
    assert (job.state, job.result["error"]["variables"]) == (JobState.INCIDENT, {"channel": "C1", "ts": "1.2"})
    assert "the message is posted, and its documents are not" in job.error_message


async def test_somebody_is_invited_by_the_id_of_a_channel_without_a_look_at_all_channels(
    slack: ConnectorUnderTest, workspace: Slack
):
    await slack.result(request("conversations.invite", channelId="C7", users="U5"))
    assert workspace.calls == [("conversations.invite", {"channel": "C7", "users": "U5"})]


@pytest.mark.parametrize(
    ("method", "more", "sent"),
    [
        ("reactions.add", {"emoji": ":tada:"}, {"name": "tada"}),
        ("reactions.add", {"emoji": "tada"}, {"name": "tada"}),
        ("pins.add", {}, {}),
        ("pins.remove", {}, {}),
    ],
)
async def test_a_message_gets_a_reaction_and_a_pin(
    slack: ConnectorUnderTest, workspace: Slack, method: str, more: dict[str, Any], sent: dict[str, Any]
):
    assert await slack.result(request(method, channel="C7", timestamp="1654636029.472950", **more)) == {"ok": True}
    assert workspace.calls == [(method, {"channel": "C7", "timestamp": "1654636029.472950", **sent})]


async def test_the_channel_of_a_pin_is_found_by_its_name_and_a_timestamp_may_be_a_number(
    slack: ConnectorUnderTest, workspace: Slack
):
    await slack.result(request("pins.add", channel="#orders", timestamp=1654636029.47295))
    assert workspace.calls[-1] == ("pins.add", {"channel": "C7", "timestamp": "1654636029.472950"})


@pytest.mark.parametrize("lacking", ["channel", "timestamp", "emoji"])
async def test_a_reaction_to_nothing_is_an_incident_that_names_what_lacks(
    slack: ConnectorUnderTest, workspace: Slack, lacking: str
):
    data = {"channel": "C7", "timestamp": "1.2", "emoji": "tada"} | {lacking: " "}
    job = await slack.job(request("reactions.add", **data))
    assert (job.state, workspace.calls) == (JobState.INCIDENT, [])
    assert f"data.{lacking} is empty" in job.error_message


@pytest.mark.parametrize("blocks", [[{"type": "divider"}], {"blocks": [{"type": "divider"}]}])
async def test_blocks_are_sent_as_a_list_or_as_the_block_builder_writes_them(
    slack: ConnectorUnderTest, workspace: Slack, blocks: Any
):
    await slack.result(request("chat.postMessage", channel="C1", blockContent=blocks))
    assert workspace.calls[-1][1] == {"channel": "C1", "blocks": [{"type": "divider"}]}


@pytest.mark.parametrize(("name", "found"), [("@user4", "U4"), ("ada@example.com", "UMAIL"), ("U012AB3CD", "U012AB3CD")])
async def test_a_person_is_found_by_name_over_all_pages_by_mail_or_id(
    slack: ConnectorUnderTest, workspace: Slack, name: str, found: str
):
    await slack.result(request("chat.postMessage", channel=name, text="hi"))
    assert workspace.calls[-1][1]["channel"] == found


async def test_a_channel_is_created(slack: ConnectorUnderTest, workspace: Slack):
    result = await slack.result(request("conversations.create", newChannelName="order-1", visibility="PRIVATE"))
    assert workspace.calls == [("conversations.create", {"name": "order-1", "is_private": True})]
    assert result == {"channel": {"id": "C7", "name": "order-1"}}


@pytest.mark.parametrize("users", ["@user0, ada@example.com,U5", ["@user0", "ada@example.com", "U5", 7, "#channel"]])
async def test_users_are_invited_and_what_cannot_be_invited_is_left_out(slack: ConnectorUnderTest, workspace: Slack, users: Any):
    await slack.result(request("conversations.invite", channelName="#orders", users=users))
    assert workspace.calls[-1] == ("conversations.invite", {"channel": "C7", "users": "U0,UMAIL,U5"})


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        (request("chat.postMessage", channel="#nowhere", text="x"), "channel_not_found"),
        (request("chat.postMessage", channel="@nobody", text="x"), "user_not_found"),
        (request("conversations.create", newChannelName="taken"), "name_taken"),
        ({**request("chat.postMessage", channel="C1", text="x"), "token": "wrong"}, "invalid_auth"),
    ],
)
async def test_what_slack_refuses_for_good_is_an_incident_at_once_with_its_code(
    slack: ConnectorUnderTest, variables: dict[str, Any], code: str
):
    job = await slack.job(variables)
    assert job.state is JobState.INCIDENT
    assert job.result["error"]["code"] == code


async def test_an_error_expression_can_catch_slacks_code(slack: ConnectorUnderTest):
    headers = {"errorExpression": '=if error.code = "name_taken" then bpmnError("TAKEN", error.message) else null'}
    job = await slack.job(request("conversations.create", newChannelName="taken"), headers)
    assert (job.state, job.error_code) == (JobState.ERROR_THROWN, "TAKEN")


@pytest.mark.parametrize(
    ("answer", "retries", "message"),
    [
        (web.Response(status=429, headers={"Retry-After": "7"}), 3, "asks to wait 7 s"),
        (web.Response(status=503), 2, "Slack answered 503"),
        (web.json_response({"ok": False, "error": "internal_error"}), 2, "internal_error"),
        (web.Response(text="<html>"), 2, "it is not JSON"),
        (web.json_response([]), 2, "it is not an object"),
    ],
)
async def test_what_may_pass_is_tried_again_and_a_limit_costs_no_retry(
    slack: ConnectorUnderTest, workspace: Slack, answer: web.Response, retries: int, message: str
):
    workspace.refuse_with = answer
    job = await slack.job(request("chat.postMessage", channel="C1", text="x"))
    assert (job.retries, message in job.error_message) == (retries, True), job.error_message
    assert TOKEN not in str(job)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (request("chat.postMessage", channel="C1"), "set data.text or data.blockContent"),
        (request("chat.postMessage", text="x"), "data.channel is empty"),
        (request("chat.postMessage", channel="C1", blockContent="x"), "must be a list of blocks"),
        (request("chat.postMessage", channel="C1", text="x", documents="x"), "data.documents: it must be a document or a list"),
        (request("conversations.invite", channelName="orders", users=[7, "#a"]), "names no user"),
        (request("chat.update", channel="C1"), "method"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_called(
    slack: ConnectorUnderTest, workspace: Slack, variables: dict[str, Any], message: str
):
    job = await slack.job(variables)
    assert job.state is JobState.INCIDENT
    assert message in job.error_message
    assert [method for method, _ in workspace.calls if method.startswith("chat")] == []


@pytest.mark.parametrize("says", [b"", b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"ok": true'])
@pytest.mark.parametrize("hangs_up", [True, False])
async def test_a_workspace_that_does_not_answer_to_the_end_is_tried_again(
    gateway: ZeebeGateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, says: bytes, hangs_up: bool
):
    monkeypatch.setattr("connector_runtime.outgoing.TIMEOUT_SECONDS", 0.2)
    (tmp_path / "SLACK_OAUTH_TOKEN").write_text(TOKEN)
    async with silent_server(says=says, hangs_up=hangs_up) as port:
        settings = {"baseUrl": f"http://127.0.0.1:{port}"}
        async with connector_under_test(gateway, "slack", "io.camunda:slack:1", settings=settings, secrets=tmp_path) as slack:
            job = await slack.job(request("chat.postMessage", channel="C1", text="x"))
    assert (job.retries, job.result["error"]["code"]) == (2, "no_answer"), job.error_message
