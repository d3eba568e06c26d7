"""E-mails sent through a job to an SMTP server, and what it refuses."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import Envelope
from connector_faults import silent_server
from connector_job import ConnectorUnderTest, connector_under_test
from connector_mail import EMAIL_BYTES, PASSWORD, Outbox, smtp_server
from connector_server import certificates, clients_of
from document_server import DocumentServer
from rebound_name import ReboundName
from silent_link import SilentLink
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:email:1"


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "MAIL").write_text(PASSWORD)
    return folder


@pytest.fixture
async def email(gateway: ZeebeGateway, secrets: Path) -> AsyncIterator[ConnectorUnderTest]:
    async with connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets) as connector:
        yield connector


@pytest.fixture
def outbox() -> Iterator[Outbox]:
    with smtp_server() as outbox:
        yield outbox


def sending(port: int, *, encryption: str = "NONE", host: str = "127.0.0.1", **action: Any) -> dict[str, Any]:
    """As the official template's fields give it."""
    simple = {
        "from": "shop@example.com",
        "to": "ada@example.com",
        "subject": "Your order",
        "contentType": "PLAIN",
        "body": "Sent.",
    }
    return {
        "authentication": {"type": "simple", "username": "shop", "password": "{{secrets.MAIL}}"},
        "protocol": "smtp",
        "data": {
            "smtpConfig": {"smtpHost": host, "smtpPort": port, "smtpCryptographicProtocol": encryption},
            "smtpActionDiscriminator": "sendEmailSmtp",
            "smtpAction": simple | action,
        },
    }


def parsed(envelope: Envelope) -> EmailMessage:
    assert isinstance(envelope.content, bytes)
    return message_from_bytes(envelope.content, policy=policy.default)


def only(outbox: Outbox) -> EmailMessage:
    (envelope,) = outbox.accepted
    return parsed(envelope)


async def test_an_email_is_sent_with_an_id_of_the_job(email: ConnectorUnderTest, outbox: Outbox):
    result = await email.result(sending(outbox.port))
    message = only(outbox)
    assert (message["From"], message["To"], message["Subject"]) == ("shop@example.com", "ada@example.com", "Your order")
    assert message.get_content().strip() == "Sent."
    assert message["Message-ID"].startswith("<zeebe-job-")
    expected = {"subject": "Your order", "sent": True, "messageId": message["Message-ID"], "refusedRecipients": []}
    assert result == expected


@pytest.mark.parametrize(
    ("action", "recipients"),
    [
        ({"to": "Ada <ada@example.com>, bob@example.com"}, ["ada@example.com", "bob@example.com"]),
        ({"to": ["ada@example.com", "bob@example.com"]}, ["ada@example.com", "bob@example.com"]),
        ({"cc": "cc@example.com", "bcc": ["b1@example.com", "b2@example.com"]},
         ["ada@example.com", "cc@example.com", "b1@example.com", "b2@example.com"]),
        ({"cc": "", "bcc": []}, ["ada@example.com"]),
    ],
)  # fmt: skip
async def test_recipients_are_one_several_or_a_list_and_bcc_stays_hidden(
    email: ConnectorUnderTest, outbox: Outbox, action: dict[str, Any], recipients: list[str]
):
    await email.result(sending(outbox.port, **action))
    assert outbox.accepted[0].rcpt_tos == recipients
    assert "b1@example.com" not in str(only(outbox))


async def test_texts_html_and_headers_arrive_as_they_were_written(email: ConnectorUnderTest, outbox: Outbox):
    await email.result(
        sending(outbox.port, subject="Grüße", contentType="MULTIPART", body="ä", htmlBody="<b>ä</b>",
                headers={"X-Order": "7", "Message-ID": "<own@example.com>"}, **{"from": ["a@example.com", "b@example.com"]})
    )  # fmt: skip
    message = only(outbox)
    assert (message["Subject"], message["X-Order"], message["Message-ID"]) == ("Grüße", "7", "<own@example.com>")
    assert message["Sender"] == "a@example.com"
    plain, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert (plain.get_content().strip(), html.get_content().strip()) == ("ä", "<b>ä</b>")
    outbox.accepted.clear()
    await email.result(sending(outbox.port, contentType="HTML", body=None, htmlBody="<i>x</i>"))
    assert only(outbox).get_content_type() == "text/html"


