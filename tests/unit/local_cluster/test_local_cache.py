import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from local_cluster.cache import Cache, cache_root, content_key


class Fill:
    """Writes one file, and counts how often it was asked to."""

    def __init__(self, word: str) -> None:
        self.word = word
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "word").write_text(self.word, encoding="utf-8")


def refuse(folder: Path) -> None:
    (folder / "half").touch()
    raise RuntimeError("refused")


def test_an_entry_is_filled_once_and_found_again(tmp_path: Path) -> None:
    fill = Fill("one")
    first = Cache(tmp_path).obtain("things/a", fill)
    second = Cache(tmp_path).obtain("things/a", Fill("two"))
    assert first == second == tmp_path / "things" / "a"
    assert (first / "word").read_text(encoding="utf-8") == "one"
    assert fill.calls == 1


def test_a_filling_that_fails_leaves_no_entry_and_nothing_unfinished(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with pytest.raises(RuntimeError, match="refused"):
        cache.obtain("a", refuse)
    assert not cache.entry("a").exists()
    assert list((tmp_path / "unfinished").iterdir()) == []


KILLED_WHILE_FILLING = """
import os, signal, sys
from pathlib import Path
from local_cluster.cache import Cache

def fill(folder: Path) -> None:
    (folder / "half").touch()
    os.kill(os.getpid(), signal.SIGKILL)

Cache(Path(sys.argv[1])).obtain("a", fill)
"""


def run_python(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.run([sys.executable, "-c", program, *arguments], env=environment, check=False, timeout=30)


def test_after_a_kill_in_the_middle_the_entry_is_made_anew_and_the_half_one_is_gone(tmp_path: Path) -> None:
    assert run_python(KILLED_WHILE_FILLING, str(tmp_path)).returncode == -signal.SIGKILL
    cache = Cache(tmp_path)
    assert not cache.entry("a").exists()
    made = cache.obtain("a", Fill("whole"))
    assert [file.name for file in made.iterdir()] == ["word"]
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_what_is_asked_for_at_the_same_time_is_made_once(tmp_path: Path) -> None:
    everybody_asked = threading.Barrier(2, timeout=10)
    fills = [Fill("first"), Fill("second")]

    def ask(fill: Fill) -> None:
        everybody_asked.wait()
        Cache(tmp_path).obtain("a", fill)

    threads = [threading.Thread(target=ask, args=(fill,)) for fill in fills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sum(fill.calls for fill in fills) == 1


def test_who_waits_is_told_for_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)
    told = io.StringIO()  # reading what pytest captures would empty it, perhaps while the other thread writes
    monkeypatch.setattr(sys, "stderr", told)
    sentence = f'waiting for process {os.getpid()}, which holds "local"'
    waited = threading.Event()

    def wait_for_it() -> None:
        with cache.lock("local"):
            waited.set()

    with cache.lock("local"):
        waiting = threading.Thread(target=wait_for_it)
        waiting.start()
        while sentence not in told.getvalue():
            assert not waited.is_set()
            time.sleep(0.01)
    waiting.join(10)
    assert waited.is_set()


@pytest.mark.parametrize(
    ("environment", "root"),
    [
        ({"HOME": "/home/dev"}, "/home/dev/.cache/connector-operator"),
        ({"HOME": "/home/dev", "XDG_CACHE_HOME": "/big"}, "/big/connector-operator"),
        ({"XDG_CACHE_HOME": "/big", "CONNECTOR_OPERATOR_CACHE": "/chosen"}, "/chosen"),
        ({"HOME": "/home/dev", "XDG_CACHE_HOME": ""}, "/home/dev/.cache/connector-operator"),
    ],
)
def test_the_most_particular_setting_decides_where_the_cache_is(environment: dict[str, str], root: str) -> None:
    assert cache_root(environment) == Path(root)


def test_a_key_changes_with_a_file_name_and_its_content_and_with_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a.go").write_text("package a", encoding="utf-8")
    key = content_key(source, "v1")
    os.utime(source / "a.go", (1, 1))
    assert content_key(source, "v1") == key
    assert content_key(source, "v2") != key
    (source / "a.go").write_text("package b", encoding="utf-8")
    changed = content_key(source, "v1")
    assert changed != key
    (source / "a.go").rename(source / "b.go")
    assert content_key(source, "v1") not in {key, changed}


def test_texts_that_only_join_to_the_same_have_different_keys() -> None:
    assert content_key("ab", "c") != content_key("a", "bc")
