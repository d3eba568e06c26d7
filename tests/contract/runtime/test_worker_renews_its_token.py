"""J17: tokens that expire while the identity provider is ill, and a gateway that takes no other."""

import asyncio
from pathlib import Path

from identity_provider import IdentityProvider
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway


async def test_jobs_under_way_outlive_their_token_and_a_provider_that_is_ill(gateway: ZeebeGateway, tmp_path: Path) -> None:
    for name, value in {"clientId": "me", "clientSecret": "s3cret"}.items():
        (tmp_path / name).write_text(value)
    source = python_source(tmp_path / "code", "functions:wait", functions=FUNCTIONS)
    async with IdentityProvider().running() as provider:
        provider.lifetime = 6
        gateway.accepts = provider.accepts
        config = worker_config(gateway.address, connector_entry("wait", "test:wait:1", source=source))
        config["camunda"]["auth"] = {"type": "oauth", "directory": str(tmp_path), "tokenUrl": provider.url, "audience": "zeebe"}
        async with worker_in_process(config) as pod:
            await pod.until_ready()
            under_way = await gateway.create_job("test:wait:1", {"seconds": 8})
            await gateway.until(lambda: under_way.state is JobState.ACTIVATED)
            provider.status = 503
            await gateway.until(lambda: not gateway.accepts("Bearer token-1"), 30)
            await asyncio.sleep(1)
            assert (await pod.get("/livez"))[0] == 200
            waiting = await gateway.create_job("test:wait:1")
            provider.status = 200
            await gateway.until_all(JobState.COMPLETED, 40)
            assert (await pod.status())["gateway"]["state"] == "Connected"
        assert len(provider.forms) > 1
    assert [(job.activations, job.failures) for job in (under_way, waiting)] == [(1, []), (1, [])]
