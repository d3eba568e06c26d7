"""Things that are made once: each is a folder that appears whole or not at all, whatever interrupts the making."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from local_cluster.progress import say


def cache_root(environment: Mapping[str, str]) -> Path:
    """Where everything is kept: `CONNECTOR_OPERATOR_CACHE`, else under `XDG_CACHE_HOME`, else under `~/.cache`."""
    if chosen := environment.get("CONNECTOR_OPERATOR_CACHE"):
        return Path(chosen).absolute()
    base = environment.get("XDG_CACHE_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".cache"
    return Path(base).absolute() / "connector-operator"


def content_key(*parts: str | Path) -> str:
    """12 hexadecimal digits that change with every text, file name and file content among the parts."""
    digest = hashlib.sha256()
    for part in parts:
        for item in _items(part):
            digest.update(len(item).to_bytes(8, "big"))
            digest.update(item)
    return digest.hexdigest()[:12]


def _items(part: str | Path) -> Iterator[bytes]:
    if isinstance(part, str):
        yield part.encode()
    elif part.is_dir():
        for file in sorted(path for path in part.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
            yield file.relative_to(part).as_posix().encode()
            yield file.read_bytes()
    else:
        yield part.read_bytes()


class Cache:
    """A folder of finished entries, each named by what it was made from."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entry(self, name: str) -> Path:
        """Where the entry of that name is, or would be."""
        return self.root / name

    def obtain(self, name: str, fill: Callable[[Path], None]) -> Path:
        """The entry's folder, made by `fill` in a scratch folder beside it when it does not exist yet."""
        target = self.entry(name)
        if target.is_dir():
            return target
        with self.lock(name):
            if not target.is_dir():  # else the process that held the lock before us made it
                self._make(target, fill)
        return target

    def _make(self, target: Path, fill: Callable[[Path], None]) -> None:
        unfinished = self.root / "unfinished"
        unfinished.mkdir(parents=True, exist_ok=True)
        for left_over in unfinished.glob(f"{target.name}.*"):  # ours to remove: we hold the entry's lock
            shutil.rmtree(left_over)
        scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=unfinished))
        scratch.chmod(0o755)
        try:
            fill(scratch)
            target.parent.mkdir(parents=True, exist_ok=True)
            scratch.rename(target)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    @contextmanager
    def lock(self, name: str) -> Generator[None]:
        """Hold the lock of that name; the kernel frees it when the holder ends, however it ends."""
        path = self.root / "locks" / f"{name.replace('/', '_')}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                say(f'waiting for process {file.read().strip() or "?"}, which holds "{name}" …')
                fcntl.flock(file, fcntl.LOCK_EX)
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield
