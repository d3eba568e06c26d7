import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from local_cluster.cache import Cache
from local_cluster.debian_base import compile_modules
from local_cluster.errors import LocalClusterError
from local_cluster.images import PLANS, ImagePlan, pack_folder
from local_cluster.python_layers import Distribution, own_layer

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PYPROJECT = """
[project]
name = "acme-runtime"
version = "1.2.3"
[project.scripts]
acme = "acme.cli:main"
[tool.hatch.build.targets.wheel]
packages = ["src/acme"]
"""


def distribution(folder: Path) -> Distribution:
    (folder / "src" / "acme").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT, encoding="utf-8")
    (folder / "src/acme/__init__.py").touch()
    (folder / "src/acme/cli.py").write_text(
        "from importlib.metadata import version\n\n\ndef main():\n    print(version('acme-runtime'))\n    return 4\n",
        encoding="utf-8",
    )
    return Distribution.read(folder)


def unpack(layer: Path, folder: Path) -> Path:
    with tarfile.open(layer) as content:
        content.extractall(folder, filter="tar")
    return folder


def test_our_layer_holds_packages_their_compiled_form_and_commands_that_run(tmp_path: Path) -> None:
    layer = own_layer(Cache(tmp_path / "cache"), distribution(tmp_path / "source"), PYTHON)
    root = unpack(layer.file, tmp_path / "root")
    packages = root / f"usr/local/lib/python{PYTHON}/dist-packages"
    assert list((packages / "acme/__pycache__").glob("cli.*.pyc"))
    argv = [sys.executable, "-S", str(root / "usr/local/bin/acme")]
    done = subprocess.run(argv, env={"PYTHONPATH": str(packages)}, capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("1.2.3", 4)


def test_compiled_modules_name_their_place_in_the_image(tmp_path: Path) -> None:
    layer = own_layer(Cache(tmp_path / "cache"), distribution(tmp_path / "source"), PYTHON)
    packages = unpack(layer.file, tmp_path / "root") / f"usr/local/lib/python{PYTHON}/dist-packages"
    [compiled] = (packages / "acme/__pycache__").glob("cli.*.pyc")
    content = compiled.read_bytes()
    assert f"/usr/local/lib/python{PYTHON}/dist-packages/acme/cli.py".encode() in content
    assert str(tmp_path).encode() not in content


def test_our_layer_is_the_same_for_the_same_code_and_only_the_newest_is_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    source = distribution(tmp_path / "source")
    first = own_layer(cache, source, PYTHON)
    assert own_layer(cache, source, PYTHON) == first
    (source.packages[0] / "more.py").touch()
    second = own_layer(cache, source, PYTHON)
    assert second.digest != first.digest
    assert [folder / "layer.tar" for folder in (cache.root / "layers").iterdir()] == [second.file]


def test_another_python_than_the_images_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LocalClusterError, match=r"cannot compile for the image's Python 2\.7"):
        compile_modules(tmp_path, "/usr", "2.7")


def test_a_module_that_does_not_compile_is_reported_with_its_place(tmp_path: Path) -> None:
    source = distribution(tmp_path / "source")
    (source.packages[0] / "broken.py").write_text("def (:\n", encoding="utf-8")
    with pytest.raises(LocalClusterError, match=r"cannot compile(.|\n)*broken\.py"):
        own_layer(Cache(tmp_path / "cache"), source, PYTHON)


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_the_entrypoint_of_each_image_is_a_command_of_its_distribution(plan: ImagePlan) -> None:
    scripts = Distribution.read(plan.folder).scripts
    assert Path(plan.entrypoint[0]).name in scripts


def test_a_folder_is_packed_as_an_image_of_one_layer(tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "crm.py").write_text("x = 1\n", encoding="utf-8")
    packed = pack_folder(tmp_path / "code", "localhost/crm:1", tmp_path / "crm.tar")
    with tarfile.open(packed.archive) as content:
        assert len([name for name in content.getnames() if name.startswith("blobs/")]) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["code", "crm.tar"]


def test_only_a_folder_can_be_packed(tmp_path: Path) -> None:
    with pytest.raises(LocalClusterError, match="it is not a folder"):
        pack_folder(tmp_path / "none", "localhost/crm:1", tmp_path / "crm.tar")
