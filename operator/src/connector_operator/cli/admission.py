"""`connectors admission`: the ValidatingAdmissionPolicies that enforce ConnectorPolicies, generated."""

import argparse

import yaml

from connector_operator.api.admission import admission_policies
from connector_operator.cli.generated import add_arguments, deliver
from connector_operator.cli.subcommand import Subcommands

HEADER = "# Generated from operator/src/connector_operator/api/admission.py by `make crds`; do not edit.\n"


def register(commands: Subcommands) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("admission", help="print the ValidatingAdmissionPolicies, or write admission-policies.yaml")
    add_arguments(parser)
    parser.set_defaults(execute=execute)


def execute(options: argparse.Namespace) -> int:
    """Print, write or compare the file."""
    text = HEADER + yaml.safe_dump_all(admission_policies(), sort_keys=False, width=120, allow_unicode=True)
    return deliver({"admission-policies.yaml": text}, options)
