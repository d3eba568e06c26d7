"""The Zeebe distribution, fetched by Maven and unpacked once."""

import hashlib
import tarfile
from collections.abc import Mapping
from pathlib import Path

from local_cluster import versions
from local_cluster.cache import Cache
from local_cluster.errors import LocalClusterError
from local_cluster.prerequisites import Purpose, require
from local_cluster.progress import LongCommand, run

_ENTRY = f"zeebe/{versions.ZEEBE}-{versions.ZEEBE_SHA256[:12]}"


def is_fetched(cache: Cache) -> bool:
    """Whether nothing has to be downloaded any more."""
    return cache.entry(_ENTRY).is_dir()


def zeebe_distribution(cache: Cache, environment: Mapping[str, str]) -> Path:
    """The folder with the broker's `lib` and `config`, made once."""
    if not is_fetched(cache):
        require({Purpose.ZEEBE_DOWNLOAD}, environment, cache.root)
        cache.obtain(_ENTRY, lambda scratch: _fetch(scratch, environment))
    return cache.entry(_ENTRY)


def _fetch(folder: Path, environment: Mapping[str, str]) -> None:
    artifact = f"io.camunda:camunda-zeebe:{versions.ZEEBE}:tar.gz"
    plugin = f"org.apache.maven.plugins:maven-dependency-plugin:{versions.MAVEN_DEPENDENCY_PLUGIN}"
    run(
        LongCommand(
            title=f"fetching Zeebe {versions.ZEEBE} (300 MB) with Maven …",
            argv=["mvn", "-B", "-ntp", f"{plugin}:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"],
            log=folder / "maven.log",
            directory=folder,
            environment=environment,
        )
    )
    archive = folder / f"camunda-zeebe-{versions.ZEEBE}.tar.gz"
    with archive.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if found != versions.ZEEBE_SHA256:
        raise LocalClusterError(
            f"cannot use {archive.name}: its SHA-256 is {found}, not {versions.ZEEBE_SHA256}; delete "
            f"~/.m2/repository/io/camunda/camunda-zeebe/{versions.ZEEBE} and try again"
        )
    _unpack(archive, folder)
    archive.unlink()


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack without the archive's top folder."""
    with tarfile.open(archive) as content:
        for member in content:
            _, _, member.name = member.name.partition("/")
            if member.name:
                content.extract(member, folder, filter="data")
