"""The project's images: base, locked packages, own code; each named by its content, so that a change is a new name."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_cluster.cache import Cache
from local_cluster.debian_base import CERTIFICATES, USER, BaseLayer, build_base
from local_cluster.errors import LocalClusterError
from local_cluster.oci_archive import Image, ImageConfig, Layer, write_archive, write_layer
from local_cluster.prerequisites import Purpose, require
from local_cluster.python_layers import PROJECT, Distribution, own_layer, third_party_layer
from local_cluster.sandbox_image import StoredImage

_ENVIRONMENT: Final = {
    "PYTHONUNBUFFERED": "1",
    "PYTHONDONTWRITEBYTECODE": "1",  # all is compiled, and the root file system is read-only
    "SSL_CERT_FILE": CERTIFICATES,
}


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """One of our images: a distribution and what its container runs."""

    name: str
    folder: Path
    entrypoint: tuple[str, ...]


PLANS: Final = (
    ImagePlan("connector-operator", PROJECT, ("/usr/local/bin/connectors", "run")),
    ImagePlan("connector-runtime", PROJECT / "runtime-image", ("/usr/local/bin/connector-runtime", "run")),
)
BASE_NAME: Final = "python-base"


def build_images(cache: Cache, environment: Mapping[str, str]) -> dict[str, StoredImage]:
    """Our images and their base by name, built where something changed.

    The base is an image too: a Python without packages, for pods that tests talk to.
    """
    require({Purpose.IMAGES}, environment, cache.root)
    with cache.lock("images"):
        base = build_base(cache, environment)
        built = {BASE_NAME: _store(cache, BASE_NAME, Image((base.layer,), _config(())))}
        for plan in PLANS:
            image = Image(_layers(cache, plan, base, environment), _config(plan.entrypoint))
            built[plan.name] = _store(cache, plan.name, image)
    return built


def _layers(cache: Cache, plan: ImagePlan, base: BaseLayer, environment: Mapping[str, str]) -> tuple[Layer, ...]:
    distribution = Distribution.read(plan.folder)
    packages = third_party_layer(cache, distribution, base.python, environment)
    return base.layer, packages, own_layer(cache, distribution, base.python)


def _config(entrypoint: tuple[str, ...]) -> ImageConfig:
    return ImageConfig(entrypoint, f"{USER}:{USER}", _ENVIRONMENT)


def _store(cache: Cache, name: str, image: Image) -> StoredImage:
    """The archive of the image's newest content: one file per name, replaced whole."""
    folder = cache.root / "images"
    folder.mkdir(parents=True, exist_ok=True)
    stored = StoredImage(folder / f"{name}.tar", f"localhost/{name}:{image.content_tag}")
    note = folder / f"{name}.reference"
    if not stored.archive.exists() or not note.exists() or note.read_text(encoding="utf-8") != stored.reference:
        note.unlink(missing_ok=True)
        write_archive(stored.archive, [stored.reference], image)
        note.write_text(stored.reference, encoding="utf-8")
    return stored


def pack_folder(folder: Path, reference: str, archive: Path) -> StoredImage:
    """An image of one layer that holds a folder's content, such as an OCI artifact with a Connector's Python files."""
    if not folder.is_dir():
        raise LocalClusterError(f'cannot pack "{folder}": it is not a folder')
    layer_file = archive.with_suffix(".layer")
    try:
        image = Image((write_layer(folder, layer_file),), ImageConfig())
        write_archive(archive, [reference], image)
    finally:
        layer_file.unlink(missing_ok=True)
    return StoredImage(archive, reference)
