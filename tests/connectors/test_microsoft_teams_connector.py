"""Microsoft Teams: each method as Microsoft Graph documents it, three ways to log in, and refusals in a job.

https://learn.microsoft.com/en-us/graph/api/resources/teams-api-overview
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest
from connector_job import connector_under_test
from connector_services import CASE, FAULTS, Service, service_under_test
from recording_server import Answer
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:connector-microsoft-teams:1"
TOKEN = "eyJ.canary-4711"
CHAT, TEAM, CHANNEL = "19:5610@thread.v2", "fbe2bf47", "19:4a95@thread.tacv2"


def call(method: str, **data: Any) -> dict[str, Any]:
    return {"authentication": {"type": "token", "token": "{{secrets.TEAMS}}"}, "data": {"method": method, **data}}


@pytest.fixture
async def teams(gateway: ZeebeGateway, tmp_path: Path) -> AsyncIterator[Service]:
    (tmp_path / "TEAMS").write_text(TOKEN)
    async with service_under_test(gateway, "microsoft-teams", JOB_TYPE, secrets=tmp_path) as service:
        yield service


IN_CHAT, IN_TEAM = {"chatId": CHAT}, {"groupId": TEAM}
IN_CHANNEL = {**IN_TEAM, "channelId": CHANNEL}
AT = f"/teams/{TEAM}/channels/{CHANNEL}"


@pytest.mark.parametrize(
    ("variables", "line"),
    [
        (call("getChat", **IN_CHAT), f"GET /chats/{CHAT}"),
        (call("getChat", expand="withMembers", **IN_CHAT), f"GET /chats/{CHAT}?%24expand=members"),
        (call("getChat", expand="withLastMessagePreview", **IN_CHAT), f"GET /chats/{CHAT}?%24expand=lastMessagePreview"),
        (call("listChats"), "GET /chats"),
        (call("listMembersOfChat", type="chat", **IN_CHAT), f"GET /chats/{CHAT}/members"),
        (call("listChatMembers", **IN_CHAT), f"GET /chats/{CHAT}/members"),
        (call("getMessageFromChat", messageId=1616990032035, **IN_CHAT), f"GET /chats/{CHAT}/messages/1616990032035"),
        (
            call("listMessagesInChat", top="20", orderBy="createdDateTime", filter="createdDateTime lt 2026-01-01", **IN_CHAT),
            f"GET /chats/{CHAT}/messages?%24top=20&%24filter=createdDateTime+lt+2026-01-01&%24orderby=createdDateTime+desc",
        ),
        (call("listMessagesInChat", orderBy="withoutOrdering", **IN_CHAT), f"GET /chats/{CHAT}/messages"),
        (call("getChannel", **IN_CHANNEL), f"GET {AT}"),
        (call("listAllChannels", filter="membershipType eq 'private'", **IN_TEAM),
         f"GET /teams/{TEAM}/channels?%24filter=membershipType+eq+%27private%27"),
        (call("getMessageFromChannel", messageId="7", **IN_CHANNEL), f"GET {AT}/messages/7"),
        (call("listChannelMessages", top="5", isExpand="true", **IN_CHANNEL), f"GET {AT}/messages?%24top=5&%24expand=replies"),
        (call("listChannelMessages", isExpand="false", EXPAND_VALUE="", **IN_CHANNEL), f"GET {AT}/messages"),
        (call("listChannelMessages", withReplies=True, **IN_CHANNEL), f"GET {AT}/messages?%24expand=replies"),
        (call("listMessageRepliesInChannel", messageId="7", **IN_CHANNEL), f"GET {AT}/messages/7/replies"),
        (call("listMembersInChannel", **IN_CHANNEL), f"GET {AT}/members"),
        (call("getChat", chatId="a/../../me?x#y"), "GET /chats/a%2F..%2F..%2Fme%3Fx%23y"),
    ],
)  # fmt: skip
async def test_what_is_read_is_asked_for_where_graph_has_it(teams: Service, variables: dict[str, Any], line: str):
    teams.answers_json({"id": "1", "value": []})
    assert await teams.connector.result(variables) == {"result": {"id": "1", "value": []}}
    assert teams.lines == [line]
    assert ("Authorization", f"Bearer {TOKEN}") in teams.requests[0].headers


async def test_a_message_is_sent_to_a_channel_and_to_a_chat(teams: Service):
    await teams.connector.result(call("sendMessageToChannel", content="sent", **IN_CHANNEL))
    await teams.connector.result(call("sendMessageToChat", content="<b>sent</b>", bodyType="HTML", **IN_CHAT))
    assert teams.lines == [f"POST {AT}/messages", f"POST /chats/{CHAT}/messages"]
    assert teams.documents == [
        {"body": {"contentType": "text", "content": "sent"}},
        {"body": {"contentType": "html", "content": "<b>sent</b>"}},
    ]


@pytest.mark.parametrize("content", ['{"type":"AdaptiveCard"}', {"type": "AdaptiveCard"}])
async def test_a_card_is_a_text_for_graph_and_is_mentioned_once(teams: Service, content: Any):
    card = {"id": "c1", "contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    mark = '<attachment id="c1"></attachment>'
    for text in ("See: ", f"See: {mark}"):
        await teams.connector.result(call("sendMessageToChat", content=text, bodyType="HTML", attachments=[card], **IN_CHAT))
    sent = {
        "body": {"contentType": "html", "content": f"See: {mark}"},
        "attachments": [{**card, "content": '{"type":"AdaptiveCard"}'}],
    }
    assert teams.documents == [sent, sent]


FOLDER = {"id": "01H7", "webUrl": "https://shop.example.com/Shared%20Documents/Orders", "parentReference": {"driveId": "b!2S"}}
INLINE = {"camunda.document.type": "inline", "content": "hi", "name": "a b.txt"}


def stored(name: str, guid: str) -> dict[str, Any]:
    """A file as Graph shows it; its webUrl is not always where it is."""
    return {"name": name, "eTag": f'"{{{guid}}},1"', "webUrl": "https://shop.example.com/_layouts/15/Doc.aspx?sourcedoc=1"}


async def test_documents_become_files_of_the_channel_that_the_message_refers_to(teams: Service):
    guids = ["153FA47D-18C9-4179-BE08-9879815A9F90", "253FA47D-18C9-4179-BE08-9879815A9F91"]
    items = [stored("a b 1.txt", guids[0]), stored("attachment-2", guids[1])]
    teams.answers_with(*(Answer(200, orjson.dumps(answer)) for answer in (FOLDER, *items, {"id": "7"})))
    nameless = {"camunda.document.type": "inline", "content": "yo"}
    sending = call("sendMessageToChannel", content="<sent>\n", documents=[INLINE, nameless], **IN_CHANNEL)
    assert await teams.connector.result(sending) == {"result": {"id": "7"}}
    place, rename = "PUT /drives/b%212S/items/01H7:/", ":/content?%40microsoft.graph.conflictBehavior=rename"
    uploads = [f"{place}a%20b.txt{rename}", f"{place}attachment-2{rename}"]
    assert teams.lines == [f"GET {AT}/filesFolder", *uploads, f"POST {AT}/messages"]
    assert [request.body for request in teams.requests[1:3]] == [b"hi", b"yo"]
    references = [
        {"id": guid, "contentType": "reference", "contentUrl": f"{FOLDER['webUrl']}/{path}", "name": name}
        for guid, path, name in zip(guids, ("a%20b%201.txt", "attachment-2"), ("a b 1.txt", "attachment-2"), strict=True)
    ]
    marks = "".join(f'<attachment id="{guid}"></attachment>' for guid in guids)
    body = {"contentType": "html", "content": f"&lt;sent&gt;<br>{marks}"}
    assert orjson.loads(teams.requests[-1].body) == {"body": body, "attachments": references}


@pytest.mark.parametrize("answers", [[{}], [FOLDER, {"name": "a", "eTag": "W/1"}]])
async def test_no_message_is_sent_where_graph_does_not_say_where_a_file_is(teams: Service, answers: list[Any]):
    teams.answers_with(*(Answer(200, orjson.dumps(answer)) for answer in answers))
    job = await teams.connector.job(call("sendMessageToChannel", content="x", documents=INLINE, **IN_CHANNEL))
    assert (job.result["error"]["code"], job.retries) == ("UNEXPECTED_ANSWER", 2), job.error_message
    assert len(teams.lines) == len(answers)


async def test_a_chat_has_members_and_a_private_channel_an_owner(teams: Service):
    people = [{"userId": "u-1", "roles": ["owner"]}, {"userPrincipalName": "o'hara@example.com", "roles": ["guest"]}]
    await teams.connector.result(call("createChat", chatType="group", topic="Orders", members=people))
    await teams.connector.result(call("createChannel", name="Orders", channelType="private", owner="u-1", **IN_TEAM))
    await teams.connector.result(call("createChannel", name="All", description="of us", channelType="standard", **IN_TEAM))
    kind, graph = "#microsoft.graph.aadUserConversationMember", teams.server.base(CASE)
    bound = [f"{graph}/users('u-1')", f"{graph}/users('o''hara@example.com')"]
    owner = {"@odata.type": kind, "roles": ["owner"], "user@odata.bind": bound[0]}
    guest = {"@odata.type": kind, "roles": ["guest"], "user@odata.bind": bound[1]}
    assert teams.lines == ["POST /chats", *[f"POST /teams/{TEAM}/channels"] * 2]
    assert teams.documents == [
        {"chatType": "group", "topic": "Orders", "members": [owner, guest]},
        {"displayName": "Orders", "membershipType": "private", "members": [owner]},
        {"displayName": "All", "membershipType": "standard", "description": "of us"},
    ]


@pytest.mark.parametrize(
    ("login", "form"),
    [
        (
            {"type": "clientCredentials", "clientSecret": "{{secrets.TEAMS}}"},
            {"grant_type": ["client_credentials"], "scope": ["https://graph.microsoft.com/.default"], "client_secret": [TOKEN]},
        ),
        ({"type": "refresh", "token": "{{secrets.TEAMS}}"}, {"grant_type": ["refresh_token"], "refresh_token": [TOKEN]}),
    ],
)
async def test_a_token_is_asked_for_once_and_used_by_the_jobs_after(
    gateway: ZeebeGateway, teams: Service, tmp_path: Path, login: dict[str, Any], form: dict[str, Any]
):
    granted = Answer(200, b'{"access_token": "granted", "expires_in": 3599, "token_type": "Bearer"}')
    teams.answers_with(granted, Answer(200, b"{}"))
    address, job_type = teams.server.base(CASE), f"{JOB_TYPE}-{login['type']}"
    settings = {"baseUrl": address, "loginUrl": f"{address}/login"}
    variables = call("listChats") | {"authentication": {**login, "tenantId": "t-1", "clientId": "c-1"}}
    async with connector_under_test(gateway, "microsoft-teams", job_type, settings=settings, secrets=tmp_path) as connector:
        for _ in range(3):
            await connector.result(variables)
    assert teams.lines == ["POST /login/t-1/oauth2/v2.0/token", *["GET /chats"] * 3]
    assert parse_qs(teams.requests[0].body.decode()) == {**form, "client_id": ["c-1"]}
    assert all(("Authorization", "Bearer granted") in request.headers for request in teams.requests[1:])


async def test_a_login_that_is_refused_is_told_without_the_secret(gateway: ZeebeGateway, teams: Service, tmp_path: Path):
    text = "AADSTS7000215: Invalid client secret provided."
    teams.answers_json({"error": "invalid_client", "error_description": text}, 401)
    login = {"type": "clientCredentials", "tenantId": "t", "clientId": "c", "clientSecret": "{{secrets.TEAMS}}"}
    settings = {"baseUrl": teams.server.base(CASE), "loginUrl": teams.server.base(CASE)}
    async with connector_under_test(gateway, "microsoft-teams", "refused", settings=settings, secrets=tmp_path) as connector:
        job = await connector.job(call("listChats") | {"authentication": login})
    assert (job.result["error"]["code"], job.retries, text in job.error_message) == ("LOGIN", 2, True), job.error_message
    assert TOKEN not in str(job)


@pytest.mark.parametrize(("answer", "retries", "code"), FAULTS)
async def test_what_graph_does_wrong_has_a_code_and_a_number_of_retries(
    teams: Service, answer: Answer, retries: int, code: str | None
):
    teams.answers_with(answer)
    job = await teams.connector.job(call("sendMessageToChannel", content="x", **IN_CHANNEL))
    assert (job.result["error"].get("code"), job.retries) == (code, retries), job.error_message
    assert TOKEN not in str(job)


async def test_graphs_own_code_is_in_the_message_and_in_the_variables(teams: Service):
    teams.answers_json({"error": {"code": "NotFound", "message": "No team found", "innerError": {}}}, 404)
    job = await teams.connector.job(call("getChannel", **IN_CHANNEL))
    assert (job.state, job.result["error"]["variables"]["body"]["error"]["code"]) == (JobState.INCIDENT, "NotFound")
    assert "Microsoft Graph answered 404: NotFound: No team found" in job.error_message


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (call("getChat"), "cannot use '' as data.chatId"),
        (call("getChat", chatId=".."), "cannot use '..' as data.chatId"),
        (call("sendMessageToChat", **IN_CHAT), "data.content is empty"),
        (call("sendMessageToChat", content="x", documents=[INLINE], **IN_CHAT), "only channels have files"),
        (call("sendMessageToChannel", content="x", documents="x", **IN_CHANNEL), "data.documents: it must be a document"),
        (call("sendMessageToChat", content="x", attachments=[{"id": "1"}], **IN_CHAT), "data.attachments[0]"),
        (call("sendMessageToChat", content="x", attachments={}, **IN_CHAT), "data.attachments: it must be a list"),
        (
            call("sendMessageToChat", content="x", attachments=[{"id": "1", "contentType": "t", "content": "c"}], **IN_CHAT),
            "set data.bodyType to HTML",
        ),
        (call("createChat", members=[{"roles": []}]), "data.members[0]"),
        (call("createChat", members=[]), "data.members is empty"),
        (call("createChannel", **IN_TEAM), "data.name is empty"),
        (call("createChannel", name="x", channelType="shared", **IN_TEAM), "data.owner is empty"),
        (call("deleteChannel", **IN_CHANNEL), "data.method"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_called(teams: Service, variables: dict[str, Any], message: str):
    job = await teams.connector.job(variables)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message
    assert teams.requests == []
