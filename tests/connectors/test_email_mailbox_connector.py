"""E-mails of a mailbox through a job, by IMAP and POP3 from a real Dovecot."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from connector_mail import Mailboxes, mailboxes
from connector_server import clients_of
from document_server import DocumentServer
from rebound_name import ReboundName
from silent_link import SilentLink
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:email:1"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def server() -> Iterator[Mailboxes]:
    with mailboxes() as server:
        yield server


@pytest.fixture
def secrets(server: Mailboxes, tmp_path: Path) -> Path:
    (tmp_path / "MAIL").write_text(server.password)
    return tmp_path


@pytest.fixture
def trusted(server: Mailboxes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom the pod trusts beside the system's authorities."""
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))


@pytest.fixture
async def email(gateway: ZeebeGateway, secrets: Path) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets) as connector:
        yield connector


def message(number: int, subject: str, text: str = "hello", sender: str = "Ada <ada@example.com>") -> EmailMessage:
    made = EmailMessage()
    made["Message-ID"], made["From"], made["Subject"] = f"<{number}@example.com>", sender, subject
    made["Date"] = START - timedelta(days=number)  # the later it arrived, the earlier it was sent
    made.set_content(text)
    return made


@pytest.fixture
def user(server: Mailboxes) -> str:
    """Somebody with three e-mails: of subjects order 1, invoice 2 and order 3, in the order of their arrival."""
    name = f"user-{uuid4().hex[:8]}"
    contents = [("order 1", "x" * 5000), ("invoice 2", "pay please"), ("order 3 – grüße", "thanks")]
    for number, (subject, text) in enumerate(contents, start=1):
        sender = "bob@example.com" if number == 3 else "Ada <ada@example.com>"
        server.deliver(name, message(number, subject, text, sender), START + timedelta(hours=number))
    return name


@pytest.fixture
def imap(server: Mailboxes, user: str) -> "Asking":
    return Asking("imap", server.imap, user)


@pytest.fixture
def pop3(server: Mailboxes, user: str) -> "Asking":
    return Asking("pop3", server.pop3, user)


class Asking:
    """The inputs of one protocol, as the official template's fields give them."""

    def __init__(self, protocol: str, port: int, user: str) -> None:
        self.protocol, self.port, self.user = protocol, port, user

    def __call__(self, what: str, *, encryption: str = "NONE", host: str = "127.0.0.1", **action: Any) -> dict[str, Any]:
        kind = self.protocol
        action = {"maxToBeRead": 100, "sortField": "SENT_DATE", "sortOrder": "ASC"} | action
        server = {f"{kind}Host": host, f"{kind}Port": str(self.port), f"{kind}CryptographicProtocol": encryption}
        name = f"{what}{kind.capitalize()}"
        return {
            "authentication": {"type": "simple", "username": self.user, "password": "{{secrets.MAIL}}"},
            "protocol": kind,
            "data": {f"{kind}Config": server, f"{kind}ActionDiscriminator": name, f"{kind}Action": action},
        }


def subjects(result: list[dict[str, Any]]) -> list[str]:
    return [item["subject"] for item in result]


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_a_list_says_who_wrote_what(email: ConnectorUnderTest, request: pytest.FixtureRequest, kind: str):
    asking: Asking = request.getfixturevalue(kind)
    result = await email.result(asking("listEmails", maxToBeRead=1))
    assert [{**item, "size": item["size"] > 0} for item in result] == [
        {"messageId": "<3@example.com>", "fromAddress": "bob@example.com", "subject": "order 3 – grüße", "size": True}
    ]


@pytest.mark.parametrize(
    ("kind", "order", "expected"),
    [
        ("imap", ("RECEIVED_DATE", "DESC"), [3, 2, 1]),
        ("imap", ("SENT_DATE", "DESC"), [1, 2, 3]),
        ("imap", ("SIZE", "DESC"), [1]),
        ("pop3", ("SENT_DATE", "ASC"), [3, 2, 1]),
        ("pop3", ("SIZE", "DESC"), [1]),
    ],
)
async def test_a_list_is_sorted_before_it_is_cut(
    email: ConnectorUnderTest, request: pytest.FixtureRequest, kind: str, order: tuple[str, str], expected: list[int]
):
    asking: Asking = request.getfixturevalue(kind)
    result = await email.result(asking("listEmails", sortField=order[0], sortOrder=order[1], maxToBeRead=len(expected)))
    assert [item["messageId"] for item in result] == [f"<{number}@example.com>" for number in expected]


