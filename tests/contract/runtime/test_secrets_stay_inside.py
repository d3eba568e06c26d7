"""J21: a canary secret goes through every way in which a job can fail, at DEBUG, and is nowhere to be seen afterwards."""

import base64
import binascii
import json
from html import escape
from pathlib import Path
from urllib.parse import quote, quote_plus

import grpc
import pytest
from job_worker import connector_entry, python_source, worker_config, worker_process
from zeebe_gateway import JobState, Misbehaviour, ZeebeGateway

CORE = "budgie"
"""What no encoding of single characters changes; digits would be found in some number."""
CANARY = f'cänary/{CORE}"+&<x>\\end'
JOB_TYPE = "leak:1"
CODE = """
import asyncio
import base64
import html
import json
import logging
from urllib.parse import quote, quote_plus

import httpx
from pydantic import BaseModel, Field

from connector_sdk import BpmnError, ConnectorError, Context, InputError, RetryError, connector


class Leak(BaseModel):
    how: str
    token: str = "{{secrets.CANARY}}"
    number: int | None = None


def chained(token):
    try:
        raise KeyError(token)
    except KeyError as error:
        raise ValueError(f"because of {token!r}") from error


async def unreachable(token, context):
    async with httpx.AsyncClient() as client:
        await client.get("http://127.0.0.1:1/" + quote(token), headers={"Authorization": "Bearer " + quote(token)})


def basic(token):
    return base64.b64encode(f"user:{token}".encode()).decode()


RAISED = {
    "plain": lambda token: ValueError(token),
    "code": lambda token: ConnectorError("C", f"no {token}", {"t": token, token: [basic(token)]}),
    "bpmn": lambda token: BpmnError("B", f"no {token}", {"t": token}),
    "input": lambda token: InputError(f"no {token}"),
    "retry": lambda token: RetryError(f"no {token}", retries=5),
    "group": lambda token: ExceptionGroup(token, [ValueError(token)]),
    "basic": lambda token: ValueError("Authorization: Basic " + basic(token)),
    "urlsafe": lambda token: ValueError(base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")),
    "url": lambda token: ValueError("http://h/?t=" + quote(token, safe="") + "&u=" + quote_plus(token)),
    "json": lambda token: ValueError(json.dumps({"t": token})),
    "json-in-json": lambda token: ValueError(json.dumps(json.dumps(token))),
    "xml": lambda token: ValueError(f"<t>{html.escape(token)}</t>"),
    "hex": lambda token: ValueError(token.encode().hex()),
    "repr": lambda token: ValueError(repr(token) + repr(token.encode())),
    "exit": lambda token: SystemExit(token),
}
RETURNED = {
    "key": lambda token: {token: float("nan")},
    "set": lambda token: {"a": {token}},
    "refused": lambda token: {"a": 1},
    "expression": lambda token: {"a": token},
}


@connector(id="leak:1", name="Leaks")
async def leak(given: Leak, context: Context) -> object:
    logging.getLogger("elsewhere").debug("debugging %s", given.token)
    context.logger.info("about to use %r and %s", given.token, basic(given.token))
    if given.how == "chained":
        chained(given.token)
    if given.how == "unreachable":
        await unreachable(given.token, context)
    if given.how == "client":
        await context.http.get("http://127.0.0.1:1/" + quote(given.token))
    if given.how == "hang":
        await asyncio.sleep(600)
    if given.how in RETURNED:
        return RETURNED[given.how](given.token)
    raise RAISED[given.how](given.token)
"""
RAISING = [
    "plain", "code", "bpmn", "input", "retry", "group", "basic", "urlsafe", "url", "json", "json-in-json", "xml", "hex", "repr",
    "exit", "chained", "unreachable", "client", "key", "set",
]  # fmt: skip
EXPRESSIONS = [
    {"resultExpression": "=assert(a, false)"},
    {"resultExpression": "={n: number(a), d: date(a), x: a.b}"},
    {"resultExpression": '=a + " is no context"'},
    {"errorExpression": "=jobError(string(a), {t: a}, 1)"},
    {"errorExpression": "=bpmnError(1 + a, a)"},
]


