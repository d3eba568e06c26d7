"""Asks Camunda's REST API for process definitions, to know what their elements grant (docs/worker-contract.md §1).

API: https://docs.camunda.io/docs/apis-tools/orchestration-cluster-api-rest/specifications/get-process-definition-xml/
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta

from connector_runtime.config import SecretFilter
from connector_runtime.gateway import ActivatedJob
from connector_runtime.grants import NOTHING, DiagramError, Grant, grants_of
from connector_runtime.rest_api import RestApi, RestError
from connector_sdk import RetryError

logger = logging.getLogger(__name__)

OK = 200
KEPT = 1_000
"""Definitions; one never changes under its key."""
SECONDS = 5.0
AGAIN_SECONDS = 5.0
"""Until a definition is asked for again that could not be had: exporters need a moment after a deployment."""


class DefinitionError(Exception):
    """A process definition cannot be had now."""


class Definitions:
    """Knows which element may name which secret; one request per process definition, whatever many jobs ask at once."""

    def __init__(self, api: RestApi, mode: SecretFilter) -> None:
        self._api = api
        self._mode = mode
        self._known: OrderedDict[int, Mapping[str, Grant]] = OrderedDict()
        self._asked: dict[int, asyncio.Task[Mapping[str, Grant]]] = {}
        self._failed: dict[int, tuple[float, str]] = {}

    async def grant(self, job: ActivatedJob) -> Grant | None:
        """What the job's element grants; None: everything. Raises RetryError when STRICT and it is not known now."""
        if self._mode is SecretFilter.DISABLED or not self._api.address:
            return None
        key = job.process_definition_key
        try:
            elements = self._recall(key)
            if elements is None:
                elements = await self._asked_once(key)
        except DefinitionError as error:
            if self._mode is SecretFilter.LAX:
                return None
            text = f"cannot tell whether this job may use secrets: {error}"
            raise RetryError(text, retries=job.retries, backoff=timedelta(seconds=AGAIN_SECONDS)) from error
        return elements.get(job.element_id, NOTHING)

    async def close(self) -> None:
        """End what is under way."""
        for task in list(self._asked.values()):
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    def _recall(self, key: int) -> Mapping[str, Grant] | None:
        if (elements := self._known.get(key)) is not None:
            self._known.move_to_end(key)
        return elements

    async def _asked_once(self, key: int) -> Mapping[str, Grant]:
        failed = self._failed.get(key)
        if failed is not None and time.monotonic() - failed[0] < AGAIN_SECONDS:
            raise DefinitionError(failed[1])
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._fetch(key), name=f"process definition {key}")
            task.add_done_callback(lambda done: self._settle(key, done))
        # One job's cancellation must not take the answer away from the others.
        return await asyncio.shield(task)

    def _settle(self, key: int, task: "asyncio.Task[Mapping[str, Grant]]") -> None:
        self._asked.pop(key, None)
        self._failed.pop(key, None)
        if task.cancelled():
            return
        error = task.exception()
        kept = self._failed if error is not None else self._known
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)))
        if error is None:
            self._known[key] = task.result()
        else:
            self._failed[key] = (time.monotonic(), str(error))
            logger.warning("%s", error, extra={"action": "secret-filter"})

    async def _fetch(self, key: int) -> Mapping[str, Grant]:
        try:
            async with self._api.answer("GET", f"/v2/process-definitions/{key}/xml", seconds=SECONDS) as answer:
                diagram = await answer.aread()
        except RestError as error:
            msg = f"cannot fetch process definition {key} from {error}"
            raise DefinitionError(msg) from error
        if answer.status_code != OK:
            msg = f"cannot fetch process definition {key} from '{self._api.address}': it answered {answer.status_code}"
            raise DefinitionError(msg)
        try:
            return grants_of(diagram)
        except DiagramError as error:
            msg = f"cannot read process definition {key}: {error}"
            raise DefinitionError(msg) from error