@pytest.mark.parametrize("given", ["<1@example.com>", "1@example.com"])
async def test_imap_reads_an_email_with_all_there_is_and_leaves_it(email: ConnectorUnderTest, imap: Asking, given: str):
    for _ in range(2):
        result = await email.result(imap("readEmail", messageId=given))
    headers = {item["key"]: item["value"] for item in result.pop("headers")}
    assert (headers["Subject"], headers["From"]) == ("order 1", "Ada <ada@example.com>")
    assert result.pop("size") > 5000
    assert result == {
        "messageId": "<1@example.com>", "fromAddress": "ada@example.com", "subject": "order 1", "htmlBody": None,
        "plainTextBody": "x" * 5000 + "\r\n", "attachments": [], "receivedDateTime": "2026-01-01T13:00:00Z",
    }  # fmt: skip


async def test_pop3_deletes_what_it_reads(email: ConnectorUnderTest, pop3: Asking):
    result = await email.result(pop3("readEmail", messageId="<2@example.com>"))
    assert (result["subject"], result["plainTextBody"]) == ("invoice 2", "pay please\r\n")
    assert "invoice 2" not in subjects(await email.result(pop3("listEmails")))


@pytest.fixture
def rich(server: Mailboxes, user: str) -> str:
    """The id of an e-mail with HTML and a file."""
    made = message(9, "rich")
    made.add_alternative("<b>hello</b>", subtype="html")
    made.add_attachment(b"%PDF-1", maintype="application", subtype="pdf", filename="bill.pdf")
    server.deliver(user, made, START)
    return "<9@example.com>"


async def test_without_a_document_store_only_what_attachments_are_comes(email: ConnectorUnderTest, imap: Asking, rich: str):
    result = await email.result(imap("readEmail", messageId=rich))
    assert (result["plainTextBody"], result["htmlBody"]) == ("hello\r\n", "<b>hello</b>\r\n")
    metadata = {"contentType": "application/pdf", "size": 6, "fileName": "bill.pdf"}
    assert result["attachments"] == [{"metadata": metadata}]


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_attachments_become_documents(
    gateway: ZeebeGateway, secrets: Path, request: pytest.FixtureRequest, rich: str, kind: str
):
    asking: Asking = request.getfixturevalue(kind)
    async with (
        DocumentServer().running() as store,
        connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets, rest=store.address) as connector,
    ):
        (document,) = (await connector.result(asking("readEmail", messageId=rich)))["attachments"]
    content, reference = store.documents[document["documentId"]]
    assert (content, reference["metadata"]["fileName"]) == (b"%PDF-1", "bill.pdf")
    assert document["camunda.document.type"] == "camunda"


async def test_pop3_keeps_an_email_with_attachments_where_there_is_no_document_store(
    email: ConnectorUnderTest, pop3: Asking, rich: str
):
    job = await email.job(pop3("readEmail", messageId=rich))
    assert job.state is JobState.INCIDENT
    assert "set spec.camunda.restAddress" in job.error_message
    assert "rich" in subjects(await email.result(pop3("listEmails")))


async def test_pop3_keeps_an_email_whose_attachments_cannot_be_stored(
    gateway: ZeebeGateway, secrets: Path, pop3: Asking, rich: str
):
    async with (
        DocumentServer(refusal=503).running() as store,
        connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets, rest=store.address) as connector,
    ):
        job = await connector.job(pop3("readEmail", messageId=rich))
        assert job.retries == 2, job.error_message
        assert "rich" in subjects(await connector.result(pop3("listEmails")))


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_an_email_is_deleted_once_and_a_second_try_says_so(
    email: ConnectorUnderTest, request: pytest.FixtureRequest, kind: str
):
    asking: Asking = request.getfixturevalue(kind)
    delete = asking("deleteEmail", messageId="<2@example.com>")
    assert await email.result(delete) == {"deleted": True, "messageId": "<2@example.com>"}
    assert await email.result(delete) == {"deleted": False, "messageId": "<2@example.com>"}
    assert len(await email.result(asking("listEmails"))) == 2


