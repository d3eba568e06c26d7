"""An environment with what the runtime's image holds: a start among development tools is another one."""

import os
import subprocess
from functools import cache
from pathlib import Path

from local_cluster.cache import cache_root

ROOT = Path(__file__).parents[3]


@cache
def image_python() -> str:
    """Its interpreter. As in the Containerfile all is compiled and installed, and only what the lock names.

    Among tools httpx imports the whole of its command line because the packages for it are there, and sources that lie in a
    folder are compiled at each start where writing byte code is off.
    """
    folder = cache_root(os.environ) / "runtime-environment"
    command = ["uv", "sync", "--frozen", "--quiet", "--no-dev", "--no-editable", "--compile-bytecode"]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run(
        [*command, "--reinstall-package", "connector-runtime", "--package", "connector-runtime"],
        cwd=ROOT,
        env=environment | {"UV_PROJECT_ENVIRONMENT": str(folder)},
        check=True,
    )
    return str(folder / "bin" / "python")
