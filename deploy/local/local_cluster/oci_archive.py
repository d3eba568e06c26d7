"""Container images as OCI archives, with neither a builder nor a registry.

A layer is an uncompressed tar; equal content gives an equal digest, whenever and by whomever it is made. The archive
follows https://github.com/opencontainers/image-spec (image-layout.md, manifest.md, config.md).
"""

import hashlib
import io
import json
import os
import platform
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

_MEDIA: Final = "application/vnd.oci.image"
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64"}
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's tar file."""

    file: Path
    digest: str  # sha256:…
    size: int  # bytes

    @property
    def descriptor(self) -> dict[str, Any]:
        """How a manifest refers to the layer."""
        return {"mediaType": f"{_MEDIA}.layer.v1.tar", "digest": self.digest, "size": self.size}


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What a container of the image runs."""

    entrypoint: tuple[str, ...] = ()
    user: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    labels: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Image:
    """Layers and configuration; its identity is the digest of its manifest."""

    layers: tuple[Layer, ...]
    config: ImageConfig

    def config_blob(self) -> bytes:
        """The image's configuration document."""
        members: dict[str, Any] = {
            "Entrypoint": list(self.config.entrypoint),
            "User": self.config.user,
            "Env": [f"PATH={_PATH}", *(f"{name}={value}" for name, value in self.config.environment.items())],
            "Labels": dict(self.config.labels),
        }
        document = {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {name: value for name, value in members.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [layer.digest for layer in self.layers]},
        }
        return _json(document)

    def manifest_blob(self) -> bytes:
        """The image's manifest document."""
        document = {
            "schemaVersion": 2,
            "mediaType": f"{_MEDIA}.manifest.v1+json",
            "config": {"mediaType": f"{_MEDIA}.config.v1+json", **_identity(self.config_blob())},
            "layers": [layer.descriptor for layer in self.layers],
        }
        return _json(document)

    @property
    def content_tag(self) -> str:
        """A tag that changes with the image."""
        return hashlib.sha256(self.manifest_blob()).hexdigest()[:12]


def write_layer(root: Path, file: Path) -> Layer:
    """Write a folder's content as a layer: sorted, owned by root, without times, so that only content counts."""
    with tarfile.open(file, "w", format=tarfile.GNU_FORMAT) as archive:
        for path in _sorted_paths(root):
            entry = archive.gettarinfo(path, arcname=path.relative_to(root).as_posix())
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = ""
            if entry.isreg():
                with path.open("rb") as content:
                    archive.addfile(entry, content)
            else:
                archive.addfile(entry)
    return read_layer(file)


def read_layer(file: Path) -> Layer:
    """The layer that a tar file is."""
    with file.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    return Layer(file, f"sha256:{digest}", file.stat().st_size)


def _sorted_paths(root: Path) -> list[Path]:
    found: list[Path] = []
    for folder, folders, files in os.walk(root):
        found += [Path(folder, name) for name in [*folders, *files]]
    return sorted(found)


def write_archive(file: Path, references: Sequence[str], image: Image) -> None:
    """Write an archive that names the image by every reference (`localhost/name:tag`)."""
    manifest = image.manifest_blob()
    index = {
        "schemaVersion": 2,
        "mediaType": f"{_MEDIA}.index.v1+json",
        "manifests": [_index_entry(manifest, reference) for reference in references],
    }
    scratch = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with tarfile.open(scratch, "w", format=tarfile.GNU_FORMAT) as archive:
            _add(archive, "oci-layout", _json({"imageLayoutVersion": "1.0.0"}))
            _add(archive, "index.json", _json(index))
            for blob in (image.config_blob(), manifest):
                _add(archive, _blob_name(_identity(blob)["digest"]), blob)
            _add_layers(archive, image.layers)
        scratch.rename(file)
    finally:
        scratch.unlink(missing_ok=True)


def _index_entry(manifest: bytes, reference: str) -> dict[str, Any]:
    return {
        "mediaType": f"{_MEDIA}.manifest.v1+json",
        **_identity(manifest),
        "annotations": {
            "io.containerd.image.name": reference,
            "org.opencontainers.image.ref.name": reference.rpartition(":")[2],
        },
    }


def _add_layers(archive: tarfile.TarFile, layers: Iterable[Layer]) -> None:
    for digest, layer in {layer.digest: layer for layer in layers}.items():
        with layer.file.open("rb") as content:
            _add_stream(archive, _blob_name(digest), content, layer.size)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    _add_stream(archive, name, io.BytesIO(content), len(content))


def _add_stream(archive: tarfile.TarFile, name: str, content: BinaryIO, size: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = size
    archive.addfile(entry, content)


def _blob_name(digest: str) -> str:
    return f"blobs/sha256/{digest.removeprefix('sha256:')}"


def _identity(blob: bytes) -> dict[str, Any]:
    return {"digest": f"sha256:{hashlib.sha256(blob).hexdigest()}", "size": len(blob)}


def _json(document: Any) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
