"""Our worker does with each recorded job what Camunda's runtime did with it, but for what docs/differences.md lists.

The facts come from `make differential`, which runs the same cases through both on a real Zeebe.
"""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
import rest_observation as observation
from job_worker import connector_entry, worker_config, worker_in_process
from recording_server import RecordingServer
from rest_case import SECRETS, RestCase, answers
from rest_comparison import REASONS, compare, official_facts, reason_of
from rest_observation import Observation, requests_of
from rest_outcome_cases import outcome_cases
from rest_shape_cases import shape_cases
from zeebe_gateway import JobRecord, JobState, ZeebeGateway

CASES = (*outcome_cases(), *shape_cases())
OVER = (JobState.COMPLETED, JobState.INCIDENT, JobState.ERROR_THROWN)
FACTS = official_facts()
PAGE = (Path(__file__).parents[3] / "docs" / "differences.md").read_text()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mapping[str, Observation]]:
    """All cases at once through our worker."""
    secrets = tmp_path_factory.mktemp("secrets")
    for name, value in SECRETS.items():
        (secrets / name).write_text(value)
    mounted = {"directory": str(secrets), "names": list(SECRETS)}
    entry = connector_entry("http", "io.camunda:http-json:1", secrets=mounted, maxJobsActive=500)
    gateway = ZeebeGateway()
    await gateway.start()
    config = worker_config(gateway.address, entry) | {"egress": {"allowedRanges": ["127.0.0.0/8"]}}
    try:
        async with RecordingServer(answers(CASES)) as server, worker_in_process(config) as pod:
            await pod.until_ready()
            jobs = {case.name: await _created(gateway, case, server) for case in CASES}
            await gateway.until(lambda: all(job.state in OVER for job in jobs.values()), 60)
            yield {name: _observed(job, server, name) for name, job in jobs.items()}
    finally:
        await gateway.stop()


async def _created(gateway: ZeebeGateway, case: RestCase, server: RecordingServer) -> JobRecord:
    return await gateway.create_job("io.camunda:http-json:1", case.input(server.base(case.name)), case.headers, case.retries)


def _observed(job: JobRecord, server: RecordingServer, name: str) -> Observation:
    commands = [observation.fail(request, server.port) for request in job.failures]
    if job.state is JobState.COMPLETED:
        commands.append(observation.complete(job.result, server.port))
    elif job.state is JobState.ERROR_THROWN:
        commands.append(observation.throw(job.error_code, job.error_message, job.result, server.port))
    return Observation(requests_of(server.requests[name], server.port), commands)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", [case.name for case in CASES if reason_of(case.name) is None])
async def test_a_job_ends_as_with_the_official_runtime(seen: Mapping[str, Observation], name: str) -> None:
    assert [difference.text() for difference in compare(name, FACTS[name], seen[name])] == []


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("reason", REASONS)
async def test_a_listed_difference_is_there_and_explained(seen: Mapping[str, Observation], reason: str) -> None:
    names = [case.name for case in CASES if reason_of(case.name) == reason]
    assert [name for name in names if not list(compare(name, FACTS[name], seen[name]))] == []
    assert f"### {reason}\n" in PAGE


def test_there_are_as_many_cases_as_promised() -> None:
    shapes = [name for name, fact in FACTS.items() if name.startswith("shape-") and fact.requests]
    assert len(shapes) >= 100
    assert len(FACTS) - len(shapes) >= 60
    assert {case.name for case in CASES} == FACTS.keys()
