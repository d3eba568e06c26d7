"""`connectors templates pull`: our files follow the cluster, everybody else's are left alone."""

import json
from pathlib import Path

import pytest
from kube_fake import KubeFake
from scenario_world import World, element_template

from connector_operator.api.kinds import CONNECTOR, CONNECTOR_RUNTIME, Kind
from connector_operator.cli import main, template_folder
from connector_operator.cli.offered_templates import OfferedTemplates
from connector_operator.cli.template_folder import MANIFEST, Changes, synchronise
from connector_operator.cli.templates_pull import Pulling
from connector_operator.cluster.port import ApiUnavailable, ObjectIdentity
from connector_operator.domain.objects import CONFIG_MAP, ObjectRef


@pytest.fixture
async def world() -> World:
    world = World()
    world.pods.templates = {
        "http": [element_template("http", 1), element_template("http", 2)],
        "crm-lookup": [element_template("crm")],
    }
    world.apply("policy.yaml", "connectors.yaml", "runtime.yaml")
    await world.settle()
    world.roll_out()
    await world.settle()
    return world


async def _pull(kube: KubeFake, folder: Path, runtime: str | None = None, namespace: str = "") -> Changes:
    return await Pulling(OfferedTemplates(kube, namespace, runtime), folder).once()


def _json_files(folder: Path) -> dict[str, object]:
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("*.json")}


async def test_every_version_becomes_a_file_as_modeler_reads_it(world: World, tmp_path: Path) -> None:
    folder = tmp_path / ".camunda" / "element-templates"
    changes = await _pull(world.kube, folder)
    assert changes.written == ("crm-v1.json", "http-v1.json", "http-v2.json")
    assert _json_files(folder) == world.catalogue()


