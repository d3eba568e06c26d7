"""Camunda's engine as a process that answers: built by Maven into the cache, needs a JDK of version 17 or later."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread, Timer
from typing import Any

SOURCE = Path(__file__).with_name("oracle")
PATIENCE = 5
"""Seconds after which a question counts as one without an answer."""


def cache() -> Path:
    """Where built things are kept between runs."""
    root = os.environ.get("CONNECTOR_OPERATOR_CACHE")
    return Path(root) if root else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "connector-operator"


def build() -> Path:
    """The folder with the program and its libraries, built when the source is newer; SystemExit when it cannot be."""
    folder = cache() / "feel-oracle"
    newest = max(file.stat().st_mtime for file in SOURCE.rglob("*") if file.is_file())
    program = folder / "classes" / "oracle" / "Oracle.class"
    if program.exists() and program.stat().st_mtime >= newest:
        return folder
    if shutil.which("mvn") is None:
        raise SystemExit("cannot build the oracle: install Maven and a JDK of version 17 or later")
    goals = ["clean", "compile", "dependency:copy-dependencies"]
    places = [f"-Doracle.directory={folder}", f"-DoutputDirectory={folder / 'libraries'}"]
    subprocess.run(["mvn", "-q", "-B", *places, *goals], cwd=SOURCE, check=True)
    return folder


class Oracle:
    """The running engine. Use it in a `with`: the process ends with it."""

    def __init__(self) -> None:
        self._folder = build()
        self._process = self._start()

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _start(self) -> "subprocess.Popen[str]":
        classes = f"{self._folder / 'classes'}{os.pathsep}{self._folder / 'libraries'}/*"
        command = ["java", "-Xmx1g", "-XX:+UseSerialGC", "-cp", classes, "oracle.Oracle"]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", errors="surrogatepass")

    def _stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, expressions: Sequence[str], variables: Mapping[str, Any]) -> Iterator[dict[str, Any] | None]:
        """For each expression `{"value": …}` or `{"error": …}`; None where the engine did not answer in time."""
        remaining = list(expressions)
        while remaining:
            answered = 0
            for answer in self._answers(remaining, variables):
                answered += 1
                yield answer
            remaining = remaining[answered:]
            if remaining:  # it hangs in the next one
                self._stop()
                self._process = self._start()
                yield None
                remaining = remaining[1:]

    def _answers(self, expressions: list[str], variables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        questions = [json.dumps({"expression": expression, "variables": variables}) + "\n" for expression in expressions]
        Thread(target=_write, args=(process, questions), daemon=True).start()
        for _ in questions:
            timer = Timer(PATIENCE, process.kill)
            timer.start()
            line = process.stdout.readline()
            timer.cancel()
            if not line.endswith("\n"):
                return
            yield json.loads(line)


def _write(process: "subprocess.Popen[str]", questions: list[str]) -> None:
    """Beside the reading, because both pipes are short."""
    assert process.stdin is not None
    try:
        for question in questions:
            process.stdin.write(question)
        process.stdin.flush()
    except (BrokenPipeError, ValueError):
        return  # it was killed for not answering
