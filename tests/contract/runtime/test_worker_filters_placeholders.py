"""The secret filter: a placeholder counts where the diagram's input mapping put it, and is inert where data brought it."""

from pathlib import Path
from typing import Any

import pytest
from definition_server import DefinitionServer, diagram
from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from zeebe_gateway import JobState, ZeebeGateway

from connector_runtime.config import ConfigError, parse_config
from connector_runtime.grants import DiagramError, Grant, grants_of

KEY = 4711
TOKEN = "{{secrets.TOKEN}}"


def config(gateway: ZeebeGateway, folder: Path, function: str, *, rest: str | None, mode: str) -> dict[str, Any]:
    (folder / "secrets").mkdir()
    (folder / "secrets" / "TOKEN").write_text("canary-4711")
    source = python_source(folder / "code", f"functions:{function.replace('-', '_')}", functions=FUNCTIONS)
    secrets = {"directory": str(folder / "secrets"), "names": ["TOKEN"]}
    made = worker_config(gateway.address, connector_entry("one", f"test:{function}:1", source=source, secrets=secrets))
    if rest is not None:
        made["camunda"]["restAddress"] = rest
    return made | {"secretFilter": mode}


async def echoed(gateway: ZeebeGateway, made: dict[str, Any], value: Any) -> Any:
    async with worker_in_process(made):
        job = await gateway.create_job("test:wait:1", {"value": value}, {"resultVariable": "given"})
        await gateway.until(lambda: job.state is JobState.COMPLETED)
        return job.result["given"]["value"]


@pytest.mark.parametrize("mode", ["STRICT", "LAX"])
async def test_only_what_the_input_mapping_wrote_is_replaced(gateway: ZeebeGateway, tmp_path: Path, mode: str) -> None:
    mapped = diagram("task", value__login="Bearer {{secrets.TOKEN}}", value__body="=body", value__name="{{secrets.OTHER}}")
    given = {"login": f"Bearer {TOKEN}", "body": {"text": TOKEN, "list": [TOKEN, "secrets.TOKEN"]}, "name": TOKEN, TOKEN: 1}
    async with DefinitionServer({KEY: mapped}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address, mode=mode)
        assert await echoed(gateway, made, given) == given | {"login": "Bearer canary-4711"}


async def test_an_element_without_input_mappings_may_name_no_secret(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with DefinitionServer({KEY: diagram("another", value=TOKEN)}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address, mode="STRICT")
        assert await echoed(gateway, made, TOKEN) == TOKEN


async def test_disabled_asks_nobody_and_replaces_everywhere(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with DefinitionServer({KEY: diagram("another")}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address, mode="DISABLED")
        assert (await echoed(gateway, made, TOKEN), rest.asked) == ("canary-4711", [])


@pytest.mark.parametrize("has_address", [True, False])
async def test_lax_replaces_everywhere_where_the_definition_cannot_be_had(
    gateway: ZeebeGateway, tmp_path: Path, has_address: bool
) -> None:
    async with DefinitionServer({}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address if has_address else None, mode="LAX")
        assert await echoed(gateway, made, TOKEN) == "canary-4711"


@pytest.mark.parametrize("text", [None, "<no xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'])
async def test_strict_gives_a_job_back_untouched_where_the_definition_cannot_be_had(
    gateway: ZeebeGateway, tmp_path: Path, text: str | None
) -> None:
    async with DefinitionServer({} if text is None else {KEY: text}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address, mode="STRICT")
        async with worker_in_process(made):
            job = await gateway.create_job("test:wait:1", {"value": TOKEN}, retries=3)
            await gateway.until(lambda: bool(job.failures))
        failure = job.failures[0]
        assert (failure.retries, failure.retryBackOff) == (3, 5_000)
        assert failure.errorMessage.startswith("cannot tell whether this job may use secrets: cannot ")


async def test_many_jobs_of_one_definition_ask_for_it_once(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with DefinitionServer({KEY: diagram("task", value=TOKEN)}) as rest:
        async with worker_in_process(config(gateway, tmp_path, "wait", rest=rest.address, mode="STRICT")):
            jobs = [await gateway.create_job("test:wait:1", {"value": TOKEN}, {"resultVariable": "a"}) for _ in range(50)]
            await gateway.until_all(JobState.COMPLETED)
        assert rest.asked == [(KEY, None)]
        assert {job.result["a"]["value"] for job in jobs} == {"canary-4711"}


async def test_a_job_without_placeholders_asks_for_no_definition(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with DefinitionServer({}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address, mode="STRICT")
        assert (await echoed(gateway, made, "plain"), rest.asked) == ("plain", [])


async def test_a_default_of_the_connectors_own_code_is_always_replaced(gateway: ZeebeGateway, tmp_path: Path) -> None:
    async with DefinitionServer({KEY: diagram("another")}) as rest:
        async with worker_in_process(config(gateway, tmp_path, "login", rest=rest.address, mode="STRICT")):
            job = await gateway.create_job("test:login:1", {}, {"resultVariable": "answer"})
            await gateway.until(lambda: job.state is JobState.COMPLETED)
        assert job.result["answer"] == {"token": "canary-4711", "same": True}


async def test_the_api_is_asked_with_the_same_credentials_as_the_gateway(gateway: ZeebeGateway, tmp_path: Path) -> None:
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth" / "username").write_text("demo")
    (tmp_path / "auth" / "password").write_text("pass")
    async with DefinitionServer({KEY: diagram("task", value=TOKEN)}) as rest:
        made = config(gateway, tmp_path, "wait", rest=rest.address, mode="STRICT")
        made["camunda"]["auth"] = {"type": "basic", "directory": str(tmp_path / "auth")}
        assert await echoed(gateway, made, TOKEN) == "canary-4711"
        assert rest.asked == [(KEY, "Basic ZGVtbzpwYXNz")]


def test_strict_without_an_address_to_ask_at_is_refused() -> None:
    text = b'{"version": 1, "workerName": "w", "camunda": {"grpcAddress": "grpc://x:1"}, "secretFilter": "STRICT"}'
    with pytest.raises(ConfigError, match=r"secretFilter STRICT needs camunda\.restAddress"):
        parse_config(text, origin="test")


def test_a_grant_holds_the_names_that_each_mapping_writes_itself() -> None:
    text = diagram("a", x="={a: &quot;{{secrets.ONE}} {{ secrets.TWO }}&quot;}", y__z="secrets.THREE", w="=secret")
    assert grants_of(text.encode()) == {
        "a": Grant({("x",): frozenset({"ONE", "TWO"}), ("y", "z"): frozenset({"THREE"})}),
    }


def test_a_diagram_that_declares_entities_is_not_read() -> None:
    with pytest.raises(DiagramError, match="document type declaration"):
        grants_of(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
