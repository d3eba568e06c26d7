"""What goes wrong between a job and a cloud service: every fault at every service, with its code, retries and patience."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from connector_clouds import CLOUDS, GRANTED, Cloud, Refusal
from connector_gcs import service_account_key
from connector_job import ConnectorUnderTest, connector_under_test
from connector_moto import SECRET_KEY
from connector_services import untrusted_server
from recording_server import Answer, RecordingServer
from zeebe_gateway import JobRecord, ZeebeGateway

SIGNATURE = "canary-signature-4711"
Seen = tuple[str, int, int]
"""A job's error code, how many of three retries are left, and the seconds until the next."""
ONE_USED, ALL_LEFT, INCIDENT = 2, 3, 0
PATIENCE, USERS_OWN = 10, 3600
"""Seconds: the connectors' own, and the element's retryBackoff."""


@pytest.fixture
async def secrets(aws_keys: Path) -> AsyncIterator[Path]:
    """Of all services, and whom Google's account asks for its token."""
    async with RecordingServer({"token": [GRANTED]}) as accounts:
        (aws_keys / "AZURE_SAS_TOKEN").write_text(f"sv=2026-01-01&sig={SIGNATURE}")
        (aws_keys / "GCS").write_text(service_account_key(accounts.base("token")))
        yield aws_keys


@asynccontextmanager
async def serving(gateway: ZeebeGateway, secrets: Path, cloud: Cloud, address: str) -> AsyncIterator[ConnectorUnderTest]:
    settings = {"timeoutSeconds": 0.5} | ({cloud.setting: address} if cloud.setting else {})
    async with connector_under_test(
        gateway, cloud.builtin, f"io.camunda:{cloud.builtin}:1", settings=settings, secrets=secrets
    ) as connector:
        yield connector


def seen(job: JobRecord) -> Seen:
    for secret in (SECRET_KEY, SIGNATURE, "PRIVATE KEY"):
        assert secret not in str(job)
    return job.result["error"]["code"], job.retries, job.failures[-1].retryBackOff // 1000


def plan(cloud: Cloud) -> Mapping[str, tuple[Answer, Seen]]:
    """What the service does, and what becomes of a job then."""
    busy, down = Refusal(429, "TooManyRequestsException", after=7), Refusal(503, "ServiceUnavailable", after=7)
    broken = Refusal(500, "InternalError")
    return {
        "throttles": (cloud.says(cloud.throttled), (cloud.code(cloud.throttled), ALL_LEFT, PATIENCE)),
        "throttles for 7 s": (cloud.says(busy), (cloud.code(busy), ALL_LEFT, 7)),
        "is away for 7 s": (cloud.says(down), (cloud.code(down), ALL_LEFT, 7)),
        "is broken": (cloud.says(broken), (cloud.code(broken), ONE_USED, USERS_OWN)),
        "knows nobody": (cloud.says(cloud.stranger), (cloud.code(cloud.stranger), ONE_USED, USERS_OWN)),
        "finds it too large": (cloud.says(cloud.large), (cloud.code(cloud.large), INCIDENT, USERS_OWN)),
        "says half": (replace(cloud.whole, cut_after=3), ("NO_ANSWER", ONE_USED, USERS_OWN)),
        "says nothing": (replace(cloud.whole, delay=1.0), ("NO_ANSWER", ONE_USED, USERS_OWN)),
    }


@pytest.mark.parametrize("cloud", CLOUDS, ids=lambda cloud: cloud.builtin)
async def test_a_fault_has_its_code_retries_and_patience_and_shows_no_secret(
    gateway: ZeebeGateway, secrets: Path, tmp_path: Path, cloud: Cloud
):
    happened, answers = dict[str, Seen](), dict[str, list[Answer]]()
    async with RecordingServer(answers) as server:
        address = server.base(cloud.builtin)
        async with serving(gateway, secrets, cloud, address) as connector:
            for fault, (answer, _) in plan(cloud).items():
                answers[cloud.builtin] = [answer]
                happened[fault] = seen(await connector.job(cloud.given(address)))
                # Zeebe tries again, not the client; Azure's asks for the rest of what broke off.
                assert len(server.requests.pop(cloud.builtin)) == 1 or fault == "says half"
            server.close()
            happened["is down"] = seen(await connector.job(cloud.given(address)))
    async with untrusted_server(tmp_path) as stranger, serving(gateway, secrets, cloud, stranger.base("x")) as connector:
        happened["is a stranger"] = seen(await connector.job(cloud.given(stranger.base("x"))))
        assert stranger.requests == {}
    nobody = ("NO_ANSWER", ONE_USED, USERS_OWN)
    assert happened == {fault: outcome for fault, (_, outcome) in plan(cloud).items()} | {
        "is down": nobody, "is a stranger": nobody
    }  # fmt: skip
