"""The command line: `connectors …`, or `kubectl connectors …` when it is on the PATH."""

import argparse
import sys
from collections.abc import Sequence

from connector_operator.cli import admission, crds, diff, explain_policy, feel, lint, new, reference, render, run, templates
from connector_operator.cli.files import FileError
from connector_operator.settings import SettingsError

_COMMANDS = (run, render, diff, lint, explain_policy, new, feel, crds, admission, reference, templates)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a finding, 2 wrong usage."""
    parser = argparse.ArgumentParser(prog="connectors", description="Camunda 8 connectors on Kubernetes.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.register(commands)
    options = parser.parse_args(arguments)
    try:
        return options.execute(options)
    except (FileError, SettingsError) as error:
        print(f"connectors: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