@pytest.mark.parametrize("kind", ["imap", "pop3"])
@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        (None, [1, 2, 3]),
        ({"field": "FROM", "value": "ADA@example.com"}, [1, 2]),
        ({"field": "BODY", "value": "pay"}, [2]),
        ({"field": "SUBJECT", "value": "grüße"}, [3]),
        ({"operator": "AND", "criteria": [{"field": "SUBJECT", "value": "order"}, {"field": "FROM", "value": "bob"}]}, [3]),
        ({"operator": "AND", "criteria": [{"field": "FROM", "value": "example"}, {"operator": "OR", "criteria": [
            {"field": "SUBJECT", "value": "invoice"}, {"field": "SUBJECT", "value": "3"},
            {"field": "BODY", "value": "zzz"}]}]}, [2, 3]),
        ({"field": "SUBJECT", "value": 'a" OR ALL "'}, []),
    ],
)  # fmt: skip
async def test_a_search_finds_what_all_or_any_conditions_are_true_of(
    email: ConnectorUnderTest, request: pytest.FixtureRequest, kind: str, criteria: Any, found: list[int]
):
    asking: Asking = request.getfixturevalue(kind)
    result = await email.result(asking("searchEmails", criteria=criteria))
    assert [item["messageId"] for item in result] == [f"<{number}@example.com>" for number in found]
    assert all(set(item) == {"messageId", "subject"} for item in result)


@pytest.mark.parametrize(
    ("target", "made"), [("Done", "Done"), ("Projects.2026/May", "Projects/2026/May"), ("Größe & Co", '"Gr&APYA3w-e &- Co"')]
)
async def test_an_email_is_moved_into_a_folder_that_is_made_for_it_and_a_second_try_changes_nothing(
    email: ConnectorUnderTest, server: Mailboxes, imap: Asking, target: str, made: str
):
    move = imap("moveEmail", messageId="<1@example.com>", fromFolder="", toFolder=target)
    for _ in range(2):
        assert await email.result(move) == {"messageId": "<1@example.com>", "from": "INBOX", "to": target}
    assert made in server.folders(imap.user)
    assert subjects(await email.result(imap("listEmails", listEmailsFolder=target))) == ["order 1"]
    assert len(await email.result(imap("listEmails"))) == 2
    assert (await email.result(imap("readEmail", messageId="<1@example.com>", readEmailFolder=target)))["subject"] == "order 1"


@pytest.mark.parametrize(
    ("task", "action", "code"),
    [
        ("imap readEmail", {"messageId": "<7@example.com>"}, "NOT_FOUND"),
        ("imap readEmail", {"messageId": "@example.com"}, "NOT_FOUND"),
        ("imap moveEmail", {"messageId": "<7@example.com>", "toFolder": "Done"}, "NOT_FOUND"),
        ("pop3 readEmail", {"messageId": "<7@example.com>"}, "NOT_FOUND"),
        ("imap listEmails", {"listEmailsFolder": "nowhere"}, "FOLDER"),
    ],
)
async def test_what_is_not_there_has_a_code_and_is_never_tried_again(
    email: ConnectorUnderTest, request: pytest.FixtureRequest, task: str, action: Any, code: str
):
    kind, what = task.split()
    job = await email.job(request.getfixturevalue(kind)(what, **action))
    assert (job.result["error"]["code"], job.state) == (code, JobState.INCIDENT), job.error_message


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_a_wrong_password_is_tried_again_and_told_to_nobody(
    email: ConnectorUnderTest, request: pytest.FixtureRequest, kind: str
):
    asking: Asking = request.getfixturevalue(kind)
    authentication = {"type": "simple", "username": asking.user, "password": "canary-wrong"}
    job = await email.job(asking("listEmails") | {"authentication": authentication})
    assert (job.result["error"]["code"], job.retries) == ("LOGIN", 2), job.error_message
    assert "canary" not in job.error_message


@pytest.mark.parametrize("port", ["imap", "imaps", "pop3", "pop3s"])
async def test_tls_needs_a_certificate_that_is_trusted_and_of_that_host(
    email: ConnectorUnderTest, server: Mailboxes, user: str, monkeypatch: pytest.MonkeyPatch, port: str
):
    asking = Asking(port.removesuffix("s"), getattr(server, port), user)
    encryption = "SSL" if port.endswith("s") else "TLS"
    job = await email.job(asking("listEmails", encryption=encryption, host="localhost"))
    assert (job.result["error"]["code"], job.retries) == ("TLS", 2), job.error_message
    monkeypatch.setenv("SSL_CERT_FILE", str(server.authority))
    job = await email.job(asking("listEmails", encryption=encryption, host="127.0.0.1"))
    assert (job.result["error"]["code"], job.retries) == ("TLS", 2), job.error_message
    assert len(await email.result(asking("listEmails", encryption=encryption, host="localhost"))) == 3


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("imap", {}),
        ("imap", {"says": b"* OK half", "hangs_up": True}),
        ("pop3", {}),
        ("pop3", {"says": b"+OK whole\r\n+OK half", "hangs_up": True}),
    ],
)
async def test_a_server_that_says_nothing_or_half_of_it_is_given_up_after_a_while(
    email: ConnectorUnderTest, monkeypatch: pytest.MonkeyPatch, kind: str, says: dict[str, Any]
):
    monkeypatch.setattr(f"connectors._email_{kind}.ANSWER_SECONDS", 0.5)
    async with silent_server(**says) as port:
        job = await email.job(Asking(kind, port, "nobody")("listEmails"))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize("kind", ["imap", "pop3"])
