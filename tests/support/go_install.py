"""Programs that tests run and nobody ships: built once from their Go modules into the cache."""

import os
import shutil
from pathlib import Path

from local_cluster.cache import Cache, cache_root
from local_cluster.prerequisites import current_environment
from local_cluster.progress import LongCommand, run


def installed(entry: str, title: str, package: str, *, within: Path | None = None) -> Path:
    """The folder with what `go install` makes of a package, `within` a module or by its version; RuntimeError without Go."""
    if not shutil.which("go"):
        raise RuntimeError(f"no Go here: install it to build {title} with")

    def build(folder: Path) -> None:
        run(
            LongCommand(
                title=f"building {title} from source: some minutes, once …",
                argv=["go", "install", package],
                log=folder / "build.log",
                directory=within or folder,
                environment={**os.environ, "GOBIN": str(folder), "GOWORK": "off"},
            )
        )

    return Cache(cache_root(current_environment())).obtain(f"programs/{entry}", build)
