"""The committed element templates of the out-of-the-box connectors, and the guard of their versions."""

import json
from pathlib import Path
from typing import Any

import pytest

from connector_runtime.cli import main
from connector_runtime.loading import builtin_names
from connector_runtime.template_files import LOCK, TemplateFilesError, template_files
from connector_runtime.templates import ElementTemplate

COMMITTED = Path(__file__).parents[3] / "runtime-image" / "element-templates"


def made(version: int = 1, **members: Any) -> dict[str, ElementTemplate]:
    return {"greeting": ElementTemplate("acme:greeting:1", version, {"id": "acme:greeting:1", "version": version, **members})}


def written(folder: Path, templates: dict[str, ElementTemplate]) -> dict[str, str]:
    template_files(templates, folder).write(folder)
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_committed_templates_are_those_of_the_connectors() -> None:
    assert main(["template", "--all", "--to", str(COMMITTED), "--check"]) == 0
    assert {path.stem for path in COMMITTED.glob("*.json")} == set(builtin_names())


def test_a_second_run_writes_the_same_bytes(tmp_path: Path) -> None:
    assert main(["template", "--all", "--to", str(tmp_path)]) == 0
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert main(["template", "--all", "--to", str(tmp_path)]) == 0
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first


def test_changed_content_needs_a_higher_version_and_the_error_names_both_hashes_and_the_fix(tmp_path: Path) -> None:
    before, after = made(), made(name="More")
    files = written(tmp_path, before)
    with pytest.raises(TemplateFilesError) as caught:
        template_files(after, tmp_path)
    assert str(caught.value) == (
        "cannot publish element template 'acme:greeting:1' version 1 of connector 'greeting': its content changed, "
        f"sha256 was {before['greeting'].digest} and is {after['greeting'].digest}; set version=2 in its @connector"
    )
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == files


def test_a_higher_version_is_published_and_the_old_hash_stays_known(tmp_path: Path) -> None:
    written(tmp_path, made(9))
    files = written(tmp_path, made(10, name="More"))
    assert json.loads(files[LOCK]) == {
        "acme:greeting:1": {"9": made(9)["greeting"].digest, "10": made(10, name="More")["greeting"].digest}
    }
    assert list(json.loads(files[LOCK])["acme:greeting:1"]) == ["9", "10"]


def test_a_version_below_the_newest_is_refused(tmp_path: Path) -> None:
    written(tmp_path, made(3))
    with pytest.raises(TemplateFilesError, match=r"version 3 was published before .*; set version=4 in its @connector"):
        template_files(made(2), tmp_path)


def test_a_connector_that_is_gone_takes_its_file_along_and_leaves_its_hashes(tmp_path: Path) -> None:
    before = written(tmp_path, made())
    assert written(tmp_path, {}) == {LOCK: before[LOCK]}


def test_a_check_names_the_file_that_is_out_of_date_and_writes_nothing(tmp_path: Path) -> None:
    written(tmp_path, made())
    (tmp_path / "greeting.json").write_text("{}")
    (tmp_path / "foreign.json").write_text("{}")
    files = template_files(made(), tmp_path)
    with pytest.raises(TemplateFilesError, match=r"greeting\.json', '.*foreign\.json'; run `connector-runtime template --all"):
        files.check(tmp_path)
    assert (tmp_path / "greeting.json").read_text() == "{}"


def test_a_lock_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text("<<<<")
    with pytest.raises(TemplateFilesError, match=r"versions\.lock': .*; restore it"):
        template_files(made(), tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [[], ["--all"], ["http-json", "--to", "x"], ["http-json", "--check"], ["http-json", "--all", "--to", "x"]],
)
def test_half_an_order_is_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", *arguments]) == 2
    assert "name one ENTRY, or write --all --to FOLDER [--check]" in capsys.readouterr().err
