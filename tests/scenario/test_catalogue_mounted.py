"""A mounted catalogue as a folder for Desktop Modeler, in the layout in which a kubelet mounts ConfigMaps.

The kubelet writes a folder with a time in its name, points `..data` at it, and every key at a file behind `..data`; an update is
a new folder and another `..data`: https://pkg.go.dev/k8s.io/kubernetes/pkg/volume/util#AtomicWriter. Desktop Modeler looks for
`element-templates/**/*.json`, with dot files and through symbolic links, so it would find all three.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from scenario_world import World, element_template

from connector_operator.domain.objects import CONFIG_MAP


class Mount:
    """A ConfigMap volume as the kubelet keeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._times = 0

    def update(self, data: Mapping[str, str]) -> None:
        """Show this content, all at once."""
        self._times += 1
        content = self.folder / f"..2026_11_24_12_00_{self._times:02}.1"
        content.mkdir(parents=True)
        for key, text in data.items():
            (content / key).write_text(text, encoding="utf-8")
        link = self.folder / "..data_tmp"
        link.symlink_to(content.name)
        before = (self.folder / "..data").readlink() if self._times > 1 else None
        link.rename(self.folder / "..data")
        self._point_at(data)
        if before:
            shutil.rmtree(self.folder / before)

    def _point_at(self, data: Mapping[str, str]) -> None:
        shown = {path.name for path in self.folder.iterdir() if not path.name.startswith("..")}
        for key in data.keys() - shown:
            (self.folder / key).symlink_to(f"..data/{key}")
        for key in shown - data.keys():
            (self.folder / key).unlink()


def _found(folder: Path) -> list[str]:
    """What `element-templates/**/*.json` finds with dot files and through symbolic links, as Desktop Modeler looks."""
    walked = os.walk(folder / "element-templates", followlinks=True)
    return sorted(name for _, _, names in walked for name in names if name.endswith(".json"))


async def _world(tmp_path: Path) -> tuple[World, Mount]:
    world = World()
    world.pods.templates = {"http": [element_template("http", 1)], "crm-lookup": [element_template("crm")]}
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    await world.settle_rolled_out()
    mount = Mount(tmp_path / "catalogue")
    mount.update(world.get(CONFIG_MAP, "shop-element-templates")["data"])
    return world, mount


async def test_a_link_to_what_is_behind_the_mount_shows_every_template_once_and_follows_updates(tmp_path: Path) -> None:
    world, mount = await _world(tmp_path)
    camunda = tmp_path / "diagrams" / ".camunda"
    camunda.mkdir(parents=True)
    (camunda / "element-templates").symlink_to(mount.folder / "..data")
    assert _found(camunda) == ["crm-v1.json", "http-v1.json"]
    world.pods.templates["http"].append(element_template("http", 2))
    await world.settle_rolled_out()
    mount.update(world.get(CONFIG_MAP, "shop-element-templates")["data"])
    assert _found(camunda) == ["crm-v1.json", "http-v1.json", "http-v2.json"]
    assert {name: json.loads((camunda / "element-templates" / name).read_text()) for name in _found(camunda)} == world.catalogue()


async def test_the_mount_itself_would_show_every_template_three_times(tmp_path: Path) -> None:
    _, mount = await _world(tmp_path)
    (tmp_path / "element-templates").symlink_to(mount.folder)
    assert _found(tmp_path) == ["crm-v1.json"] * 3 + ["http-v1.json"] * 3
