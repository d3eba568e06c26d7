"""The image of pod sandboxes: one static program and nothing else."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from local_cluster.cache import Cache, content_key
from local_cluster.go_programs import PAUSE
from local_cluster.oci_archive import Image, ImageConfig, write_archive, write_layer


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An archive in the cache and the name of the image in it."""

    archive: Path
    reference: str


def build_sandbox_image(cache: Cache) -> StoredImage:
    """The sandbox image, built once."""
    program = PAUSE.build(cache) / "pause"
    reference = f"localhost/pause:{content_key(program)}"

    def fill(folder: Path) -> None:
        root = folder / "root"
        root.mkdir()
        shutil.copy2(program, root / "pause")
        image = Image((write_layer(root, folder / "layer.tar"),), ImageConfig(("/pause",), "65535:65535"))
        write_archive(folder / "image.tar", [reference], image)

    return StoredImage(cache.obtain(f"images/pause-{content_key(program)}", fill) / "image.tar", reference)