async def test_a_second_pull_touches_nothing(world: World, tmp_path: Path) -> None:
    await _pull(world.kube, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    changes = await _pull(world.kube, tmp_path)
    assert (changes.written, changes.removed, changes.kept) == ((), (), ())
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


async def test_what_was_ours_and_is_gone_is_removed_and_foreign_files_stay(world: World, tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("[]")
    await _pull(world.kube, tmp_path)
    world.delete(CONNECTOR, "http")
    await world.settle()
    changes = await _pull(world.kube, tmp_path)
    assert changes.removed == ("http-v1.json", "http-v2.json")
    assert sorted(_json_files(tmp_path)) == ["crm-v1.json", "mine.json"]


async def test_a_foreign_file_under_our_name_is_kept_and_named(world: World, tmp_path: Path) -> None:
    (tmp_path / "crm-v1.json").write_text('{"mine": true}')
    changes = await _pull(world.kube, tmp_path)
    assert changes.kept == ("crm-v1.json",)
    world.delete(CONNECTOR, "crm-lookup")
    await world.settle()
    await _pull(world.kube, tmp_path)
    assert json.loads((tmp_path / "crm-v1.json").read_text()) == {"mine": True}


async def test_a_pulled_file_that_its_reader_edited_is_neither_overwritten_nor_removed(world: World, tmp_path: Path) -> None:
    await _pull(world.kube, tmp_path)
    (tmp_path / "crm-v1.json").write_text("{}")
    assert (await _pull(world.kube, tmp_path)).kept == ("crm-v1.json",)
    world.delete(CONNECTOR, "crm-lookup")
    await world.settle()
    await _pull(world.kube, tmp_path)
    assert (tmp_path / "crm-v1.json").read_text() == "{}"


async def test_a_cluster_that_cannot_be_asked_empties_no_folder(world: World, tmp_path: Path) -> None:
    await _pull(world.kube, tmp_path)

    class Silent(KubeFake):
        async def list_metadata(self, kind: Kind, *, namespace: str = "", labelled: bool) -> list[ObjectIdentity]:
            raise ApiUnavailable("list", ObjectRef(kind, namespace, ""))

    before = _json_files(tmp_path)
    with pytest.raises(ApiUnavailable):
        await _pull(Silent(), tmp_path)
    assert _json_files(tmp_path) == before


async def test_only_the_named_runtime_is_pulled(world: World, tmp_path: Path) -> None:
    assert (await _pull(world.kube, tmp_path, runtime="other")).written == ()
    assert (await _pull(world.kube, tmp_path, namespace="other")).written == ()
    assert len((await _pull(world.kube, tmp_path, runtime="shop", namespace="shop")).written) == 3


async def test_a_disabled_catalogue_is_not_pulled(world: World, tmp_path: Path) -> None:
    await _pull(world.kube, tmp_path)
    world.edit(CONNECTOR_RUNTIME, "shop", lambda obj: obj["spec"].update(catalogue={"enabled": False}))
    await world.settle()
    assert len((await _pull(world.kube, tmp_path)).removed) == 3


async def test_a_further_look_reads_only_what_has_changed_since(world: World, tmp_path: Path) -> None:
    pulling = Pulling(OfferedTemplates(world.kube, "", None), tmp_path)
    await pulling.once()
    world.kube.fail_next("get", CONFIG_MAP, ApiUnavailable("get", ObjectRef(CONFIG_MAP, "shop", "shop-element-templates")))
    await pulling.once()
    world.edit(CONFIG_MAP, "shop-element-templates", lambda obj: obj["metadata"]["labels"].update(somebody="else"))
    with pytest.raises(ApiUnavailable):
        await pulling.once()


async def test_while_watching_a_complaint_is_made_once_until_it_is_over(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "crm-v1.json").write_text("{}")
    pulling = Pulling(OfferedTemplates(world.kube, "", None), tmp_path)
    for _ in range(3):
        await pulling.once()
    assert capsys.readouterr().err.count("is not as it was pulled: kept") == 1
    (tmp_path / "crm-v1.json").unlink()
    await pulling.once()
    (tmp_path / "crm-v1.json").write_text("{}")
    await pulling.once()
    assert capsys.readouterr().err.count("is not as it was pulled: kept") == 1


def test_our_list_is_no_file_that_modeler_takes_for_a_template(tmp_path: Path) -> None:
    synchronise(tmp_path, {"a-v1.json": "{}"})
    assert [path.name for path in tmp_path.rglob("*.json")] == ["a-v1.json"]
    assert (tmp_path / MANIFEST).exists()


@pytest.mark.parametrize("stops_at", range(1, 5))
def test_an_interruption_leaves_whole_files_and_the_next_pull_ends_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stops_at: int
) -> None:
    synchronise(tmp_path, {"a-v1.json": "{}", "old-v1.json": "{}"})
    replaced, calls = template_folder.os.replace, 0

    def replace(source: Path, target: Path) -> None:
        nonlocal calls
        calls += 1
        if calls == stops_at:
            raise KeyboardInterrupt
        replaced(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(template_folder.os, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            synchronise(tmp_path, {"a-v1.json": "{}", "b-v1.json": "{}", "c-v1.json": "{}"})
    assert all(document == {} for document in _json_files(tmp_path).values())
    synchronise(tmp_path, {"b-v1.json": "{}"})
    assert sorted(_json_files(tmp_path)) == ["b-v1.json"]


@pytest.mark.parametrize("damage", ["", "[]", '{"files": 1}', '{"files": {"../outside.json": "x"}}'])
def test_a_damaged_list_removes_nothing(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "folder"
    synchronise(folder, {"a-v1.json": "{}"})
    (tmp_path / "outside.json").write_text("mine")
    (folder / MANIFEST).write_text(damage)
    changes = synchronise(folder, {})
    assert changes.removed == ()
    assert (tmp_path / "outside.json").read_text() == "mine"
    assert (folder / "a-v1.json").exists()


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "pull", "--kubeconfig", str(tmp_path / "none"), "--dir", str(tmp_path / "to")]) == 1
    assert capsys.readouterr().err.startswith("connectors: cannot connect to a Kubernetes API server")
    assert not (tmp_path / "to").exists()
