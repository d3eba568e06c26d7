import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_cluster.errors import LocalClusterError
from local_cluster.launcher import ProcessRecord
from local_cluster.processes import Lifetime, ProcessSet, Program, end

SLEEP = ("sleep", "300")


def eventually(condition: Callable[[], bool]) -> None:
    while not condition():  # the test's own time limit ends a vain wait
        time.sleep(0.01)


def wait_for_report(processes: ProcessSet, name: str) -> None:
    while True:
        processes.expect_running(name)


@pytest.fixture(params=list(Lifetime), ids=lambda lifetime: lifetime.name.lower())
def processes(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ProcessSet]:
    made = ProcessSet(tmp_path, request.param)
    yield made
    for name in made.names():
        made.stop(name, patience=0)


@pytest.fixture
def sleeping(tmp_path: Path) -> Iterator[ProcessRecord]:
    made = ProcessSet(tmp_path, Lifetime.DETACHED)
    made.start(Program("sleep", SLEEP))
    record = made.running("sleep")
    assert record
    yield record
    made.stop("sleep", patience=0)


def started(processes: ProcessSet, name: str, argv: tuple[str, ...] = SLEEP) -> ProcessRecord:
    processes.start(Program(name, argv))
    eventually(lambda: processes.running(name) is not None)
    record = processes.running(name)
    assert record
    return record


def test_a_started_program_runs_until_it_is_stopped(processes: ProcessSet) -> None:
    record = started(processes, "sleep")
    assert record.alive()
    processes.stop("sleep")
    assert not record.alive()
    assert processes.running("sleep") is None
    assert processes.names() == []


def test_starting_again_leaves_a_program_with_the_same_arguments_alone(processes: ProcessSet) -> None:
    assert started(processes, "sleep") == started(processes, "sleep")


def test_starting_with_other_arguments_replaces_the_program(processes: ProcessSet) -> None:
    first = started(processes, "sleep")
    second = started(processes, "sleep", ("sleep", "301"))
    assert not first.alive()
    assert second.alive()


def test_another_set_over_the_same_directory_finds_and_ends_the_program(processes: ProcessSet) -> None:
    record = started(processes, "sleep")
    later = ProcessSet(processes.directory, Lifetime.DETACHED)
    assert later.running("sleep") == record
    later.stop("sleep")
    assert not record.alive()


def test_a_program_that_ignores_the_polite_signal_is_killed(processes: ProcessSet) -> None:
    deaf = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
    record = started(processes, "deaf", ("sh", "-c", deaf))
    eventually(lambda: "ready" in processes.log("deaf").read_text(encoding="utf-8"))
    processes.stop("deaf", patience=0.2)
    assert not record.alive()


def test_a_program_that_ended_by_itself_is_reported_with_the_end_of_its_log(processes: ProcessSet) -> None:
    processes.start(Program("broken", ("sh", "-c", "echo cannot listen; exit 3")))
    with pytest.raises(LocalClusterError, match=r'"broken" ended by itself(.|\n)*cannot listen'):
        wait_for_report(processes, "broken")


def test_a_program_that_does_not_exist_is_reported(processes: ProcessSet) -> None:
    processes.start(Program("missing", ("/no/such/program",)))
    with pytest.raises(LocalClusterError, match=r'"missing" ended by itself(.|\n)*cannot run "/no/such/program": No such file'):
        wait_for_report(processes, "missing")


def test_what_we_start_does_not_inherit_a_strict_umask(processes: ProcessSet) -> None:
    before = os.umask(0o077)
    try:
        processes.start(Program("umask", ("sh", "-c", "umask")))
    finally:
        os.umask(before)
    eventually(lambda: processes.log("umask").read_text(encoding="utf-8").strip() == "0022")


STARTER = """
import os, signal, sys
from pathlib import Path
from local_cluster.processes import Lifetime, ProcessSet, Program

made = ProcessSet(Path(sys.argv[1]), Lifetime[sys.argv[2]])
made.start(Program("sleep", ("sleep", "300")))
while not made.running("sleep"):
    pass
os.kill(os.getpid(), signal.SIGKILL)
"""


def start_in_a_process_that_is_killed(directory: Path, lifetime: Lifetime) -> ProcessRecord | None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    argv = [sys.executable, "-c", STARTER, str(directory), lifetime.name]
    killed = subprocess.run(argv, env=environment, check=False, timeout=30)
    assert killed.returncode == -signal.SIGKILL
    return ProcessRecord.read(directory / "run" / "sleep.json")


def test_a_program_that_lives_with_its_parent_ends_when_the_parent_is_killed(tmp_path: Path) -> None:
    record = start_in_a_process_that_is_killed(tmp_path, Lifetime.WITH_PARENT)
    assert record
    eventually(lambda: not record.alive())


def test_a_detached_program_survives_its_starter_and_is_found_again(tmp_path: Path) -> None:
    record = start_in_a_process_that_is_killed(tmp_path, Lifetime.DETACHED)
    assert record
    try:
        assert ProcessSet(tmp_path, Lifetime.DETACHED).running("sleep") == record
    finally:
        end(record, patience=0)


def test_a_process_with_another_start_time_is_another_process(sleeping: ProcessRecord) -> None:
    reused = replace(sleeping, start_time=sleeping.start_time + 1)
    assert not reused.alive()
    end(reused, patience=1)
    assert sleeping.alive()


def test_a_process_of_before_the_last_boot_is_gone(sleeping: ProcessRecord) -> None:
    before = replace(sleeping, boot_id="00000000-0000-0000-0000-000000000000")
    assert not before.alive()
    end(before, patience=1)
    assert sleeping.alive()


def test_a_process_that_ended_but_was_not_reaped_is_not_alive(tmp_path: Path) -> None:
    child = subprocess.Popen(["sleep", "300"])
    stat = Path(f"/proc/{child.pid}/stat").read_text(encoding="ascii")
    record = replace(ProcessRecord.of_this_process([]), pid=child.pid, start_time=int(stat.rpartition(")")[2].split()[19]))
    try:
        assert record.alive()
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert not record.alive()
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        child.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', "null"])
def test_a_record_that_is_damaged_is_no_record(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content, encoding="utf-8")
    assert ProcessRecord.read(tmp_path / "x.json") is None


def test_a_record_reads_as_it_was_written(tmp_path: Path) -> None:
    record = ProcessRecord.of_this_process(["a", "b c"])
    record.write(tmp_path / "x.json")
    assert ProcessRecord.read(tmp_path / "x.json") == record
