import hashlib
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local_cluster.oci_archive import Image, ImageConfig, Layer, write_archive, write_layer

CONFIG = ImageConfig(("/app", "run"), "10001:10001", {"A": "1"}, {"org.example": "x"})


def tree(folder: Path) -> Path:
    (folder / "app").mkdir(parents=True)
    (folder / "app" / "main.py").write_text("print(1)\n", encoding="utf-8")
    (folder / "app" / "run").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "app" / "run").chmod(0o755)
    (folder / "bin").symlink_to("app")
    return folder


@pytest.fixture
def layer(tmp_path: Path) -> Layer:
    return write_layer(tree(tmp_path / "root"), tmp_path / "layer.tar")


def archive_blobs(archive: Path) -> dict[str, bytes]:
    with tarfile.open(archive) as content:
        members = {member.name: content.extractfile(member) for member in content}
        return {name: file.read() for name, file in members.items() if file}


def follow(blobs: dict[str, bytes], descriptor: dict[str, Any]) -> bytes:
    """The blob that a descriptor names, after checking the descriptor against it."""
    algorithm, _, digest = descriptor["digest"].partition(":")
    blob = blobs[f"blobs/{algorithm}/{digest}"]
    assert hashlib.sha256(blob).hexdigest() == digest
    assert len(blob) == descriptor["size"]
    return blob


def test_every_descriptor_of_an_archive_fits_its_blob(tmp_path: Path, layer: Layer) -> None:
    write_archive(tmp_path / "image.tar", ["localhost/a:1"], Image((layer,), CONFIG))
    blobs = archive_blobs(tmp_path / "image.tar")
    assert json.loads(blobs["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}
    [entry] = json.loads(blobs["index.json"])["manifests"]
    manifest = json.loads(follow(blobs, entry))
    config = json.loads(follow(blobs, manifest["config"]))
    layers = [follow(blobs, descriptor) for descriptor in manifest["layers"]]
    # uncompressed, so that the layer's identity and that of its content are the same
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(blob).hexdigest()}" for blob in layers]


def test_an_archive_says_what_a_container_runs(tmp_path: Path, layer: Layer) -> None:
    document = json.loads(Image((layer,), CONFIG).config_blob())
    assert document["os"] == "linux"
    assert document["config"]["Entrypoint"] == ["/app", "run"]
    assert document["config"]["User"] == "10001:10001"
    assert "A=1" in document["config"]["Env"]
    assert document["config"]["Labels"] == {"org.example": "x"}


def test_an_image_can_have_several_names(tmp_path: Path, layer: Layer) -> None:
    write_archive(tmp_path / "image.tar", ["localhost/a:1", "localhost:5000/b:two"], Image((layer,), CONFIG))
    index = json.loads(archive_blobs(tmp_path / "image.tar")["index.json"])
    names = [
        (entry["annotations"]["io.containerd.image.name"], entry["annotations"]["org.opencontainers.image.ref.name"])
        for entry in index["manifests"]
    ]
    assert names == [("localhost/a:1", "1"), ("localhost:5000/b:two", "two")]


def test_a_layer_that_is_used_twice_is_stored_once(tmp_path: Path, layer: Layer) -> None:
    write_archive(tmp_path / "image.tar", ["localhost/a:1"], Image((layer, layer), CONFIG))
    with tarfile.open(tmp_path / "image.tar") as content:
        names = content.getnames()
    assert len(names) == len(set(names)) == 5


def test_a_layer_holds_files_modes_and_links_and_belongs_to_root(layer: Layer) -> None:
    with tarfile.open(layer.file) as content:
        members = {member.name: member for member in content}
    assert list(members) == ["app", "app/main.py", "app/run", "bin"]
    assert members["app/run"].mode & 0o777 == 0o755
    assert members["bin"].linkname == "app"
    assert {(member.uid, member.gid, member.mtime, member.uname) for member in members.values()} == {(0, 0, 0, "")}


def age(root: Path) -> None:
    for path in root.rglob("*"):
        os.utime(path, (1, 1), follow_symlinks=False)


def test_equal_content_gives_an_equal_layer_whenever_it_was_written(tmp_path: Path, layer: Layer) -> None:
    other = tree(tmp_path / "elsewhere")
    age(other)
    assert write_layer(other, tmp_path / "other.tar").digest == layer.digest


def change_content(root: Path) -> None:
    (root / "app" / "main.py").write_text("print(2)\n", encoding="utf-8")


def change_mode(root: Path) -> None:
    (root / "app" / "main.py").chmod(0o755)


def change_name(root: Path) -> None:
    (root / "app" / "main.py").rename(root / "app" / "other.py")


def change_link(root: Path) -> None:
    (root / "bin").unlink()
    (root / "bin").symlink_to("app/run")


@pytest.mark.parametrize("change", [change_content, change_mode, change_name, change_link])
def test_a_change_gives_another_layer_and_another_tag(tmp_path: Path, layer: Layer, change: Callable[[Path], None]) -> None:
    other = tree(tmp_path / "elsewhere")
    change(other)
    changed = write_layer(other, tmp_path / "other.tar")
    assert changed.digest != layer.digest
    assert Image((changed,), CONFIG).content_tag != Image((layer,), CONFIG).content_tag


def test_a_tag_changes_with_the_configuration(layer: Layer) -> None:
    assert Image((layer,), CONFIG).content_tag != Image((layer,), ImageConfig(("/other",))).content_tag


def test_an_archive_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path, layer: Layer) -> None:
    archive = tmp_path / "image.tar"
    write_archive(archive, ["localhost/a:1"], Image((layer,), CONFIG))
    before = archive.read_bytes()
    gone = Layer(tmp_path / "gone.tar", "sha256:0", 1)
    with pytest.raises(FileNotFoundError):
        write_archive(archive, ["localhost/a:2"], Image((layer, gone), CONFIG))
    assert archive.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*image.tar*")) == ["image.tar"]
