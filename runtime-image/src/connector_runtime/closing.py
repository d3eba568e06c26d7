"""Lets connectors close what they kept open between jobs, once the last job is over."""

import asyncio
import inspect
import logging
from collections.abc import Iterable

from connector_runtime.daemon_threads import in_daemon_thread
from connector_runtime.loading import AnyFunction
from connector_sdk.function import CloseHook

logger = logging.getLogger(__name__)


async def close_functions(functions: Iterable[AnyFunction], seconds: float) -> None:
    """Call each `on_close` once, all at the same time; who needs longer is left behind, who fails harms nobody."""
    hooks: list[tuple[CloseHook, str]] = []
    for function in functions:
        if function.on_close is not None and all(function.on_close != hook for hook, _ in hooks):
            hooks.append((function.on_close, function.id))
    if not hooks:
        return
    closing = [asyncio.create_task(_closed(hook, name), name=f"closing '{name}'") for hook, name in hooks]
    _, late = await asyncio.wait(closing, timeout=seconds)
    for task in late:
        logger.warning("%s did not end within %.1f s", task.get_name(), seconds, extra={"action": "close"})
        task.cancel()
    # One turn for those that let themselves be cancelled.
    await asyncio.sleep(0)


async def _closed(hook: CloseHook, name: str) -> None:
    try:
        ending = hook() if inspect.iscoroutinefunction(hook) else await in_daemon_thread(hook, f"closing '{name}'")
        if inspect.isawaitable(ending):
            await ending
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        logger.warning("cannot close connector '%s'", name, exc_info=error, extra={"action": "close"})
