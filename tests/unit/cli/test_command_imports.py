"""What a command brings into the process."""

import json
import subprocess
import sys

import pytest


def modules_of(*arguments):
    program = (
        "import json, sys\nfrom connector_operator.cli import main\n"
        f"try: main({list(arguments)!r})\nexcept SystemExit: pass\nprint(json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_the_operator_does_not_import_what_only_the_other_commands_need():
    loaded = modules_of("run", "--help")
    assert "connector_operator.cli.run" in loaded
    assert not loaded & {"connector_operator.cli.lint", "connector_operator.cli.templates"}


@pytest.mark.parametrize("given", [["--help"], ["nonsense"], []])
def test_without_a_command_that_exists_all_are_offered(given):
    loaded = modules_of(*given)
    assert {"connector_operator.cli.run", "connector_operator.cli.lint", "connector_operator.cli.templates"} <= loaded
