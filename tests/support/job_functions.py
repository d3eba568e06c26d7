"""Connector functions for tests, as the text of a module that an author could have written."""

FUNCTIONS = """
import asyncio
import os
import time
from typing import Any

from pydantic import BaseModel, SecretStr

from connector_sdk import BpmnError, ConnectorError, Context, InputError, RetryError, connector


class Settings(BaseModel):
    region: str
    attempts: int = 3


class Wait(BaseModel):
    seconds: float = 0
    value: Any = None


@connector(id="test:wait:1", name="Wait")
async def wait(input: Wait, context: Context) -> dict:
    await asyncio.sleep(input.seconds)
    return {"value": input.value, "retries": context.job.retries}


@connector(id="test:wait-sync:1", name="Wait in a thread")
def wait_sync(input: Wait) -> Any:
    time.sleep(input.seconds)
    return {"value": input.value}


@connector(id="test:stubborn:1", name="Does not let itself be cancelled")
async def stubborn(input: Wait) -> Any:
    until = time.monotonic() + input.seconds
    while time.monotonic() < until:
        try:
            await asyncio.sleep(until - time.monotonic())
        except asyncio.CancelledError:
            pass
    return "done"


@connector(id="test:settings:1", name="Settings", settings=Settings)
async def with_settings(variables: dict, context: Context) -> Any:
    return context.settings.region


class Login(BaseModel):
    token: SecretStr = "{{secrets.TOKEN}}"


@connector(id="test:login:1", name="Login")
async def login(input: Login, context: Context) -> Any:
    token = input.token.get_secret_value()
    context.logger.warning("logging in with %s", token)
    return {"token": token, "same": context.secrets["TOKEN"] == token}


@connector(id="test:leak:1", name="Leaks its secret")
async def leak(input: Login) -> Any:
    raise ConnectorError("401", f"refused {input.token.get_secret_value()}")


ENDINGS = {
    "bpmn": lambda: BpmnError("NOT_FOUND", "no such customer", {"id": 1}),
    "plain": lambda: ValueError("odd"),
    "input": lambda: InputError("never"),
    "retry": lambda: RetryError("later", retries=9),
    "exit": lambda: SystemExit(3),
    "stop": lambda: StopIteration(),
    "cancel": lambda: asyncio.CancelledError(),
}


@connector(id="test:raise:1", name="Raise")
async def raising(variables: dict) -> Any:
    raise ENDINGS[variables["how"]]()


@connector(id="test:raise-sync:1", name="Raise in a thread")
def raising_sync(variables: dict) -> Any:
    raise ENDINGS[variables["how"]]()


GARBAGE = {"nan": lambda: float("nan"), "set": lambda: {1}, "huge": lambda: "x" * 2_000_000, "object": object}


@connector(id="test:garbage:1", name="Garbage")
async def garbage(variables: dict) -> Any:
    return GARBAGE[variables["what"]]()


@connector(id="test:deadly:1", name="Ends or blocks its process")
async def deadly(variables: dict) -> Any:
    if variables.get("exit"):
        os._exit(9)
    time.sleep(variables.get("block", 0))
    await asyncio.sleep(variables.get("seconds", 0))


@connector(id="test:headers:1", name="Tells what it knows of its job")
async def telling(variables: dict, context: Context) -> Any:
    job = context.job
    return {"type": job.type, "operation": job.headers.get("operation"), "element": job.element_id,
            "process": job.bpmn_process_id, "timeout": context.job_timeout.total_seconds(), "key": job.key}


@connector(id="test:count:1", name="Notes each run")
async def count(variables: dict, context: Context) -> None:
    with open(variables["log"], "a") as log:
        log.write(f"{context.job.key}\\n")
    await asyncio.sleep(variables.get("seconds", 0))


crowd = 0


@connector(id="test:crowd:1", name="Counts who runs at the same time")
async def crowded(variables: dict) -> int:
    global crowd
    crowd += 1
    seen = crowd
    await asyncio.sleep(variables["seconds"])
    crowd -= 1
    return seen
"""