async def test_a_server_that_is_not_there_is_tried_again(email: ConnectorUnderTest, unused_tcp_port: int, kind: str):
    job = await email.job(Asking(kind, unused_tcp_port, "nobody")("listEmails"))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize(
    ("what", "action", "message"),
    [
        ("readEmail", {}, "data.imapAction.messageId is empty"),
        ("readEmail", {"messageId": 'x"\r\nA1 DELETE canary'}, "data.imapAction.messageId"),
        ("listEmails", {"listEmailsFolder": "x\nA1 DELETE canary"}, "data.imapAction.listEmailsFolder"),
        ("moveEmail", {"messageId": "<1@example.com>"}, "data.imapAction.toFolder is empty"),
        ("searchEmails", {"criteria": {"field": "TO", "value": "x"}}, "the field is one of FROM, SUBJECT, BODY"),
        ("searchEmails", {"criteria": {"operator": "XOR", "criteria": []}}, "the operator is AND or OR"),
        ("searchEmails", {"criteria": {"operator": "OR", "criteria": []}}, "an operator needs criteria"),
        ("searchEmails", {"criteria": "x"}, "each is an object"),
        ("searchEmails", {"criteria": {"field": "BODY", "value": "a\r\nb"}}, "a text of one line"),
        ("listEmails", {"maxToBeRead": 0}, "data.imapAction.maxToBeRead"),
    ],
)  # fmt: skip
async def test_bad_input_is_named_and_never_tried_again(
    email: ConnectorUnderTest, imap: Asking, what: str, action: dict[str, Any], message: str
):
    job = await email.job(imap(what, **action))
    assert job.state is JobState.INCIDENT
    assert message in job.error_message
    assert "canary" not in job.error_message


async def test_imap_needs_a_login(email: ConnectorUnderTest, imap: Asking):
    job = await email.job(imap("listEmails") | {"authentication": {"type": "noAuth"}})
    assert job.state is JobState.INCIDENT
    assert "IMAP and POP3 need" in job.error_message


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("port", ["imap", "imaps", "pop3", "pop3s"])
async def test_the_address_that_was_checked_is_connected_to_and_tls_verifies_the_name(
    email: ConnectorUnderTest, server: Mailboxes, user: str, rebound: ReboundName, port: str
):
    asking = Asking(port.removesuffix("s"), getattr(server, port), user)
    encryption = "SSL" if port.endswith("s") else "TLS"
    assert len(await email.result(asking("listEmails", encryption=encryption, host=rebound.host))) == 3


async def test_a_host_that_the_egress_rules_deny_is_not_connected_to(email: ConnectorUnderTest, imap: Asking):
    job = await email.job(imap("listEmails", host="169.254.169.254"))
    assert job.state is JobState.INCIDENT
    assert "link-local addresses are denied" in job.error_message


async def test_jobs_share_imap_sessions_which_a_pod_that_stops_closes(
    gateway: ZeebeGateway, secrets: Path, server: Mailboxes, imap: Asking, pop3: Asking
):
    async with connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets) as connector:
        await connector.result(imap("listEmails"))
        first = clients_of(server.imap)
        await connector.result(imap("searchEmails", criteria=None))
        assert clients_of(server.imap) == first
        assert len(first) == 1
        await connector.result(pop3("listEmails"))
        assert clients_of(server.pop3) == set()
    assert clients_of(server.imap) == set()


async def test_an_imap_session_that_the_server_ended_is_opened_anew(email: ConnectorUnderTest, server: Mailboxes, imap: Asking):
    await email.result(imap("listEmails"))
    server.kick(imap.user)
    assert len(await email.result(imap("listEmails"))) == 3


async def test_an_imap_session_that_falls_silent_is_replaced(
    email: ConnectorUnderTest, server: Mailboxes, user: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors._email_imap.CONNECT_SECONDS", 0.5)
    async with SilentLink(server.imap).listening() as link:
        asking = Asking("imap", link.port, user)
        await email.result(asking("listEmails"))
        link.fall_silent()
        assert len(await email.result(asking("listEmails"))) == 3