async def test_documents_are_attached(gateway: ZeebeGateway, secrets: Path, outbox: Outbox):
    async with DocumentServer().running() as store:
        document = store.put(b"%PDF-1", name="bill.pdf")
        inline = {"camunda.document.type": "inline", "content": "a,b", "name": "list.csv", "contentType": "text/csv"}
        async with connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets, rest=store.address) as connector:
            await connector.result(sending(outbox.port, attachments=[document, inline]))
            await connector.result(sending(outbox.port, attachments=document))
    first, second = (parsed(envelope) for envelope in outbox.accepted)
    found = [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in first.iter_attachments()]
    assert found == [("bill.pdf", "application/octet-stream", b"%PDF-1"), ("list.csv", "text/csv", b"a,b")]
    assert [part.get_filename() for part in second.iter_attachments()] == ["bill.pdf"]


async def test_a_server_without_login_needs_no_authentication(email: ConnectorUnderTest):
    with smtp_server(asks_for_login=False) as outbox:
        await email.result(sending(outbox.port) | {"authentication": {"type": "noAuth"}})
        assert len(outbox.accepted) == 1


async def test_a_wrong_password_is_tried_again_and_told_to_nobody(email: ConnectorUnderTest, outbox: Outbox):
    authentication = {"type": "simple", "username": "shop", "password": "canary-wrong"}
    job = await email.job(sending(outbox.port) | {"authentication": authentication})
    assert (job.result["error"]["code"], job.retries) == ("LOGIN", 2), job.error_message
    assert "canary" not in job.error_message


@pytest.mark.parametrize(
    ("refused", "reply", "outcome"),
    [
        ("shop@example.com", "550 not you", ("SENDER", 0)),
        ("ada@example.com", "550 nobody", ("RECIPIENTS", 0)),
        ("ada@example.com", "451 grey-listed", ("LATER", 2)),
        ("DATA", "554 spam", ("REJECTED", 0)),
        ("DATA", "452 disk full", ("LATER", 2)),
    ],
)
async def test_a_refusal_has_a_code_and_is_tried_again_only_when_that_helps(
    email: ConnectorUnderTest, outbox: Outbox, refused: str, reply: str, outcome: Any
):
    outbox.refuses[refused] = reply
    job = await email.job(sending(outbox.port))
    assert (job.result["error"]["code"], job.retries) == outcome, job.error_message
    assert reply[4:] in job.error_message


async def test_recipients_that_are_refused_while_others_are_taken_are_named(email: ConnectorUnderTest, outbox: Outbox):
    outbox.refuses["bob@example.com"] = "550 nobody"
    result = await email.result(sending(outbox.port, to="ada@example.com, bob@example.com"))
    assert (result["sent"], result["refusedRecipients"]) == (True, ["bob@example.com"])


async def test_an_email_that_is_too_large_is_never_tried_again(email: ConnectorUnderTest, outbox: Outbox):
    job = await email.job(sending(outbox.port, body="x" * (EMAIL_BYTES + 1)))
    assert (job.result["error"]["code"], job.state) == ("REJECTED", JobState.INCIDENT), job.error_message


@pytest.mark.parametrize(("encryption", "first"), [("TLS", False), ("SSL", True)])
async def test_tls_needs_a_certificate_that_is_trusted_and_of_that_host(
    email: ConnectorUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encryption: str, first: bool
):
    authority = certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(authority.certificate("server"), authority.key("server"))
    with smtp_server(context, from_the_first_byte=first) as outbox:
        job = await email.job(sending(outbox.port, encryption=encryption, host="localhost"))
        assert (job.result["error"]["code"], job.retries) == ("TLS", 2), job.error_message
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate("ca")))
        job = await email.job(sending(outbox.port, encryption=encryption, host="127.0.0.1"))
        assert (job.result["error"]["code"], job.retries) == ("TLS", 2), job.error_message
        await email.result(sending(outbox.port, encryption=encryption, host="localhost"))
        assert len(outbox.accepted) == 1


