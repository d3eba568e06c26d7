"""Builds Camunda's runtime from its Maven artefacts, once, into the cache."""

import os
import shutil
import subprocess
from pathlib import Path

from local_cluster import java
from local_cluster.cache import cache_root

HERE = Path(__file__).parent


def java_command() -> Path:
    """The newest Java here; raises RuntimeError when there is none that runs Zeebe."""
    chosen = java.choose(java.find_runtimes(os.environ))
    if chosen is None:
        msg = "cannot run the official runtime: install a Java runtime of version 21 or newer"
        raise RuntimeError(msg)
    return chosen.command


def official_jar() -> Path | None:
    """The runnable jar, or None where there is no Maven or no JDK to build it."""
    folder = cache_root(os.environ) / "official-runtime"
    jar = folder / "target" / "official-runtime.jar"
    home = java_command().resolve().parents[1]
    if not jar.is_file() and shutil.which("mvn") and (home / "bin" / "javac").is_file():
        shutil.copytree(HERE / "official", folder, dirs_exist_ok=True)
        command = ("mvn", "-q", "-B", "-DskipTests", "package")
        subprocess.run(command, cwd=folder, env={**os.environ, "JAVA_HOME": str(home)}, check=True)
    return jar if jar.is_file() else None
