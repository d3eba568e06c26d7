"""`connectors reference`: every field, condition and reason as a page, generated from the models."""

import argparse

from connector_operator.api.reference import reference
from connector_operator.cli.generated import add_arguments, deliver
from connector_operator.cli.subcommand import Subcommands


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("reference", help="print the reference of all kinds as Markdown, or write reference.md")
    add_arguments(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print, write or compare the page."""
    return deliver({"reference.md": reference()}, options)