@pytest.mark.parametrize("encryption", ["TLS", "SSL"])
async def test_a_server_without_tls_gets_no_password(email: ConnectorUnderTest, outbox: Outbox, encryption: str):
    job = await email.job(sending(outbox.port, encryption=encryption))
    assert (job.result["error"]["code"], job.retries) == ("TLS", 2), job.error_message


async def test_a_server_that_is_not_there_is_tried_again(email: ConnectorUnderTest, unused_tcp_port: int):
    job = await email.job(sending(unused_tcp_port))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize("says", [{}, {"says": b"220 half", "hangs_up": True}])
async def test_a_server_that_says_nothing_or_half_of_it_is_given_up_after_a_while(
    email: ConnectorUnderTest, monkeypatch: pytest.MonkeyPatch, says: dict[str, Any]
):
    monkeypatch.setattr("connectors._email_smtp.CONNECT_SECONDS", 0.5)
    async with silent_server(**says) as port:
        job = await email.job(sending(port))
    assert (job.result["error"]["code"], job.retries) == ("UNREACHABLE", 2), job.error_message


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ({"to": ""}, "data.smtpAction.to names no address"),
        ({"from": []}, "data.smtpAction.from names no address"),
        ({"headers": {"X-A": "1\r\nBcc: canary@example.com"}}, "not well-formed"),
        ({"subject": "a\nBcc: canary@example.com"}, "not well-formed"),
        ({"contentType": "HTML"}, "data.smtpAction.htmlBody is empty"),
        ({"contentType": "RTF"}, "data.smtpAction.contentType"),
        ({"attachments": [7]}, "data.smtpAction.attachments"),
        ({"attachments": [{"camunda.document.type": "camunda", "documentId": "1"}]}, "cannot reach a document store"),
    ],
)
async def test_bad_input_is_named_and_nothing_is_sent(
    email: ConnectorUnderTest, outbox: Outbox, action: dict[str, Any], message: str
):
    job = await email.job(sending(outbox.port, **action))
    assert job.state is JobState.INCIDENT
    assert message in job.error_message
    assert outbox.accepted == []


async def test_the_address_that_was_checked_is_connected_to(email: ConnectorUnderTest, outbox: Outbox, rebound: ReboundName):
    await email.result(sending(outbox.port, host=rebound.host))
    assert len(outbox.accepted) == 1


async def test_a_host_that_the_egress_rules_deny_is_not_connected_to(email: ConnectorUnderTest):
    job = await email.job(sending(25, host="169.254.169.254"))
    assert job.state is JobState.INCIDENT
    assert "link-local addresses are denied" in job.error_message


async def test_jobs_share_connections_which_a_pod_that_stops_closes(gateway: ZeebeGateway, secrets: Path, outbox: Outbox):
    async with connector_under_test(gateway, "email", JOB_TYPE, secrets=secrets) as connector:
        for _ in range(4):
            await connector.result(sending(outbox.port))
        assert outbox.connections == 1
        await asyncio.gather(*(connector.result(sending(outbox.port)) for _ in range(4)))
        assert outbox.connections <= 4
        assert len(outbox.accepted) == 8
    assert clients_of(outbox.port) == set()


async def test_a_connection_that_the_server_closed_is_opened_anew(email: ConnectorUnderTest):
    with smtp_server() as outbox:
        await email.result(sending(outbox.port))
    with smtp_server(port=outbox.port) as again:
        await email.result(sending(outbox.port))
        assert len(again.accepted) == 1


async def test_a_connection_that_falls_silent_is_replaced(
    email: ConnectorUnderTest, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors._email_smtp.CONNECT_SECONDS", 0.5)
    async with SilentLink(outbox.port).listening() as link:
        await email.result(sending(link.port))
        link.fall_silent()
        await email.result(sending(link.port))
    assert len(outbox.accepted) == 2
