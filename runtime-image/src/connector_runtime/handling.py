"""One job from its activation to the one command that reports its end (the stops of ARCHITECTURE.md, "the way of a job")."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from connector_runtime.crash_journal import CrashJournal
from connector_runtime.dispatch import Dispatch
from connector_runtime.durations import milliseconds
from connector_runtime.gateway import ActivatedJob, FailRequest, Gateway, GatewayError, Reply, ThrowRequest
from connector_runtime.headers import Header, JobHeaders, headers_of, read_headers
from connector_runtime.json_values import Json
from connector_runtime.judging import Judge
from connector_runtime.locks import Interruption
from connector_runtime.logs import job_logging
from connector_runtime.metrics import Action, JobMetrics
from connector_runtime.outcomes import (
    BpmnErrorThrown,
    Completed,
    Failed,
    Ignored,
    Outcome,
    Rules,
    of_exception,
    of_response,
)
from connector_runtime.running import Counts, RunningJob
from connector_runtime.secrets import MountedSecrets
from connector_runtime.tracing import OFF, Tracing
from connector_sdk import BpmnError, ConnectorError, InputError

logger = logging.getLogger(__name__)

MAX_SHOWN_ERROR = 1_000
HAND_BACK_SECONDS = 3.0
"""For how long a pod whose grace period ends tries to give its jobs back."""
POISON = "cannot run this job: three times the worker ended while it ran; correct what the connector function does with it"
UNREACHED = {
    Reply.GONE: "another worker has run it, or its process is over",
    Reply.EXPIRED: "nobody answered until its lock ran out; it runs again unless the report has arrived all the same",
}
_NOTHING = contextlib.nullcontext()
NOT_STARTED = "handed back: the worker could not start it in time"


@dataclass(frozen=True, slots=True)
class Handled:
    """What the jobs of one Connector are handled with."""

    gateway: Gateway
    execution: Dispatch
    secrets: MountedSecrets
    lock: timedelta
    metrics: JobMetrics
    journal: CrashJournal
    judge: Judge
    name: str
    """Of the Connector, as messages call it."""
    tracing: Tracing = OFF


class JobHandler:
    """Handles the jobs of one Connector, at most `capacity` at once."""

    def __init__(self, handled: Handled, capacity: int) -> None:
        self._handled = handled
        self._gateway = handled.gateway
        self.capacity = capacity
        self._running: set[RunningJob] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._handing_back: set[asyncio.Task[None]] = set()
        self._draining = False
        self.counts = Counts()

    @property
    def active(self) -> int:
        """How many jobs are held now."""
        return len(self._tasks)

    @property
    def oldest_seconds(self) -> float:
        """For how long the oldest job is held; 0 without jobs."""
        now = time.monotonic()
        return max((now - running.begun for running in self._running), default=0.0)

    def accept(self, job: ActivatedJob, age: float, ended: Callable[[], None]) -> None:
        """Take over a job that was activated `age` seconds ago and start it now; `ended` is called when it is done."""
        running = RunningJob(job, self._gateway, self._handled.lock, age)
        if self._draining:
            running.interrupt(Interruption.DRAINING)
        task = asyncio.create_task(self._handle(running), name=f"job {job.key}")
        self._running.add(running)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, ended))

    def _ended(self, task: asyncio.Task[None], ended: Callable[[], None]) -> None:
        self._tasks.discard(task)
        ended()
        if not task.cancelled() and (error := task.exception()):
            logger.error("cannot handle a job: this is a defect of the runtime", exc_info=error)

    def hand_back(self, job: ActivatedJob, backoff: float) -> None:
        """Let another worker have a job that was not started, or this one after `backoff` seconds."""
        task = asyncio.create_task(self._hand_back(job, backoff), name=f"job {job.key} handed back")
        self._handing_back.add(task)
        task.add_done_callback(self._handing_back.discard)

    async def _hand_back(self, job: ActivatedJob, backoff: float) -> None:
        request = FailRequest(job.key, job.retries, NOT_STARTED, int(backoff * 1000))
        with contextlib.suppress(GatewayError):
            until = time.monotonic() + self._handled.lock.total_seconds() - job.age
            await self._gateway.fail(request, lambda: until)

    async def drain(self, seconds: float) -> None:
        """Give running jobs so much time to end, then hand the rest back to Zeebe with their retries unchanged."""
        if held := self._tasks | self._handing_back:
            await asyncio.wait(held, timeout=seconds)
        self._draining = True
        for running in list(self._running):
            running.interrupt(Interruption.DRAINING)
        left = self._tasks | self._handing_back
        if left:
            # Without a gateway the locks of what is left run out, as if the pod had been killed.
            await asyncio.wait(left, timeout=HAND_BACK_SECONDS)

    async def _handle(self, running: RunningJob) -> None:
        job = running.job
        fields = {
            "jobKey": job.key,
            "jobType": job.type,
            "processInstanceKey": job.process_instance_key,
            "elementId": job.element_id,
        }
        with job_logging(fields):
            try:
                await self._run_and_report(running)
            finally:
                running.lock.release()
                self._running.discard(running)

    async def _run_and_report(self, running: RunningJob) -> None:
        headers, problem = _headers_of(running.job)
        labels = _template_labels(headers)
        self._handled.metrics.began(labels)
        outcome = await self._outcome(running, headers, problem)
        if outcome is None:
            await self._let_go(running)
            return
        self._handled.metrics.ended(labels, _action(outcome), time.monotonic() - running.begun)
        if self._handled.tracing.is_on:
            self._trace(running, labels, outcome)
        self._count(outcome)
        await self._report(running, outcome)

    async def _outcome(self, running: RunningJob, headers: JobHeaders, problem: Exception | None) -> Outcome | None:
        """What became of the job; None when there is nothing to say because it was interrupted."""
        rules = Rules(headers, running.job.retries, self._handled.secrets.masker)
        if problem is None and self._handled.journal.is_proven(running.job.key):
            problem = InputError(POISON)
        if problem is not None:
            return await self._handled.judge.outcome(of_exception, problem, rules)
        try:
            response = await self._execute(running, headers)
        except asyncio.CancelledError:
            if running.interruption in (Interruption.DRAINING, Interruption.LOST):
                return None
            return await self._handled.judge.outcome(of_exception, _cancellation(running), rules)
        except Exception as error:
            level = logging.DEBUG if isinstance(error, ConnectorError | BpmnError) else logging.INFO
            logger.log(level, "the connector function raised", exc_info=error, extra={"action": "raised"})
            return await self._handled.judge.outcome(of_exception, error, rules)
        return await self._handled.judge.outcome(of_response, response, rules)

    async def _execute(self, running: RunningJob, headers: JobHeaders) -> Json:
        if headers.job_timeout is not None and not await running.lock.change(headers.job_timeout):
            running.interrupt(Interruption.LOST)
        if running.interruption is not None:
            raise asyncio.CancelledError
        running.lock.keep()
        journal = self._handled.journal
        async with journal.alone if journal.is_suspect(running.job.key) else _NOTHING:
            slot = journal.begin(running.job.key)
            try:
                work = self._handled.execution.run(running.job, headers, running.lock.duration)
                return await running.execute(work, f"{self._handled.name} job {running.job.key}")
            finally:
                journal.end(slot)

    async def _let_go(self, running: RunningJob) -> None:
        if running.interruption is Interruption.LOST:
            logger.warning("the job is not ours any more; nothing is reported", extra={"action": "lost"})
            return
        request = FailRequest(running.job.key, running.job.retries, "handed back: the worker stops")
        await self._send(running, "handed-back", request)

    def _trace(self, running: RunningJob, labels: tuple[str, str], outcome: Outcome) -> None:
        job = running.job
        fields = {
            "jobKey": job.key,
            "jobType": job.type,
            "processInstanceKey": job.process_instance_key,
            "bpmnProcessId": job.bpmn_process_id,
            "elementId": job.element_id,
            "elementTemplateId": labels[0],
            "elementTemplateVersion": labels[1],
            "action": _action(outcome).value,
        }
        now = time.time()
        times = (now - (time.monotonic() - running.begun), now)
        self._handled.tracing.ended(times, fields, failed=isinstance(outcome, Failed))

    def _count(self, outcome: Outcome) -> None:
        if isinstance(outcome, Failed):
            self.counts.failed += 1
            self.counts.last_error = outcome.message[:MAX_SHOWN_ERROR]
        else:
            self.counts.completed += 1

    async def _report(self, running: RunningJob, outcome: Outcome) -> None:
        # The lock is renewed while nobody answers: whoever has run the function has all that time to say so.
        key, until = running.job.key, running.lock.ends
        try:
            match outcome:
                case Completed(variables) | Ignored(variables):
                    reply = await self._gateway.complete(key, variables, until)
                case BpmnErrorThrown(code, message, variables):
                    reply = await self._gateway.throw(ThrowRequest(key, code, message, variables), until)
                case Failed(retries, message, backoff, variables):
                    request = FailRequest(key, retries, message, milliseconds(backoff), variables)
                    reply = await self._gateway.fail(request, until)
        except GatewayError as error:
            await self._report_refusal(running, error)
            return
        self._log_end(reply, outcome)

    async def _report_refusal(self, running: RunningJob, error: GatewayError) -> None:
        """What Zeebe does not take, it will not take the next time either."""
        text = f"cannot report the end of this job: Zeebe refuses it: {error.message}"
        message = self._handled.secrets.masker.text(text)
        self.counts.last_error = message[:MAX_SHOWN_ERROR]
        await self._send(running, "refused", FailRequest(running.job.key, 0, message))

    async def _send(self, running: RunningJob, action: str, request: FailRequest) -> None:
        try:
            reply = await self._gateway.fail(request, running.lock.ends)
        except GatewayError as error:
            logger.error("cannot report on the job: %s", error.message, extra={"action": action})
            return
        self._log_reply(reply, action)

    def _log_end(self, reply: Reply, outcome: Outcome) -> None:
        action = _action(outcome).value
        self._log_reply(reply, action)
        match outcome:
            case Failed(retries):
                logger.warning("the job failed, %d retries are left", retries, extra={"action": action})
            case BpmnErrorThrown(code):
                logger.info("BPMN error '%s'", code, extra={"action": action})
            case _:
                logger.debug("the job is completed", extra={"action": action})

    def _log_reply(self, reply: Reply, action: str) -> None:
        if reply is not Reply.DONE:
            logger.warning("the report did not reach the job (%s): %s", reply, UNREACHED[reply], extra={"action": action})


def _headers_of(job: ActivatedJob) -> tuple[JobHeaders, Exception | None]:
    """The job's headers, and what is wrong with them."""
    try:
        return headers_of(job.headers), None
    except Exception as error:
        return _unparsed(job), error


def _unparsed(job: ActivatedJob) -> JobHeaders:
    """What labels and error messages can have of headers that are wrong."""
    with contextlib.suppress(InputError):
        return JobHeaders(read_headers(job.headers))
    return JobHeaders({})


def _template_labels(headers: JobHeaders) -> tuple[str, str]:
    return headers.values.get(Header.TEMPLATE_ID, ""), headers.values.get(Header.TEMPLATE_VERSION, "")


def _cancellation(running: RunningJob) -> Exception:
    if running.interruption is Interruption.OVERDUE:
        seconds = time.monotonic() - running.begun
        return TimeoutError(f"the connector function did not end within {seconds:.0f} s and was cancelled")
    return RuntimeError("the connector function cancelled itself")


def _action(outcome: Outcome) -> Action:
    match outcome:
        case Completed() | Ignored():
            return Action.COMPLETED
        case BpmnErrorThrown():
            return Action.BPMN_ERROR
        case Failed():
            return Action.FAILED
