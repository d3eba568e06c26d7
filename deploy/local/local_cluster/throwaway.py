"""A working folder that ends with its owner, or at the latest when the next one is made."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from local_cluster.launcher import ProcessRecord

_OWNER = "owner.json"


def make_throwaway(purpose: str, parent: Path | None = None) -> Path:
    """A new folder of this process, after removing those of the same purpose whose process is gone."""
    base = parent or Path(tempfile.gettempdir())
    prefix = f"connector-operator-{purpose}-{os.getuid()}-"
    for folder in base.glob(f"{prefix}*"):
        owner = ProcessRecord.read(folder / _OWNER)
        if owner and not owner.alive():  # without a record it may just be being made
            shutil.rmtree(folder, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
    ProcessRecord.of_this_process(sys.argv).write(made / _OWNER)
    return made


def memory_backed() -> Path | None:
    """A folder whose files live in memory, when the machine has one."""
    shared_memory = Path("/dev/shm")
    return shared_memory if shared_memory.is_dir() and os.access(shared_memory, os.W_OK) else None
