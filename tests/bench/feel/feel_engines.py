"""The engines that are compared: ours in this process, Camunda's in a JVM, feelin on Node."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from statistics import geometric_mean
from types import TracebackType
from typing import Any

from feel_oracle import build, cache

from camunda_feel import compile  # noqa: A004 - the public name

FEELIN = "8.2.0"


class Lines:
    """A process that answers a JSON line with a JSON line. Use it in a `with`: the process ends with it."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self._process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")

    def __enter__(self) -> "Lines":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one question."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def inside(self, expression: str, variables: Mapping[str, Any], times: int) -> float:
        """Evaluations a second inside the process, without the pipe."""
        return times / self.ask({"expression": expression, "variables": variables, "times": times})["nanoseconds"] * 1e9

    def through_pipe(self, expression: str, variables: Mapping[str, Any], times: int) -> float:
        """Evaluations a second when each goes to the process and back, as JSON."""
        begun = time.perf_counter()
        for _ in range(times):
            self.ask({"expression": expression, "variables": variables})
        return times / (time.perf_counter() - begun)


def camunda() -> Lines:
    """Camunda's engine; SystemExit when there is no JDK."""
    folder = build()
    command = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-cp", f"classes{os.pathsep}libraries/*", "oracle.Oracle"]
    return Lines(command, folder)


def feelin() -> Lines:
    """feelin, installed into the cache; SystemExit when there is no Node."""
    if shutil.which("npm") is None:
        raise SystemExit("cannot install feelin: install Node 20 or later")
    folder = cache() / f"feelin-{FEELIN}"
    if not (folder / "node_modules" / "feelin").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-save", f"feelin@{FEELIN}"], cwd=folder, check=True)
    shutil.copy(Path(__file__).with_name("feelin.mjs"), folder)
    return Lines(["node", "feelin.mjs"], folder)


def ours(expression: str, variables: Mapping[str, Any], seconds: float) -> float:
    """Evaluations a second of an expression that was seen before, its text looked up each time."""
    compile(expression).evaluate(variables)
    times, begun = 0, time.perf_counter()
    while (passed := time.perf_counter() - begun) < seconds:
        for _ in range(10):
            compile(expression).evaluate(variables)
        times += 10
    return times / passed


def ours_cold(expressions: list[str], variables: Mapping[str, Any]) -> float:
    """Evaluations a second of expressions that were never seen before, each measured by itself as those of the others."""
    return geometric_mean(_once(expression, variables) for expression in expressions)


def _once(expression: str, variables: Mapping[str, Any]) -> float:
    begun = time.perf_counter()
    compile(expression).evaluate(variables)
    return 1 / (time.perf_counter() - begun)
