"""`connectors templates …`: element templates on an author's desk."""

from connector_operator.cli import templates_lint, templates_pull, templates_push
from connector_operator.cli.subcommand import Subcommands

_COMMANDS = (templates_lint, templates_pull, templates_push)


def register(commands: Subcommands) -> None:
    """Add the group and its commands to the parser."""
    parser = commands.add_parser("templates", help="check, fetch and hand over element templates")
    group = parser.add_subparsers(dest="templates_command", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        module.register(group)
