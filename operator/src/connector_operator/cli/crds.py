"""`connectors crds`: the CustomResourceDefinitions, generated from the models."""

import argparse
from typing import Any

import yaml

from connector_operator.api.crd import crds
from connector_operator.cli.generated import add_arguments, deliver
from connector_operator.cli.subcommand import Subcommands

HEADER = "# Generated from operator/src/connector_operator/api by `make crds`; do not edit.\n"


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("crds", help="print the CustomResourceDefinitions, or write them to a folder")
    add_arguments(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print, write or compare one file per kind."""
    return deliver({f"{crd['metadata']['name']}.yaml": _text(crd) for crd in crds()}, options, separator="---\n")


def _text(crd: dict[str, Any]) -> str:
    return HEADER + yaml.safe_dump(crd, sort_keys=False, width=120, allow_unicode=True)
