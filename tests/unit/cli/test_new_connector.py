"""`connectors new`: what it writes works as it is, and nothing that is there is overwritten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from connector_operator.cli import main
from connector_runtime.desk import check, template

Output = pytest.CaptureFixture[str]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    assert main(["new", "price-quote", "--job-type", "acme.io:quote:1", "--into", str(tmp_path)]) == 0
    return tmp_path / "price-quote"


def test_the_manifests_pass_lint(made: Path, capsys: Output) -> None:
    capsys.readouterr()
    assert main(["lint", str(made / "source.yaml"), str(made / "connector.yaml")]) == 0
    assert capsys.readouterr().out == "2 objects, nothing to complain about\n"


def test_the_element_template_is_what_the_runtime_generates(made: Path) -> None:
    assert json.loads((made / "price_quote.json").read_text()) == json.loads(template("price_quote:run", made))


def test_the_runtime_loads_the_function_under_its_job_type(made: Path) -> None:
    assert "job type          acme.io:quote:1" in check("price_quote:run", made)


def test_the_function_runs_with_the_variables_beside_it(made: Path) -> None:
    command = ["invoke", "price_quote:run", "--path", str(made), "--variables", str(made / "variables.json")]
    done = subprocess.run([sys.executable, "-m", "connector_runtime", *command], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {"greeting": "hello Ada, hello Ada"}


def test_its_own_test_passes(made: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        "--rootdir",
        str(made),
        str(made),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=made)
    assert (done.returncode, "3 passed" in done.stdout) == (0, True), done.stdout


def test_what_is_there_is_left_as_it_is(made: Path, capsys: Output) -> None:
    (made / "price_quote.py").write_text("mine")
    assert main(["new", "price-quote", "--into", str(made.parent)]) == 2
    assert (made / "price_quote.py").read_text() == "mine"
    assert "it is there already, and nothing in it is overwritten" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["", "Quote", "a/b", "..", "1st", "x" * 51, "json", "class", "a_b"])
def test_a_name_that_cannot_be_used_is_refused(name: str, tmp_path: Path, capsys: Output) -> None:
    assert main(["new", name, "--into", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"connectors: cannot name a connector '{name}': ")
    assert list(tmp_path.iterdir()) == []


def test_a_job_type_that_would_break_the_files_is_refused(tmp_path: Path, capsys: Output) -> None:
    assert main(["new", "quote", "--job-type", 'a"\nb: c', "--into", str(tmp_path)]) == 2
    assert "cannot use job type" in capsys.readouterr().err


def test_the_config_map_carries_the_module_as_it_is(made: Path) -> None:
    source = yaml.safe_load((made / "source.yaml").read_text())
    assert source["data"] == {"price_quote.py": (made / "price_quote.py").read_text()}
