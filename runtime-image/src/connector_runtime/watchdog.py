"""Tells whose code blocks the event loop: an async function that waits without `await` stops the whole pod.

A blocked loop answers no probe, so the kubelet restarts the container by itself; what it cannot know is who it was.
"""

import asyncio
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.25
BLOCKED_SECONDS = 1.0
SHOWN_FRAMES = 4


class LoopWatchdog:
    """Watches the running event loop from a thread; `blamed` is called with a task's name once its blocking is over."""

    def __init__(self, blamed: Callable[[str, float], None], blocked_after: float = BLOCKED_SECONDS) -> None:
        self._blamed = blamed
        self._blocked_after = blocked_after
        self._loop = asyncio.get_running_loop()
        self._loop_thread = threading.get_ident()
        self._last_beat = time.monotonic()
        self._timer = self._loop.call_soon(self._beat)
        self._culprit = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True, name="event loop watchdog")
        self._thread.start()

    def stop(self) -> None:
        """Watch no more."""
        self._stop.set()
        self._timer.cancel()
        self._thread.join(1)

    def _beat(self) -> None:
        now = time.monotonic()
        culprit, self._culprit = self._culprit, ""
        if culprit:
            self._blamed(culprit, now - self._last_beat)
        self._last_beat = now
        self._timer = self._loop.call_later(BEAT_SECONDS, self._beat)

    def _watch(self) -> None:
        seen: set[str] = set()
        while not self._stop.wait(BEAT_SECONDS):
            blocked = time.monotonic() - self._last_beat
            if blocked < 2 * BEAT_SECONDS:
                seen.clear()
                continue
            task = asyncio.current_task(self._loop)
            seen.add(task.get_name() if task is not None else "the runtime")
            if blocked > self._blocked_after and not self._culprit:
                self._tell(seen, blocked)

    def _tell(self, seen: set[str], blocked: float) -> None:
        """Whoever was at it at every look is the culprit; where several were, each has only waited for the CPU."""
        if len(seen) > 1:
            self._culprit = "several tasks"
            logger.warning("%d tasks together hold up the event loop for %.1f s: the pod needs more CPU", len(seen), blocked)
            return
        self._culprit = min(seen)
        logger.error(
            "%s blocks the event loop for %.1f s: make the function sync, or await what it waits for; it is in %s",
            self._culprit,
            blocked,
            self._place(),
            extra={"action": "blocked"},
        )

    def _place(self) -> str:
        frame = sys._current_frames().get(self._loop_thread)  # pyright: ignore[reportPrivateUsage] - documented
        frames = traceback.extract_stack(frame)[-SHOWN_FRAMES:] if frame is not None else []
        return " > ".join(f"{entry.name} ({entry.filename}:{entry.lineno})" for entry in frames)
