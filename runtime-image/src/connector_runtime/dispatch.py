"""Sends each job of a Connector to the connector function that its `operation` header names."""

from collections.abc import Mapping
from datetime import timedelta

from connector_runtime.execution import Equipment, Execution
from connector_runtime.gateway import ActivatedJob
from connector_runtime.headers import Header, JobHeaders
from connector_runtime.json_values import Json
from connector_runtime.loading import SINGLE, AnyFunction
from connector_sdk import InputError


class Dispatch:
    """Runs jobs of one Connector, whether it has one function or several operations."""

    def __init__(self, functions: Mapping[str, AnyFunction], equipment: Equipment) -> None:
        self._executions = {key: Execution(function, equipment) for key, function in functions.items()}

    @property
    def fetch_variables(self) -> tuple[str, ...]:
        """What any of the operations needs; empty: all variables."""
        needed = [execution.binding.fetch_variables for execution in self._executions.values()]
        return tuple(sorted({name for names in needed for name in names})) if all(needed) else ()

    async def run(self, job: ActivatedJob, headers: JobHeaders, lock: timedelta) -> Json:
        """Run the job's function and return its response; whatever it raises comes through unchanged."""
        execution = self._executions.get(SINGLE) or self._executions.get(headers.values.get(Header.OPERATION, "").strip())
        if execution is None:
            wanted = headers.values.get(Header.OPERATION, "")
            known = ", ".join(sorted(self._executions))
            msg = f"cannot find operation '{wanted}': this connector has {known}; set header '{Header.OPERATION}'"
            raise InputError(msg)
        return await execution.run(job, headers, lock)
