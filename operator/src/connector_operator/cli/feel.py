"""`connectors feel`: what an expression of a diagram gives, without deploying the diagram.

The interpreter is the runtime's, which the operator does without: on a desk it comes with the package `connector-runtime`.
"""

import argparse

from connector_operator.cli.files import FileError
from connector_operator.cli.subcommand import Subcommands


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("feel", help="evaluate a FEEL expression over the JSON of a file, as in a job")
    try:
        from camunda_feel import command  # noqa: PLC0415 - the operator's image does not have it
    except ImportError:
        parser.add_argument("anything", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
        parser.set_defaults(execute=_without_interpreter)
        return
    command.add_arguments(parser)
    parser.set_defaults(execute=command.execute)


def _without_interpreter(_: argparse.Namespace) -> int:
    msg = "cannot evaluate FEEL here: the interpreter is part of the package 'connector-runtime'; install it beside this one"
    raise FileError(msg)
