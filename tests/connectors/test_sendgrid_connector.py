"""SendGrid: the request as its API documents it, and its refusals in a job.

https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from connector_job import connector_under_test
from connector_services import FAULTS, Service, service_under_test, untrusted_server
from document_server import DocumentServer
from recording_server import Answer
from zeebe_gateway import JobState, ZeebeGateway

JOB_TYPE = "io.camunda:sendgrid:1"
KEY = "SG.canary-4711"
ADA, BOB = {"name": "Ada", "email": "ada@example.com"}, {"name": "Bob", "email": "bob@example.com"}
TEXT = {"subject": "Sent", "type": "text/plain", "value": "It is on its way"}


def mail(**more: Any) -> dict[str, Any]:
    return {"apiKey": "{{secrets.SEND_GRID_API_KEY}}", "from": ADA, "to": BOB, **more}


def sendgrid_secrets(folder: Path) -> Path:
    secrets = folder / "secrets"
    secrets.mkdir(exist_ok=True)
    (secrets / "SEND_GRID_API_KEY").write_text(KEY)
    return secrets


@pytest.fixture
async def sendgrid(gateway: ZeebeGateway, tmp_path: Path) -> AsyncIterator[Service]:
    async with service_under_test(gateway, "sendgrid", JOB_TYPE, secrets=sendgrid_secrets(tmp_path)) as service:
        service.answers_with(Answer(202, b""))
        yield service


async def test_a_mail_written_here_is_sent_as_sendgrid_wants_it(sendgrid: Service):
    assert await sendgrid.connector.result(mail(content=TEXT)) is None
    assert sendgrid.lines == ["POST /v3/mail/send"]
    assert ("Authorization", f"Bearer {KEY}") in sendgrid.requests[0].headers
    (document,) = sendgrid.documents
    assert document == {
        "from": ADA, "personalizations": [{"to": [BOB]}], "subject": "Sent",
        "content": [{"type": "text/plain", "value": "It is on its way"}],
    }  # fmt: skip


async def test_a_template_gets_its_data_and_no_content(sendgrid: Service):
    template = {"id": "d-1", "data": {"total": 75.12, "name": "Sam"}}
    await sendgrid.connector.result(mail(template=template, to={"email": "bob@example.com"}))
    (document,) = sendgrid.documents
    receiver = {"to": [{"email": "bob@example.com"}], "dynamic_template_data": {"total": 75.12, "name": "Sam"}}
    assert document == {"from": ADA, "personalizations": [receiver], "template_id": "d-1"}


async def test_documents_are_attached_with_their_names_and_types(gateway: ZeebeGateway, tmp_path: Path):
    async with (
        DocumentServer().running() as store,
        service_under_test(gateway, "sendgrid", JOB_TYPE, secrets=sendgrid_secrets(tmp_path), rest=store.address) as sendgrid,
    ):
        sendgrid.answers_with(Answer(202, b""))
        inline = {"camunda.document.type": "inline", "content": "hi", "name": "hi.txt", "contentType": "text/plain"}
        await sendgrid.connector.result(mail(content=TEXT, attachments=[store.put(b"\x00", name="a.pdf"), inline]))
        (document,) = sendgrid.documents
    assert document["attachments"] == [
        {"content": "AA==", "type": "application/octet-stream", "filename": "a.pdf"},
        {"content": "aGk=", "type": "text/plain", "filename": "hi.txt"},
    ]


@pytest.mark.parametrize(("answer", "retries", "code"), FAULTS)
async def test_what_sendgrid_does_wrong_has_a_code_and_a_number_of_retries(
    sendgrid: Service, answer: Answer, retries: int, code: str | None
):
    sendgrid.answers_with(answer)
    job = await sendgrid.connector.job(mail(content=TEXT))
    assert (job.result["error"].get("code"), job.retries) == (code, retries), job.error_message
    assert KEY not in str(job)


async def test_all_that_sendgrid_says_about_a_wrong_mail_is_in_the_message(sendgrid: Service):
    errors = [{"message": "The from address does not match", "field": "from"}, {"message": "no subject", "field": None}]
    sendgrid.answers_json({"errors": errors}, 400)
    headers = {
        "errorExpression": '=if error.code = "REFUSED" then bpmnError("MAIL", error.variables.body.errors[1].field) else null'
    }
    job = await sendgrid.connector.job(mail(content=TEXT), headers)
    assert (job.state, job.error_code, job.error_message) == (JobState.ERROR_THROWN, "MAIL", "from")
    job = await sendgrid.connector.job(mail(content=TEXT))
    assert "SendGrid answered 400: The from address does not match; no subject" in job.error_message


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        (mail(), "give content.subject and content.value, or template.id"),
        (mail(content={"subject": "x", "value": None}, template={"id": ""}), "or template.id"),
        (mail(content=TEXT, attachments=[{"documentId": "x"}]), "attachments: it must be a document or a list"),
        (mail(content=TEXT, to={"name": "Bob"}), "to.email: is missing"),
        (mail(content=TEXT, to={"email": "bob"}), "to.email"),
    ],
)
async def test_a_mail_that_lacks_something_is_not_sent(sendgrid: Service, variables: dict[str, Any], message: str):
    job = await sendgrid.connector.job(variables)
    assert (job.state, message in job.error_message) == (JobState.INCIDENT, True), job.error_message
    assert sendgrid.requests == []


async def test_nobody_there_and_a_certificate_that_nobody_vouches_for_are_tried_again(
    gateway: ZeebeGateway, sendgrid: Service, tmp_path: Path, unused_tcp_port: int
):
    async with untrusted_server(tmp_path) as stranger:
        for number, address in enumerate((f"http://127.0.0.1:{unused_tcp_port}", stranger.base("x"))):
            settings, job_type = {"baseUrl": address}, f"elsewhere-{number}"
            secrets = sendgrid_secrets(tmp_path)
            async with connector_under_test(gateway, "sendgrid", job_type, settings=settings, secrets=secrets) as connector:
                job = await connector.job(mail(content=TEXT))
            assert (job.result["error"]["code"], job.retries) == ("NO_ANSWER", 2), job.error_message
        assert stranger.requests == {}
    assert "certificate" in job.error_message.lower()