def forms(value: str) -> list[str]:
    """How a value may be written; independent of how the masker does it."""
    content = value.encode()
    encoded = [base64.b64encode(b"\0" * shift + content).decode() for shift in range(3)]
    # what depends on nothing but the value, whatever stands before and after it
    inner = [text[4 if shift else 0 : len(text) - 4] for shift, text in enumerate(encoded)]
    return [
        value, json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], json.dumps(json.dumps(value))[3:-3],
        quote(value), quote(value, safe=""), quote_plus(value), escape(value), repr(value)[1:-1], repr(content)[2:-1],
        binascii.hexlify(content).decode(), CORE, *inner, *(text.replace("+", "-").replace("/", "_") for text in inner),
    ]  # fmt: skip


def reported(gateway: ZeebeGateway) -> str:
    """All that the worker told the gateway: messages, and variables as they were sent."""
    failures = [f"{failure.errorMessage} {failure.variables}" for job in gateway.jobs.values() for failure in job.failures]
    ended = [f"{job.error_message} {json.dumps(job.result, ensure_ascii=False)}" for job in gateway.jobs.values()]
    return "\n".join(failures + ended)


@pytest.mark.parametrize("value", [CANARY, CANARY + "\n"], ids=["", "with a line end"])
async def test_no_form_of_a_secret_is_anywhere_after_all_ways_to_fail(gateway: ZeebeGateway, tmp_path: Path, value: str) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "CANARY").write_text(value)
    source = python_source(tmp_path / "code", "leaking:leak", leaking=CODE)
    mounted = {"directory": str(secrets), "names": ["CANARY"]}
    config = worker_config(
        gateway.address,
        connector_entry("leak", JOB_TYPE, source=source, secrets=mounted, timeoutSeconds=2, maxJobsActive=50),
        grace=8,
    )
    config["egress"] = {"allowedRanges": ["127.0.0.0/8"]}
    work = tmp_path / "work"
    work.mkdir()
    async with worker_process(config, work, "--log-level", "DEBUG") as worker:
        pod = await worker.until_ready()
        once = {"retryBackoff": "PT1H"}
        failing = [await gateway.create_job(JOB_TYPE, {"how": how}, once) for how in RAISING]
        failing += [await gateway.create_job(JOB_TYPE, {"how": "expression"}, once | headers) for headers in EXPRESSIONS]
        failing.append(await gateway.create_job(JOB_TYPE, {"how": "plain", "number": "{{secrets.CANARY}}"}, once))
        failing.append(await gateway.create_job(JOB_TYPE, {"how": "plain", "token": "{{secrets.OTHER}}"}, once))
        expressed = {"errorExpression": "=bpmnError(error.message, error.message, {e: error})"}
        failing.append(await gateway.create_job(JOB_TYPE, {"how": "code"}, once | expressed))
        over = (JobState.COMPLETED, JobState.ERROR_THROWN, JobState.INCIDENT)
        await gateway.until(lambda: all(job.failures or job.state in over for job in failing))
        gateway.plan("CompleteJob", Misbehaviour(grpc.StatusCode.INVALID_ARGUMENT, f"bad: {quote(value)}"))
        refused = await gateway.create_job(JOB_TYPE, {"how": "refused"}, once)
        await gateway.until(lambda: refused.state is JobState.INCIDENT)
        for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.INTERNAL):
            gateway.plan("FailJob", Misbehaviour(code, quote(value)), Misbehaviour(code, quote(value), after_commit=True))
            await gateway.create_job(JOB_TYPE, {"how": "plain"}, once)
        hanging = await gateway.create_job(JOB_TYPE, {"how": "hang"}, once)
        await gateway.until(lambda: hanging.state is JobState.ACTIVATED)
        seen = [json.dumps(await pod.status(), ensure_ascii=False), (await pod.get("/metrics"))[1]]
        code, lines = await worker.terminate()
    told, logged = reported(gateway), worker.log.read_text()
    seen += [told, logged, worker.log.with_suffix(".err").read_text()]
    seen += [file.read_text(errors="replace") for file in work.rglob("*") if file.is_file() and file.name != "config.json"]
    assert code == 0
    assert any(line["level"] == "DEBUG" and line["message"] == "debugging ***" for line in lines)
    assert min(told.count("***"), logged.count("***")) > len(RAISING)
    found = {form: text[max(text.index(form) - 80, 0) :][:200] for text in seen for form in forms(CANARY) if form in text}
    assert found == {}
