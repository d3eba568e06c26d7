"""What only the real broker can confirm: its pushes, its clock, its errors, and what it does with jobs handed back."""

from pathlib import Path
from typing import Any

from job_functions import FUNCTIONS
from job_worker import connector_entry, python_source, worker_config, worker_in_process
from pyzeebe import ZeebeClient
from zeebe_process import deployed, result

from local_cluster.zeebe import Zeebe


def config(zeebe: Zeebe, folder: Path, function: str, job_type: str, **members: Any) -> dict[str, Any]:
    source = python_source(folder / "code", f"functions:{function}", functions=FUNCTIONS)
    return worker_config(
        zeebe.grpc_address, connector_entry(function.replace("_", "-"), job_type, source=source, **members), grace=8
    )


async def test_a_pushed_job_is_completed_with_its_result_expression(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> None:
    process = await deployed(client, tmp_path, "z:wait", resultExpression="={doubled: value * 2, whole: response}")
    async with worker_in_process(config(zeebe, tmp_path, "wait", "z:wait")) as pod:
        await pod.until_ready()
        variables = await result(client, process, {"value": 21, "seconds": 0})
    assert (variables["doubled"], variables["whole"]["value"]) == (42, 21)


async def test_a_bpmn_error_is_caught_and_its_variables_arrive(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> None:
    process = await deployed(client, tmp_path, "z:raise")
    async with worker_in_process(config(zeebe, tmp_path, "raising", "z:raise")) as pod:
        await pod.until_ready()
        variables = await result(client, process, {"how": "bpmn"})
    assert variables["caught"] == 1


async def test_a_function_longer_than_its_lock_keeps_it(zeebe: Zeebe, client: ZeebeClient, tmp_path: Path) -> None:
    process = await deployed(client, tmp_path, "z:long", resultVariable="r")
    async with worker_in_process(config(zeebe, tmp_path, "wait", "z:long", timeoutSeconds=1)) as pod:
        await pod.until_ready()
        variables = await result(client, process, {"seconds": 3, "value": 1})
        report = await pod.connector("wait")
    assert variables["r"] == {"value": 1, "retries": 3}
    assert (report["completed"], report["failed"]) == (1, 0)
