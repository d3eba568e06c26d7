"""Foreign code that may hang, in threads that do not keep the process from ending."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def in_daemon_thread(call: Callable[[], T], name: str) -> T:
    """Run `call` in a thread of that name and return its result; what it raises comes through, SystemExit as RuntimeError."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = call()
        except Exception as error:
            settle = _setter(future.set_exception, error)
        except BaseException as error:
            # A thread swallows it, and whoever waits would wait for ever.
            settle = _setter(future.set_exception, RuntimeError(f"raised {type(error).__name__}"))
        else:
            settle = _setter(future.set_result, result)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle)

    threading.Thread(target=run, daemon=True, name=name).start()
    return await future


def _setter(set_value: Callable[[Any], None], value: Any) -> Callable[[], None]:
    def settle() -> None:
        # The one who waited may have gone meanwhile.
        with contextlib.suppress(asyncio.InvalidStateError):
            set_value(value)

    return settle
